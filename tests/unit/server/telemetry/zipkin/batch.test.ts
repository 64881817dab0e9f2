import { describe, expect, it, vi } from 'vitest'
import { reasonOf } from '#server/telemetry/upstream/upstream'
import { createTraceBatch } from '#server/telemetry/zipkin/trace-batch'
import { MINUTE, SECOND } from '#shared/units'
import { request, span, start, traceIdOf } from '../../../../contract/build-spans'
import { createFakeClock } from '../../../../support/fake-clock'
import { startZipkinDouble, type Storage } from '../../../../support/zipkin/double'
import { toZipkin } from '../../../../support/zipkin/from-spans'
import { createZipkinAt } from '../../../../support/zipkin/source'

const minutes = 4
/** All of as many digits: the kit's padding would take 2 and 0x22 for one. */
const apart = 0x1000
/** Two a second from the gateway on to the shop; every fifth fails. */
const traces = Array.from({ length: 120 * minutes }, (_, i) => [
  request({ trace: apart + i, id: apart + 2 * i, route: '/orders', service: 'gateway', from: 500 * i + 100, to: 500 * i + 190, status: i % 5 ? 200 : 502 }),
  request({ trace: apart + i, id: apart + 2 * i + 1, parent: apart + 2 * i, route: '/orders/new', service: 'shop', from: 500 * i + 110, to: 500 * i + 180 }),
])
const window = { from: new Date(start / 1000), to: new Date(start / 1000 + minutes * MINUTE) }
const gateway = { service: 'gateway', method: 'GET', routeKey: '/orders' }
const shop = { service: 'shop', method: 'GET', routeKey: '/orders/new' }

async function holding(spans = traces.flat(), storage: Storage = 'memory') {
  const zipkin = await startZipkinDouble(storage)
  zipkin.add(toZipkin(spans))
  const clock = createFakeClock(window.to)
  const searches = () => zipkin.hits.filter(({ path }) => path.startsWith('/api/v2/traces?')).map(({ path }) => new URL(path, zipkin.url).searchParams)
  return { zipkin, clock, searches, source: createZipkinAt(zipkin.url, { clock }) }
}

