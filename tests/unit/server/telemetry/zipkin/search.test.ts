import { describe, expect, it } from 'vitest'
import { askFor } from '#server/telemetry/zipkin/question'
import type { TraceQuery } from '#server/telemetry/ports'
import { request as requestOf, span as spanOf, start, traceIdOf, window } from '../../../../contract/build-spans'
import { createFakeClock } from '../../../../support/fake-clock'
import { startZipkinDouble, type Storage } from '../../../../support/zipkin/double'
import { toZipkin } from '../../../../support/zipkin/from-spans'
import { createZipkinAt } from '../../../../support/zipkin/source'

/** Many numbers, all of as many digits: the kit's padding would take 2 and 0x22 for one. */
const apart = 0x100000
const numbered = ({ trace = 1, id, parent, ...rest }: { trace?: number, id: number, parent?: number }) => ({ trace: apart + trace, id: apart + id, ...(parent !== undefined && { parent: apart + parent }), ...rest })
const span = (drawn: Parameters<typeof spanOf>[0]) => spanOf(numbered(drawn) as typeof drawn)
const request = (drawn: Parameters<typeof requestOf>[0]) => requestOf(numbered(drawn) as typeof drawn)
const trace = (n: number) => traceIdOf(apart + n)

async function holding(spans: Parameters<typeof toZipkin>[0], storage: Storage = 'memory') {
  const zipkin = await startZipkinDouble(storage)
  zipkin.add(toZipkin(spans))
  return { zipkin, source: createZipkinAt(zipkin.url, { clock: createFakeClock() }), searches: () => zipkin.hits.filter(({ path }) => path.startsWith('/api/v2/traces')) }
}

async function readAll(source: Awaited<ReturnType<typeof holding>>['source'], query: Partial<TraceQuery>) {
  const ids: string[] = []
  let pages = 0
  let cursor: string | undefined
  do {
    const page = await source.search({ window, limit: 7, ...query, ...(cursor && { cursor }) })
    ids.push(...page.traces.map(trace => trace.traceId))
    cursor = page.next
    pages++
  } while (cursor && pages < 500)
  return { ids, pages }
}

describe.each(['memory', 'elasticsearch', 'cassandra'] as const)('paging through Zipkin over %s', (storage) => {
  // Requests of very different lengths, with work that goes on long after they were answered, some at one moment.
  const random = createRandom(7)
  const traces = Array.from({ length: 160 }, (_, i) => {
    const from = Math.floor(random() * 40) * 1_000
    const late = random() < 0.2 ? Math.floor(random() * 50_000) : Math.floor(random() * 300)
    return [
      request({ trace: i + 1, id: 3 * i + 1, route: '/orders', service: 'gateway', from, to: from + 20 }),
      span({ trace: i + 1, id: 3 * i + 2, parent: 3 * i + 1, service: 'shop', from: from + 5, to: from + 10 }),
      span({ trace: i + 1, id: 3 * i + 3, parent: 3 * i + 2, service: i % 3 ? 'worker' : 'mailer', kind: 'consumer', from: from + late, to: from + late + 10, attributes: { half: String(i % 2) } }),
    ]
  })
  const startOf = (service?: string) => (i: number) => traces[i]!.find(each => service === undefined || each.service === service)!.start

  it.each<[string, Partial<TraceQuery>, string | undefined, (i: number) => boolean]>([
    ['everything', {}, undefined, () => true],
    ['what a late service did', { service: 'worker' }, 'worker', i => i % 3 !== 0],
    ['an attribute of a late span', { attributes: [{ key: 'half', value: '1' }] }, undefined, i => i % 2 === 1],
    ['a service and an attribute of another', { service: 'shop', attributes: [{ key: 'half', value: '1' }] }, 'shop', i => i % 2 === 1],
  ])('gives %s once each, the newest first', async (_, query, service, isWanted) => {
    const { source } = await holding(traces.flat(), storage)
    const { ids } = await readAll(source, query)
    const wanted = traces.map((_, i) => i).filter(isWanted).sort((a, b) => startOf(service)(b) - startOf(service)(a))
    expect(ids.toSorted()).toEqual(wanted.map(i => trace(i + 1)).toSorted())
    const times = ids.map(id => startOf(service)(traces.findIndex(([root]) => root!.traceId === id)))
    expect(times).toEqual(times.toSorted((a, b) => b - a))
  })

  it('gives all that began in the same milliseconds', async () => {
    const together = Array.from({ length: 90 }, (_, i) => request({ trace: i + 1, id: i + 1, route: '/orders', service: 'gateway', from: 500 + i / 8, to: 520 + i / 8 }))
    const { source } = await holding(together, storage)
    for (const query of [{}, { service: 'gateway' }]) expect((await readAll(source, query)).ids.toSorted()).toEqual(together.map(({ traceId }) => traceId).toSorted())
  })

  it('looks at newer traces only for what is asked of a past window', async () => {
    const { source } = await holding(traces.flat(), storage)
    const past = { from: new Date(start / 1000 + 5_000), to: new Date(start / 1000 + 15_000) }
    const { ids } = await readAll(source, { window: past })
    const late = await readAll(source, { window: past, service: 'shop', attributes: [{ key: 'half', value: '0' }] })
    expect(late.ids.every(id => ids.includes(id))).toBe(true)
    const wanted = traces.filter(([root]) => root!.start >= past.from.getTime() * 1000 && root!.start < past.to.getTime() * 1000)
    expect(ids.toSorted()).toEqual(wanted.map(([root]) => root!.traceId).toSorted())
  })
})

