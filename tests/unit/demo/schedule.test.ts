import { describe, expect, it } from 'vitest'
import { busyness, consumers, otherGap, otherRequest, processGap, processRequest, processShare } from '../../../demo/platform/schedule.ts'

/** Mulberry32: chance that comes out the same every time. */
function chance(seed: number) {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}
const range = (length: number) => Array.from({ length }, (_, i) => i)
const sum = (values: number[]) => values.reduce((total, value) => total + value, 0)

describe('the demo\'s load', () => {
  it('sends at least two requests a second to the main endpoint at the default rate', () => {
    const random = chance(1)
    for (const _ of range(50)) {
      const tenSeconds = range(20).map(() => processGap(5, random))
      expect(sum(tenSeconds)).toBeLessThan(10_000)
    }
  })

  it('sends as much over a day as it was asked to', () => {
    const day = range(24 * 60).map(minute => busyness(new Date(Date.UTC(2026, 10, 23, 0, minute))))
    expect(sum(day) / day.length).toBeGreaterThan(0.93)
    expect(sum(day) / day.length).toBeLessThan(1.07)
  })

  it('has quiet nights and busy afternoons in Korea', () => {
    const at = (hour: number) => sum(range(60).map(minute => busyness(new Date(Date.UTC(2026, 10, 23, hour - 9, minute))))) / 60
    expect(at(16)).toBeGreaterThan(1.8 * at(4))
    expect(at(11)).toBeGreaterThan(1.5 * at(4))
  })

  it('spreads the other requests around their share of the rate', () => {
    const random = chance(2)
    const at = new Date('2026-11-23T05:00:00Z')
    const gaps = range(4_000).map(() => otherGap(5, at, random))
    const perSecond = 1_000 / (sum(gaps) / gaps.length)
    expect(perSecond / (5 * (1 - processShare) * busyness(at))).toBeCloseTo(1, 1)
  })

  it('knows every consumer, and calls nothing a consumer that is none', () => {
    const random = chance(3)
    const seen = new Set(range(3_000).map(() => otherRequest(random, '2026-11-23')).map(request => request.consumer))
    for (const consumer of consumers) expect(seen).toContain(consumer)
    expect([...seen].filter(consumer => consumer && !consumers.includes(consumer as never))).toEqual([])
    expect(processRequest(random)).toMatchObject({ method: 'POST', path: '/api/v1/process' })
  })

  it('also calls what nobody registered', () => {
    const random = chance(4)
    const paths = range(3_000).map(() => otherRequest(random, '2026-11-23').path)
    expect(paths.some(path => path.endsWith('/receipt'))).toBe(true)
    expect(paths.some(path => path.endsWith('/cancel'))).toBe(true)
    expect(paths).toContain('/api/v1/settlements/2026-11-23')
  })
})