describe('traces from Zipkin for an analysis', () => {
  it('stand for all that there were, and for as many that failed', async () => {
    const { source } = await holding()
    const { traces: { traceIds, weight }, parts: [part] } = await source.batch({ parts: [{ window, limit: 100, of: [gateway] }] })
    const sum = (isWanted: (n: number) => boolean) => traceIds.reduce((all, id, i) => all + (isWanted(traces.findIndex((_, n) => traceIdOf(apart + n) === id)) ? weight[i]! : 0), 0)
    expect(traceIds).toHaveLength(100)
    expect(part!.read).toBe(100)
    expect(sum(() => true)).toBeGreaterThan(440)
    expect(sum(() => true)).toBeLessThan(520)
    expect(sum(n => n % 5 === 0)).toBeCloseTo(96, 5)
  })

  it('stand for all that there were, where Cassandra gives a few of them for many spans', async () => {
    const inner = traces.flatMap(([root], i) => Array.from({ length: 11 }, (_, n) => span({ trace: apart + i, id: 2 * apart + 12 * i + n, parent: apart + 2 * i, service: 'gateway', from: (root!.start - start) / 1000 + n, to: (root!.start - start) / 1000 + n + 1 })))
    const { source } = await holding([...traces.flat(), ...inner], 'cassandra')
    const { traces: { traceIds, weight } } = await source.batch({ parts: [{ window, limit: 100, of: [{ service: 'gateway' }] }] })
    const all = weight.reduce((sum, each) => sum + each, 0)
    expect(traceIds.length).toBeGreaterThan(20)
    expect(all).toBeGreaterThan(360)
    expect(all).toBeLessThan(600)
  })

  it('are asked for once where the requests of one place pass the other', async () => {
    const { source, searches } = await holding()
    await source.batch({ parts: [{ window, limit: 100, of: [gateway, shop] }] })
    expect(searches().filter(asked => asked.get('serviceName') === 'shop')).toEqual([])
    const elsewhere = request({ trace: 9_000, id: 9_000, route: '/stock', service: 'stock', from: 1_000 })
    const other = await holding()
    other.zipkin.add(toZipkin([elsewhere]))
    const { traces: { traceIds } } = await other.source.batch({ parts: [{ window, limit: 100, of: [gateway, { service: 'stock' }] }] })
    expect(traceIds).toContain(elsewhere.traceId)
  })

  it('are what came in time, a few of every minute before more of any', async () => {
    const { zipkin, clock, searches, source } = await holding()
    let answered = 0
    zipkin.play(({ url }) => (!url!.startsWith('/api/v2/traces?') || answered++ < minutes ? 'none' : 'hangs'))
    const asked = source.batch({ parts: [{ window, limit: 400, of: [gateway] }] })
    await vi.waitFor(() => expect(searches().length).toBeGreaterThan(minutes))
    clock.advance(3 * SECOND)
    const { traces: { traceIds, weight }, parts: [part] } = await asked
    expect(traceIds).toHaveLength(25 * minutes)
    expect(part).toMatchObject({ read: 25 * minutes, searchedTo: window.from })
    expect(weight.reduce((all, each) => all + each, 0)).toBeGreaterThan(440)
    // That a part of it took too long is no reason to keep others from Zipkin.
    zipkin.play('none')
    expect((await source.search({ window, limit: 5 })).traces).toHaveLength(5)
  })

  it('reach as far back as there was time for, and are refused where nothing came', async () => {
    const { zipkin, clock, searches, source } = await holding()
    const newest = () => Math.max(...searches().map(asked => Number(asked.get('endTs'))))
    zipkin.play(({ url }) => (url!.includes(`endTs=${window.to.getTime()}`) || !url!.startsWith('/api/v2/traces?') ? 'none' : 'hangs'))
    const asked = source.batch({ parts: [{ window, limit: 400, of: [gateway] }] })
    await vi.waitFor(() => expect(newest()).toBe(window.to.getTime()))
    await vi.waitFor(() => expect(zipkin.open()).toBe(minutes - 1))
    clock.advance(7 * SECOND)
    await new Promise(resolve => setTimeout(resolve, 50))
    expect(zipkin.open()).toBe(minutes - 1)
    clock.advance(SECOND)
    expect((await asked).parts[0]).toMatchObject({ read: 25, searchedTo: new Date(window.to.getTime() - MINUTE) })

    zipkin.play(({ url }) => (url!.startsWith('/api/v2/traces?') ? 'hangs' : 'none'))
    const refused = source.batch({ parts: [{ window, limit: 400, of: [gateway] }] }).catch(reasonOf)
    await vi.waitFor(() => expect(zipkin.open()).toBe(minutes))
    clock.advance(8 * SECOND)
    expect(await refused).toBe('timeout')
  })

  it('are dropped where one answer cannot be had, once nothing more comes of the others', async () => {
    const told: string[] = []
    const batch = createTraceBatch({
      clock: createFakeClock(window.to),
      questionOf: async () => ({ params: {}, whole: true }),
      ask: async (_, { query }, signal) => {
        if (query.window.to.getTime() === window.to.getTime()) throw new Error('refused')
        await new Promise(resolve => setTimeout(resolve, 20))
        told.push(signal.aborted ? 'ended' : 'went on')
        throw signal.reason
      },
      take: () => Promise.reject(new Error('not asked for')),
      drop: async () => void told.push('dropped'),
    })
    await expect(batch({ parts: [{ window, limit: 100, of: [gateway] }] })).rejects.toThrow('refused')
    await vi.waitFor(() => expect(told).toEqual(['ended', 'ended', 'ended', 'dropped']))
  })
})
