import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { addUpImpact, badOf, servedRoutes, stepOf, type Hits } from '#server/incidents/impact'
import type { RequestsRow } from '#server/telemetry/ports'
import { createTestIncidents, orders, process } from '../../../support/incidents'
import { person } from '../../../support/registry'

const start = Date.parse('2026-11-23T05:00:00Z')
const window = { from: new Date(start), to: new Date(start + 60_000) }
const routes = [process, orders].map(({ service, method, routeKey }) => ({ service, method, routeKey, limit: 1_000_000 }))
const registered = new Set(routes.map(({ service, method, routeKey }) => `${service} ${method} ${routeKey}`))

const row = fc.record({
  route: fc.constantFrom(0, 1, 2), consumer: fc.constantFrom('a', 'b', 'unknown'), second: fc.integer({ min: 0, max: 59 }),
  requests: fc.integer({ min: 1, max: 50 }), failed: fc.integer({ min: 0, max: 50 }), slow: fc.option(fc.integer({ min: 0, max: 50 }), { nil: undefined }), statusClass: fc.constantFrom(2, 5),
}).map(({ route, second, requests, failed, slow, ...rest }): RequestsRow => {
  const { service, method, routeKey } = routes[route] ?? { service: 'inner', method: 'GET', routeKey: '/' }
  return { service, method, routeKey, ...rest, at: new Date(start + Math.floor(second / 10) * 10_000), requests, failed: Math.min(failed, requests), spans: requests, clientErrors: 0, duration: 0, ...(slow !== undefined && { slow: Math.min(slow, requests) }) }
})
const sum = (list: readonly Hits[], of: (hits: Hits) => number) => list.reduce((total, hits) => total + of(hits), 0)

describe('who is hurt', () => {
  it('adds up alike by consumer, by endpoint, by cell and by step, and never to more than there were', () => {
    fc.assert(fc.property(fc.array(row, { maxLength: 60 }), (rows) => {
      const impact = addUpImpact({ rows, all: rows, routes, registered, window, step: 10_000 })
      for (const parts of [impact.consumers, impact.routes, impact.cells]) {
        expect(sum(parts, ({ failed }) => failed)).toBe(impact.failed)
        expect(sum(parts, ({ total }) => total)).toBe(impact.total)
        if (impact.slow !== null) expect(sum(parts, ({ slow }) => slow!)).toBe(impact.slow)
      }
      for (const cell of impact.cells) {
        expect(cell.totals.reduce((a, b) => a + b, 0)).toBe(cell.total)
        expect(cell.fails.reduce((a, b) => a + b, 0)).toBe(cell.failed)
        expect(badOf(cell)).toBeLessThanOrEqual(cell.total)
      }
      for (const consumer of impact.consumers) expect(consumer.sent).toBeGreaterThanOrEqual(consumer.total)
      expect(impact.all).toBeGreaterThanOrEqual(impact.total)
    }))
  })

  it.each([[30_000, 10_000], [600_000, 10_000], [601_000, 60_000], [3_600_000, 60_000], [4 * 3_600_000, 600_000]])('of %d ms is shown in steps of %d ms', (length, step) => {
    expect(stepOf({ from: new Date(start), to: new Date(start + length) })).toBe(step)
  })

  it('is counted where consumers are served, not again at each further hop', () => {
    const register = { endpoints: () => [process], services: () => [], changes: () => [] }
    const inner = { service: 'business-service', method: 'POST', routeKey: '/run' }
    const topology = { calls: new Map([['api-gateway', new Set(['business-service'])]]), routes: new Map(), operations: new Map() }
    const names = (list: { service: string }[]) => list.map(({ service }) => service)
    expect(servedRoutes([inner, process], register, topology)).toMatchObject([{ service: 'api-gateway', limit: 1_000_000 }])
    expect(names(servedRoutes([inner, { ...orders }], { ...register, endpoints: () => [] }, topology))).toEqual(['api-gateway'])
    expect(names(servedRoutes([inner], register, topology))).toEqual(['business-service'])
  })
})

describe('the impact of an incident', () => {
  const operator = person('ops-01')
  const reader = { language: 'en', zone: 'UTC' } as const

  it('says who failed, who waited too long, since when, and of what share of their own traffic', async () => {
    const { clock, incidents, call, say, alert, firing } = await createTestIncidents()
    clock.advance(120_000)
    call({ consumer: 'partner-shop', status: 502, duration: 8_000_000 }, 6, 20)
    call({ consumer: 'partner-shop', duration: 2_000_000 }, 2, 5)
    call({ consumer: 'partner-shop' }, 2, 5)
    call({ consumer: 'partner-shop', method: 'GET', routeKey: orders.routeKey }, 10, 5)
    call({ consumer: 'partner-pay' }, 4, 5)
    call({}, 1, 5)
    await say(firing(alert(undefined, { onset: new Date(clock.now().getTime() - 40_000) })))
    await incidents.tier.judge(new Date(Math.ceil(clock.now().getTime() / 10_000) * 10_000))
    const { full } = incidents.read(operator, 'INC-1', reader)
    expect(full!.impact).toMatchObject({
      failed: 6, slow: 2, total: 15, share: 8 / 15,
      consumers: [{ id: 'partner-shop', failed: 6, slow: 2, total: 10, share: 8 / 20 }],
      endpoints: [{ id: process.id, failed: 6, slow: 2, limit: 1_000_000 }],
    })
  })

  it('leaves what was known while its source is away', async () => {
    const { clock, metrics, incidents, troubles, call, say, alert, firing } = await createTestIncidents()
    clock.advance(60_000)
    call({ consumer: 'partner-shop', status: 502 }, 6)
    await say(firing(alert()))
    const slot = new Date(Math.ceil(clock.now().getTime() / 10_000) * 10_000)
    await incidents.tier.judge(slot)
    metrics.down = true
    await incidents.tier.judge(slot)
    expect(troubles).toMatchObject([{ code: 'source.unavailable' }])
    expect(incidents.read(operator, 'INC-1', reader).plain.consumers).toMatchObject([{ id: 'partner-shop', failed: 6 }])
  })
})