describe('what storages cut', () => {
  describe.each(['memory', 'elasticsearch', 'cassandra'] as const)('of traces that have many spans in each service, over %s', (storage) => {
    const traces = Array.from({ length: 60 }, (_, i) => [
      request({ trace: i + 1, id: 40 * i + 1, route: '/orders', service: 'busy', from: i * 400, to: i * 400 + 300 }),
      ...Array.from({ length: 15 }, (_, n) => span({ trace: i + 1, id: 40 * i + 2 + n, parent: 40 * i + 1, service: 'busy', name: `step ${n % 3}`, from: i * 400 + n, attributes: { shard: 'one', half: String(i % 2) } })),
      // A service with few spans says nothing of what is missing of the busy one.
      ...(i % 20 === 0 ? [span({ trace: i + 1, id: 40 * i + 30, parent: 40 * i + 1, service: 'rare', from: i * 400 + 20 })] : []),
    ])

    it.each<[Partial<TraceQuery>, (i: number) => boolean]>([
      [{}, () => true], [{ service: 'busy' }, () => true], [{ service: 'busy', operation: 'step 1' }, () => true], [{ operation: 'step 1' }, () => true],
      [{ attributes: [{ key: 'shard', value: 'one' }] }, () => true], [{ attributes: [{ key: 'shard', value: 'one' }, { key: 'half', value: '1' }] }, i => i % 2 === 1], [{ minDuration: 200_000 }, () => true],
    ])('is none that is searched for by %j', async (query, isWanted) => {
      const { source } = await holding(traces.flat(), storage)
      const { ids, pages } = await readAll(source, { limit: 25, ...query })
      expect(pages).toBeLessThan(10)
      expect(ids.toSorted()).toEqual(traces.flatMap(([root], i) => (isWanted(i) ? [root!.traceId] : [])).toSorted())
    })
  })

  it('asks for fewer traces at once where an answer was cut, so that each is whole', async () => {
    const traces = Array.from({ length: 12 }, (_, t) => Array.from({ length: 1_500 }, (_, i) => span({ trace: t + 1, id: t * 2_000 + i + 1, ...(i && { parent: t * 2_000 + 1 }), from: t * 1_000 })))
    const { source } = await holding(traces.flat(), 'elasticsearch')
    const page = await source.search({ window, limit: 12 })
    expect(page.traces.map(trace => trace.spans)).toEqual(Array.from({ length: 12 }, () => 1_500))
    expect(page.warnings).toEqual([])
  })

  it('warns of a trace that is exactly as large as Elasticsearch lets it be', async () => {
    const { source } = await holding(Array.from({ length: 12_000 }, (_, i) => span({ id: i + 1, ...(i && { parent: 1 }) })), 'elasticsearch')
    expect((await source.skeleton(trace(1)))!.warnings).toEqual([{ source: 'zipkin', code: 'span_cap', params: { count: 10_000 } }])
    expect((await source.search({ window, limit: 5 })).warnings).toMatchObject([{ code: 'span_cap' }])
  })
})

