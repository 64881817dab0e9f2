import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { durationScale, fromScale, onScale, scatterPaths } from '#shared/chart/scatter'
import { scatterTable } from '#shared/chart/scatter-table'

describe('scale of durations', () => {
  it('holds every duration and comes back from a position', () => {
    fc.assert(fc.property(fc.array(fc.integer({ min: 0, max: 4_000_000_000 }), { minLength: 1 }), (durations) => {
      const scale = durationScale(durations)
      const inside = durations.every(duration => duration <= scale.max && Math.max(1, duration) >= scale.min)
      return inside && scale.ticks.length >= 2 && Math.abs(onScale(fromScale(0.3, scale), scale) - 0.3) < 1e-6
    }))
  })

  it('writes decades where there are several, finer steps where there is one', () => {
    expect(durationScale([150_000, 8_560_000]).ticks).toEqual([100_000, 1_000_000, 10_000_000])
    expect(durationScale([12_000, 8_560_000]).ticks).toEqual([10_000, 100_000, 1_000_000, 10_000_000])
    expect(durationScale([300_000, 900_000]).ticks).toEqual([200_000, 500_000, 1_000_000, 2_000_000])
  })

  it('has one even without points', () => expect(durationScale([]).ticks.length).toBeGreaterThanOrEqual(2))
})

describe('points', () => {
  const points = { at: [0, 900_000, 1_800_000], duration: [100_000, 1_000_000, 10_000_000], outcome: 'ocf' }

  it('become one path for each outcome', () => {
    const scale = { min: 100_000, max: 10_000_000, ticks: [] }
    expect(scatterPaths(points, { width: 100, height: 50, length: 1_800_000, scale })).toEqual({
      ok: 'M0 50h0', clientError: 'M50 21l4 4-4 4-4-4z', failed: 'M97 -3l6 6m0-6l-6 6',
    })
  })

  it('become rows of figures', () => {
    expect(scatterTable(points, 1_800_000, 900_000)).toEqual([
      { at: 0, ok: 1, clientError: 0, failed: 0, median: 100_000, slowest: 100_000 },
      { at: 900_000, ok: 0, clientError: 1, failed: 1, median: 10_000_000, slowest: 10_000_000 },
    ])
  })
})
