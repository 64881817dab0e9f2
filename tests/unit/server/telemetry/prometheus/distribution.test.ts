import { describe, expect, it } from 'vitest'
import { fromBounds, quantileOf, toClasses } from '#server/telemetry/prometheus/distribution'

const bounds = (...pairs: [le: number, count: number][]) => fromBounds(pairs.map(([le, count]) => ({ le, count })))

describe('durations by class', () => {
  it('are read from cumulative counts in any order', () => {
    expect(bounds([Infinity, 10], [100, 4], [200, 9])).toEqual([{ from: 0, to: 100, requests: 4 }, { from: 100, to: 200, requests: 5 }, { from: 200, to: Infinity, requests: 1 }])
  })

  it('begin where the empty ones before them end, and a count that falls adds nothing', () => {
    expect(bounds([100, 0], [200, 5], [400, 4.9], [800, 6])).toEqual([{ from: 100, to: 200, requests: 5 }, { from: 400, to: 800, requests: 1 }])
  })

  it.each([[0.5, 150, false], [0.9, 190, false], [1, 200, false]])('have their %d quantile in proportion within a class', (q, value, beyond) => {
    expect(quantileOf(bounds([100, 0], [200, 10]), q)).toEqual({ value, beyond })
  })

  it('answer the last bound, marked, for what lies beyond it', () => {
    expect(quantileOf(bounds([100, 5], [Infinity, 10]), 0.95)).toEqual({ value: 100, beyond: true })
    expect(quantileOf(bounds([100, 0], [Infinity, 10]), 0.5)).toEqual({ value: 100, beyond: true })
  })

  it('have no quantile where nothing was counted', () => {
    expect(quantileOf([], 0.5)).toBeUndefined()
    expect(quantileOf(bounds([100, 0], [Infinity, 0]), 0.5)).toBeUndefined()
  })

  it('of senders with other bounds add up', () => {
    const both = [...bounds([100, 10], [200, 10]), ...bounds([150, 0], [300, 10])]
    expect(quantileOf(both, 0.5)).toEqual({ value: 100, beyond: false })
    expect(quantileOf(both, 0.75)!.value).toBeCloseTo(225)
    expect(toClasses(both)).toEqual([{ from: 0, to: 100, requests: 10 }, { from: 150, to: 300, requests: 10 }])
  })

  it('keep calls that took no time apart', () => {
    expect(toClasses([{ from: 0, to: 0, requests: 2 }, { from: 90, to: 100, requests: 3 }])).toEqual([{ from: 0, to: 0, requests: 2 }, { from: 90, to: 100, requests: 3 }])
    expect(quantileOf([{ from: 0, to: 0, requests: 2 }], 0.5)).toEqual({ value: 0, beyond: false })
  })
})
