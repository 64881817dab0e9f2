import { describe, expect, it } from 'vitest'
import type { Span } from '#shared/trace/span'
import type { MetricSource } from '#server/telemetry/ports'
import { request, span, start, window } from './build-spans'

/**
 * What every source of RED figures promises. `holding` gives a source that has counted exactly these spans; `coarse`: its
 * quantiles are as near as its senders' bounds.
 */
export function describeMetricSource(name: string, holding: (spans: Span[]) => Promise<MetricSource>, { coarse = false } = {}) {
  describe(`metric source: ${name}`, () => {
    const calls = [
      ...Array.from({ length: 90 }, (_, i) => request({ trace: i + 1, id: i + 1, route: '/orders/{id}', consumer: 'acme', from: i * 100, to: i * 100 + 100 })),
      ...Array.from({ length: 8 }, (_, i) => request({ trace: 200 + i, id: 200 + i, route: '/orders/{id}', consumer: 'acme', from: i * 100, to: i * 100 + 1_000, status: 503 })),
      ...Array.from({ length: 2 }, (_, i) => request({ trace: 300 + i, id: 300 + i, route: '/orders', method: 'POST', from: i * 100, to: i * 100 + 10, status: 404 })),
    ]

    it('answers nothing for nothing', async () => {
      const source = await holding([])
      expect((await source.requests({ window, groupBy: ['service'] })).data).toEqual([])
      expect(await source.seen()).toEqual([])
      expect(await source.services()).toEqual([])
    })

    it('counts requests, failures and client errors, with quantiles within 5 %', async () => {
      const { data, population } = await (await holding(calls)).requests({ window, groupBy: ['service'] })
      expect(data).toMatchObject([{ service: 'shop', spans: 100, requests: 100, failed: 8, clientErrors: 2, duration: 90 * 100_000 + 8 * 1_000_000 + 2 * 10_000 }])
      expect(population).toEqual({ kind: 'all' })
      const within = coarse ? 0.5 : 0.05
      expect(Math.abs(data[0]!.p50! / 100_000 - 1)).toBeLessThan(within)
      expect(Math.abs(data[0]!.p95! / 1_000_000 - 1)).toBeLessThan(within)
      expect(Math.abs(data[0]!.p99! / 1_000_000 - 1)).toBeLessThan(within)
    })

    it('tells how many took longer than the limit of their route', async () => {
      const source = await holding(calls)
      const { data } = await source.requests({ window, groupBy: ['service', 'method', 'routeKey'], beyond: [{ service: 'Shop', method: 'GET', routeKey: '/orders/{}', limit: 500_000 }] })
      const slow = Object.fromEntries(data.map(({ method, slow }) => [method, slow]))
      expect(Math.abs(slow.GET! - 8)).toBeLessThan(coarse ? 6 : 0.5)
      expect(slow.POST).toBeUndefined()
    })

    it('groups by what is asked, in one answer', async () => {
      const { data } = await (await holding(calls)).requests({ window, groupBy: ['method', 'routeKey', 'consumer'] })
      expect(data.map(({ method, routeKey, consumer, spans }) => [method, routeKey, consumer, spans]).toSorted()).toEqual([['GET', '/orders/{}', 'acme', 98], ['POST', '/orders', 'unknown', 2]])
    })

    it.each([
      ['service', { service: 'SHOP' }, 100], ['method', { method: 'POST' }, 2], ['route key', { routeKey: '/orders/{}' }, 98], ['consumer', { consumer: 'unknown' }, 2], ['nothing known', { service: 'nobody' }, undefined],
    ])('keeps to a %s', async (_, where, spans) => {
      const { data } = await (await holding(calls)).requests({ window, groupBy: [], where })
      expect(data[0]?.spans).toBe(spans)
    })

    it('cuts the window into steps, leaving out the empty ones', async () => {
      const { data } = await (await holding([request({ trace: 1, id: 1, route: '/', from: 0 }), request({ trace: 2, id: 2, route: '/', from: 121_000 })])).requests({ window, groupBy: ['service'], step: 60_000 })
      expect(data.map(({ at, spans }) => [at!.getTime() - start / 1000, spans])).toEqual([[0, 1], [120_000, 1]])
    })

    it('does not count what the window leaves out', async () => {
      const source = await holding(calls)
      expect((await source.requests({ window: { from: new Date(start / 1000 + 60_000), to: window.to }, groupBy: ['service'] })).data).toEqual([])
    })

    it('tells edges from client spans, by whom they call', async () => {
      const source = await holding([
        span({ id: 1, kind: 'client', service: 'gateway', to: 30, attributes: { 'server.address': 'shop.internal', 'server.port': 8080 } }),
        request({ id: 2, parent: 1, route: '/orders', service: 'shop', from: 5, to: 20 }),
        span({ id: 3, parent: 2, kind: 'client', service: 'shop', name: 'SELECT', from: 6, to: 9, attributes: { 'db.system.name': 'postgresql', 'db.namespace': 'orders' } }),
        span({ id: 4, parent: 2, kind: 'client', service: 'shop', name: 'GET', from: 10, to: 19, status: 'error', attributes: { 'server.address': 'rates.example', 'server.port': 443 } }),
      ])
      const { data } = await source.operations({ window, groupBy: ['service', 'remote'], where: { kind: 'client' } })
      const row = (remote: string) => data.find(entry => entry.remote === remote)
      expect(row('shop')).toMatchObject({ service: 'gateway', remoteKind: 'service', spans: 1 })
      expect(row('postgresql/orders')).toMatchObject({ service: 'shop', remoteKind: 'database' })
      expect(row('rates.example:443')).toMatchObject({ service: 'shop', remoteKind: 'address', failed: 1 })
    })

    it('measures every operation', async () => {
      const source = await holding([span({ id: 1, name: 'Token Validation', to: 40 }), span({ id: 2, trace: 2, name: 'Token Validation', to: 40 })])
      const { data } = await source.operations({ window, groupBy: ['operation', 'kind'], where: { service: 'shop', operation: 'token validation' } })
      expect(data).toMatchObject([{ operation: 'Token Validation', kind: 'internal', spans: 2, duration: 80_000 }])
    })

    it('spreads the calls of one operation over classes of their duration', async () => {
      const call = (id: number, ms: number, address: string) => span({ trace: id, id, kind: 'client', name: 'POST', to: ms, attributes: { 'server.address': address } })
      const source = await holding([
        ...Array.from({ length: 40 }, (_, i) => call(i + 1, 100, 'bank')), ...Array.from({ length: 3 }, (_, i) => call(i + 100, 2_000, 'bank')), call(200, 0, 'bank'),
        call(201, 5_000, 'stock'), span({ trace: 300, id: 300, name: 'POST', to: 100 }), span({ trace: 301, id: 301, kind: 'client', name: 'POST', service: 'other', to: 100, attributes: { 'server.address': 'bank' } }),
      ])
      const where = { service: 'SHOP', operation: 'post', kind: 'client' as const }
      const { data, population } = await source.durations({ window, where: { ...where, remote: 'bank' } })
      expect(population).toEqual({ kind: 'all' })
      for (const [micros, requests] of [[0, 1], [100_000, 40], [2_000_000, 3]]) expect(data.filter(({ from, to }) => (micros! > from || from === micros) && micros! <= to).map(row => row.requests)).toEqual([requests])
      expect(data.reduce((sum, { requests }) => sum + requests, 0)).toBe(44)
      expect(data.every(({ from, to }, i) => from <= to && (i === 0 || from >= data[i - 1]!.to))).toBe(true)
      expect((await source.durations({ window, where })).data.reduce((sum, { requests }) => sum + requests, 0)).toBe(45)
      expect((await source.durations({ window, where: { ...where, kind: 'producer' } })).data).toEqual([])
      expect((await source.durations({ window: { from: window.to, to: new Date(window.to.getTime() + 60_000) }, where })).data).toEqual([])
    })

    it('remembers which routes were called, and since when', async () => {
      const seen = await (await holding(calls)).seen({ service: 'shop' })
      expect(seen.map(({ method, routeKey }) => `${method} ${routeKey}`).toSorted()).toEqual(['GET /orders/{}', 'POST /orders'])
      expect(seen[0]!.firstSeen.getTime()).toBeLessThanOrEqual(seen[0]!.lastSeen.getTime())
    })

    it('knows services with their versions', async () => {
      const source = await holding([span({ id: 1, resource: { 'service.version': '1.0', 'service.namespace': 'store', 'telemetry.sdk.language': 'java' } }), span({ id: 2, resource: { 'service.version': '1.1' } })])
      expect(await source.services()).toMatchObject([{ service: 'shop', namespace: 'store', language: 'java', versions: expect.arrayContaining([expect.objectContaining({ version: '1.0' }), expect.objectContaining({ version: '1.1' })]) }])
    })

    it('groups errors that say the same, or says that it cannot', async ({ skip }) => {
      const timeout = (id: number, ms: number) => span({ trace: id, id, name: 'call', status: 'error', statusMessage: `timed out after ${ms} ms`, attributes: { 'error.type': 'Timeout' } })
      const source = await holding([timeout(1, 8000), timeout(2, 8001), span({ id: 3, trace: 3, status: 'error', statusMessage: 'refused' })])
      const { data, warnings } = await source.errors({ window, service: 'shop', limit: 10, step: 60_000 })
      if (!source.capabilities.errors) {
        expect({ data, told: warnings.length }).toEqual({ data: [], told: 1 })
        return skip('no messages')
      }
      expect(data).toMatchObject([{ errorType: 'Timeout', message: 'timed out after {} ms', operation: 'call', count: 2, series: [{ at: new Date(start / 1000), count: 2 }] }, { message: 'refused', count: 1 }])
    })

    it('points at traces behind a chart', async () => {
      const source = await holding(calls)
      const exemplars = await source.exemplars({ window, groupBy: [], where: { service: 'shop', routeKey: '/orders/{}', method: 'GET' }, step: 60_000 })
      if (!source.capabilities.exemplars) return expect(exemplars).toEqual([])
      expect(exemplars.some(({ failed, duration }) => failed && duration === 1_000_000)).toBe(true)
      expect(exemplars.some(({ failed, duration }) => !failed && duration === 100_000)).toBe(true)
    })
  })
}
