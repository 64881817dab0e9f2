import { describe, expect, it } from 'vitest'
import { durationStrip } from '#shared/chart/duration-strip'

const heights = (columns: string) => [...columns.matchAll(/v-([\d.]+)/g)].map(([, height]) => Number(height))

describe('a strip of durations', () => {
  it('is as high as its classes are full, for their width', () => {
    const strip = durationStrip([{ from: 100, to: 110, requests: 50 }, { from: 110, to: 121, requests: 100 }, { from: 121, to: 146, requests: 100 }], 110)
    const [half, full, wide] = heights(strip.columns)
    expect(full).toBe(100)
    expect(half! / full!).toBeCloseTo(0.5, 1)
    expect(wide! / full!).toBeCloseTo(0.5, 1)
  })

  it('shows one call among many', () => {
    expect(heights(durationStrip([{ from: 100, to: 110, requests: 1_000_000 }, { from: 900, to: 990, requests: 1 }], 110).columns)[1]).toBeGreaterThanOrEqual(3)
  })

  it.each([['below', 10, 0], ['above', 8_000_000, 100]])('has room for what lies %s all others', (_, value, at) => {
    const strip = durationStrip([{ from: 1_000, to: 1_090, requests: 9 }], value)
    expect(strip.x(value)).toBe(at)
    expect(strip.x(1_090) - strip.x(1_000)).toBeLessThan(5)
    expect(strip.columns).toMatch(/^M[\d.]+ 100v-100h[\d.]+v100z$/)
  })

  it('stays in its box where nothing lasts', () => {
    const strip = durationStrip([{ from: 0, to: 0, requests: 30 }], 0)
    expect(strip.columns).toMatch(/^M0 100v-100h[\d.]+v100z$/)
    expect(strip.x(0)).toBe(0)
    expect(durationStrip([], 5).columns).toBe('')
  })
})
