import { describe, expect, it } from 'vitest'
import { createUsual, summarise, type Step } from '#server/monitoring/usual'
import { DAY, MINUTE, type TimeWindow } from '#shared/units'
import { createFakeClock } from '../../../support/fake-clock'
import { metricSource } from '../../../support/telemetry-sources'

const step = (requests: number, p95: number, p50 = p95 / 2): Step => ({ requests, spans: requests, p50, p95 })
const usual = (steps: Step[]) => summarise(steps, () => 'x').get('x')

describe('usual', () => {
  it('is not known from less than five minutes or twenty calls', () => {
    expect(usual([step(1_000, 90)])).toBeUndefined()
    expect(usual([step(10, 90), step(9, 90)])).toBeUndefined()
    expect(usual([step(10, 90), step(10, 90)])).toEqual({ p50: 45, p95: 90, requests: 20 })
  })

  it('is not moved by hours of trouble', () => {
    const calm = Array.from({ length: 200 }, () => step(100, 640))
    const trouble = Array.from({ length: 80 }, () => step(100, 8_500_000))
    expect(usual([...trouble, ...calm])!.p95).toBe(640)
  })

  it('counts a step for as many as called in it', () => {
    expect(usual([step(10, 5), step(10, 5), step(1_000, 700)])!.p95).toBe(700)
  })

  it('leaves out the time of incidents', async () => {
    const clock = createFakeClock()
    const at = (minutes: number) => new Date(Math.floor(clock.now().getTime() / (5 * MINUTE)) * 5 * MINUTE - minutes * MINUTE)
    const rows = [[60, 640], [55, 640], [50, 8_500_000], [45, 8_500_000], [40, 8_500_000]].map(([ago, p95]) => ({ service: 'x', at: at(ago!), failed: 0, clientErrors: 0, duration: 0, ...step(100, p95!) }))
    const usualOf = (excluded: TimeWindow[]) => createUsual({ clock, excluded: () => excluded, metrics: metricSource({ requests: async () => ({ data: rows, population: { kind: 'all' }, warnings: [] }) }) })
      .services({ from: new Date(clock.now().getTime() - 5 * MINUTE), to: clock.now() })
    expect((await usualOf([])).get('x')!.p95).toBe(8_500_000)
    expect((await usualOf([{ from: at(49), to: at(36) }])).get('x')!.p95).toBe(640)
  })

  it('looks at the 24 h before the window, and asks once for windows that move with the clock', async () => {
    const clock = createFakeClock()
    const asked: TimeWindow[] = []
    const usual = createUsual({ clock, metrics: metricSource({ async requests({ window }) {
      asked.push(window)
      return { data: [], population: { kind: 'all' }, warnings: [] }
    } }) })
    const windowNow = () => ({ from: new Date(clock.now().getTime() - 5 * MINUTE), to: clock.now() })
    await usual.services(windowNow())
    clock.advance(10_000)
    await usual.services(windowNow())
    expect(asked).toHaveLength(1)
    expect(asked[0]!.to.getTime() - asked[0]!.from.getTime()).toBe(DAY)
    expect(asked[0]!.to.getTime()).toBeLessThanOrEqual(windowNow().from.getTime())
  })

  it('knows no usual for a name under which several callees are called', async () => {
    const rows = (operation: string, remote: string, p50: number) => [0, 5].map(minute => ({
      operation, kind: 'client' as const, remote, at: new Date(minute * MINUTE), spans: 50, requests: 50, failed: 0, clientErrors: 0, duration: p50 * 50, p50, p95: p50 * 2, p99: p50 * 3,
    }))
    const data = [...rows('POST', 'auth-service', 8_000), ...rows('POST', 'business-service', 500_000), ...rows('SELECT orders', 'mysql', 12_000)]
    const usual = createUsual({ clock: createFakeClock(), metrics: metricSource({ operations: async () => ({ data, population: { kind: 'all' }, warnings: [] }) }) })
    const now = createFakeClock().now()
    expect([...(await usual.operations('api-gateway', { from: now, to: now })).keys()]).toEqual(['client SELECT orders'])
  })
})