describe('a search within its budget', () => {
  it('says how far it looked, and goes on from there', async () => {
    const { zipkin, source } = await holding(Array.from({ length: 6_000 }, (_, i) => request({ trace: i + 1, id: i + 1, route: '/orders', service: 'gateway', from: i * 50, to: i * 50 + 10, status: i === 3 ? 404 : 200 })))
    const page = await source.search({ window, limit: 5, service: 'gateway', statusClass: 4 })
    expect(page.traces).toEqual([])
    expect(page.next).toBeDefined()
    expect(page.searchedTo > window.from && page.searchedTo < window.to).toBe(true)
    expect(zipkin.hits.length).toBeLessThan(40)
    expect((await readAll(source, { service: 'gateway', statusClass: 4 })).ids).toEqual([trace(4)])
  })

  it('is an even sample for a chart, and says so', async () => {
    const { source } = await holding(Array.from({ length: 2_000 }, (_, i) => request({ trace: i + 1, id: i + 1, route: '/orders', service: 'gateway', from: i * 250, to: i * 250 + 10 })))
    const scatter = await source.scatter({ window, limit: 1 }, 2_000)
    expect([scatter.thinned, scatter.atLeast]).toEqual([true, true])
    const times = scatter.points.map(point => (point.startedAt.getTime() - window.from.getTime()) / (window.to.getTime() - window.from.getTime()))
    for (const part of [0.2, 0.4, 0.6, 0.8]) expect(times.some(time => Math.abs(time - part) < 0.1)).toBe(true)
  })

  it('tells which share was kept, where the trace state says', async () => {
    const state = (traceState: string | undefined) => Array.from({ length: 4 }, (_, i) => ({ ...span({ trace: i + 1, id: i + 1, from: i }), ...(traceState && { traceState }) }))
    expect((await (await holding(state('ot=th:c'))).source.search({ window, limit: 5 })).population).toEqual({ kind: 'kept', rate: 0.25 })
    expect((await (await holding(state(undefined))).source.search({ window, limit: 5 })).population).toEqual({ kind: 'kept' })
  })
})

describe('IN-03 what Zipkin is asked', () => {
  const ask = (query: Partial<TraceQuery>, operations: string[] = []) => askFor({ window, limit: 1, ...query }, { consumerAttributes: ['api.client.id'], operations }).params

  it.each<[Partial<TraceQuery>, Record<string, unknown>]>([
    [{ service: 'Shop', operation: 'Find Order' }, { serviceName: 'shop', spanName: 'find order' }],
    [{ service: 'shop', failed: true }, { serviceName: 'shop', annotationQuery: 'error' }],
    [{ service: 'shop', attributes: [{ key: 'a', value: 'b' }, { key: 'c', value: 'd' }] }, { annotationQuery: 'a=b and c=d' }],
    [{ attributes: [{ key: 'a', value: 'rock and roll' }] }, {}],
    [{ attributes: [{ key: 'a=b', value: 'c' }] }, {}],
    [{ attributes: [{ key: 'a', value: 'x'.repeat(300) }] }, {}],
    [{ consumer: 'acme', service: 'shop' }, { annotationQuery: 'api.client.id=acme' }],
    [{ consumer: 'unknown' }, {}],
    [{ minDuration: 5 }, { minDuration: 5 }],
    [{ service: 'shop', minDuration: 5 }, { serviceName: 'shop' }],
    [{ maxDuration: 5 }, {}],
    [{ operation: 'all' }, {}],
  ])('of %j', (query, params) => expect(Object.fromEntries(Object.entries(ask(query)).filter(([, value]) => value !== undefined))).toEqual(params))

  it('of a route by the name its server spans have, where all of them have such names', () => {
    const route = { service: 'shop', method: 'GET', routeKey: '/orders/{}' }
    expect(ask(route, ['get /orders/{id}', 'get /orders', 'post /orders/{id}', 'work'])).toEqual({ serviceName: 'shop', spanName: 'get /orders/{id}' })
    expect(ask(route, ['get /orders/{id}', 'get'])).toEqual({ serviceName: 'shop', spanName: undefined })
    expect(ask(route, ['get /orders/{id}', 'get /orders/:order'])).toEqual({ serviceName: 'shop', spanName: undefined })
  })
})

/** The same numbers in every run. */
function createRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = Math.imul(state ^ state >>> 15, 0x2C1B3C6D) + 0x9E3779B9 | 0
    return (state >>> 0) / 2 ** 32
  }
}
