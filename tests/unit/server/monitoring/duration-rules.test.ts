import { describe, expect, it } from 'vitest'
import { mergeClasses, placeAmong, quantileOf } from '#server/monitoring/duration-rules'

const classes = [{ from: 90, to: 100, requests: 60 }, { from: 100, to: 110, requests: 30 }, { from: 200, to: 220, requests: 9 }, { from: 8_000, to: 8_800, requests: 1 }]

describe('where a duration lies among others', () => {
  it.each([
    ['in the middle of a class', 105, 0.6, 0.1],
    ['at the upper end of its class', 100, 0, 0.4],
    ['between two classes', 150, 0.9, 0.1],
    ['with the slowest', 8_500, 0.99, 0],
    ['above all', 9_000, 1, 0],
    ['below all', 0, 0, 1],
  ])('%s, its own class counts for neither side', (_, duration, slowerThan, fasterThan) => {
    expect(placeAmong(classes, duration)).toEqual({ calls: 100, slowerThan, fasterThan })
  })

  it('is nowhere among none', () => {
    expect(placeAmong([], 5)).toEqual({ calls: 0, slowerThan: 0, fasterThan: 0 })
    expect(quantileOf([], 0.5)).toBe(0)
  })

  it('is among calls without a duration like any other', () => {
    expect(placeAmong([{ from: 0, to: 0, requests: 2 }, { from: 1, to: 2, requests: 2 }], 0)).toEqual({ calls: 4, slowerThan: 0, fasterThan: 0.5 })
  })
})

describe('a quantile of classes', () => {
  it.each([[0.5, 95], [0.9, 105], [0.95, 210], [0.99, 210], [1, 8_381]])('%s is within its class', (share, micros) => {
    expect(quantileOf(classes, share)).toBeCloseTo(micros, -1)
  })
})

describe('classes for a picture', () => {
  const many = Array.from({ length: 200 }, (_, i) => ({ from: 1.09 ** i, to: 1.09 ** (i + 1), requests: i }))

  it('are few, and lose no call and no end', () => {
    const merged = mergeClasses(many, 40)
    expect(merged.length).toBeLessThanOrEqual(40)
    expect(merged.reduce((sum, { requests }) => sum + requests, 0)).toBe(199 * 100)
    expect([merged[0]!.from, merged.at(-1)!.to]).toEqual([many[0]!.from, many.at(-1)!.to])
    expect(merged.every(({ from }, i) => i === 0 || from >= merged[i - 1]!.to)).toBe(true)
  })

  it('stay as they are while there is room', () => {
    expect(mergeClasses(classes, 40)).toEqual(classes)
  })
})
