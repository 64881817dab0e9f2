import { describe, expect, it } from 'vitest'
import { decodeSkeleton } from '#shared/trace/skeleton'
import { reasonOf } from '#server/telemetry/upstream/upstream'
import { MINUTE, SECOND } from '#shared/units'
import { idOf, request, span, start, traceIdOf, window } from '../../../../contract/build-spans'
import { createFakeClock } from '../../../../support/fake-clock'
import { startFaultServer, type Fault } from '../../../../support/fault-server'
import { startZipkinDouble } from '../../../../support/zipkin/double'
import { toZipkin } from '../../../../support/zipkin/from-spans'
import { createZipkinAt } from '../../../../support/zipkin/source'

async function holding(spans: object[], at = new Date(start / 1000 + 5 * MINUTE)) {
  const zipkin = await startZipkinDouble()
  zipkin.add(spans)
  const clock = createFakeClock(at)
  return { zipkin, clock, source: createZipkinAt(zipkin.url, { clock }), reads: () => zipkin.hits.filter(({ path }) => path.startsWith('/api/v2/trace/')).length }
}

describe('a trace from Zipkin', () => {
  it('is read once for all who look at its spans, and once more while it still grows', async () => {
    const { source, clock, reads } = await holding(toZipkin([span({ id: 1, to: 50 }), span({ id: 2, parent: 1 })]))
    await Promise.all([source.skeleton(traceIdOf(1)), source.skeleton(traceIdOf(1))])
    await source.span(traceIdOf(1), idOf(2))
    clock.advance(MINUTE)
    await Array.fromAsync(source.spans(traceIdOf(1)))
    await source.spansByKey(traceIdOf(1), [idOf(1), idOf(2)])
    expect(reads()).toBe(1)

    const young = await holding(toZipkin([span({ id: 1, to: 50 })]), new Date(start / 1000 + 10 * SECOND))
    expect((await young.source.skeleton(traceIdOf(1)))!.lastArrival).toEqual(new Date(start / 1000 + 50))
    young.zipkin.add(toZipkin([span({ id: 2, parent: 1 })]))
    young.clock.advance(6 * SECOND)
    expect(decodeSkeleton((await young.source.skeleton(traceIdOf(1)))!.bytes).count).toBe(2)
    expect(young.reads()).toBe(2)
  })

  it('gives each who asks bytes of their own', async () => {
    const { source } = await holding(toZipkin([span({ id: 1 })]))
    const [a, b] = await Promise.all([source.skeleton(traceIdOf(1)), source.skeleton(traceIdOf(1))])
    structuredClone(a!.bytes, { transfer: [a!.bytes] })
    expect(decodeSkeleton(b!.bytes).count).toBe(1)
  })

  it('counts spans that cannot be read, and shows the others', async () => {
    const { source } = await holding([...toZipkin([span({ id: 1 })]), { traceId: traceIdOf(1), id: 'nonsense' }, { traceId: traceIdOf(1) }])
    const { bytes, warnings } = (await source.skeleton(traceIdOf(1)))!
    expect(decodeSkeleton(bytes).count).toBe(1)
    expect(warnings).toEqual([{ source: 'zipkin', code: 'bad_spans', params: { count: 2 } }])
  })

  it('places a span without a time, and without a duration, where it does no harm', async () => {
    const { source } = await holding([...toZipkin([span({ id: 1, to: 50 })]), { traceId: traceIdOf(1), id: idOf(2), parentId: idOf(1), name: 'one-way', kind: 'PRODUCER' }])
    const skeleton = decodeSkeleton((await source.skeleton(traceIdOf(1)))!.bytes)
    expect([[...skeleton.start], [...skeleton.duration], skeleton.base]).toEqual([[0, 0], [50_000, 0], start])
    expect((await source.span(traceIdOf(1), idOf(2)))!.start).toBe(start)
  })

  it('has its clocks corrected as any other trace', async () => {
    const { source } = await holding(toZipkin([
      span({ id: 1, kind: 'client', service: 'gateway', to: 100 }), span({ id: 2, parent: 1, kind: 'server', service: 'shop', from: -30_000, to: -29_950 }),
    ]))
    const { skews } = decodeSkeleton((await source.skeleton(traceIdOf(1)))!.bytes)
    expect(skews).toMatchObject([{ service: 'shop', ahead: -30_025_000 }])
  })

  it('opens by the short form of its id, and by the long one with zeros', async () => {
    const short = traceIdOf(1).slice(16)
    const { source, zipkin } = await holding([{ ...toZipkin([span({ id: 1 })])[0], traceId: short }])
    expect(await source.skeleton(short)).toBeDefined()
    expect(zipkin.hits[0]!.path).toBe(`/api/v2/trace/${short}`)
    expect((await source.search({ window, limit: 5 })).traces.map(trace => trace.traceId)).toEqual([short.padStart(32, '0')])
  })
})

describe('a check of Zipkin', () => {
  it('finds release, storage and newest span, and no address', async () => {
    const { source } = await holding(toZipkin([request({ id: 1, route: '/orders', to: 100 })]), new Date(start / 1000 + MINUTE))
    const health = await source.check()
    expect(health).toMatchObject({ state: 'ok', version: '3.6.1', lastReceived: new Date(start / 1000 + 100), found: [{ code: 'zipkin_storage', params: { storage: 'InMemoryStorage' } }] })
    expect(JSON.stringify(health)).not.toContain('secret')
  })

  it('is late when nothing came for a while, and idle when nothing ever did', async () => {
    expect((await (await holding(toZipkin([span({ id: 1 })]), new Date(start / 1000 + 10 * MINUTE))).source.check()).state).toBe('late')
    expect((await (await holding([])).source.check()).state).toBe('idle')
  })

  it('says when search is switched off', async () => {
    const zipkin = await startZipkinDouble('memory', { searchEnabled: false })
    const source = createZipkinAt(zipkin.url)
    expect(await source.check()).toMatchObject({ state: 'ok', found: [{}, { code: 'zipkin_no_search' }] })
    expect((await source.search({ window, limit: 5 })).warnings).toEqual([{ source: 'zipkin', code: 'no_search' }])
  })

  it.each<[Record<string, unknown>, string]>([
    [{ '/health': { status: 'green', cluster_name: 'elasticsearch' } }, 'wrong_product'],
    [{}, 'not_found'],
  ])('tells another program from Zipkin: %j', async (answers, reason) => {
    const server = await startFaultServer(answers)
    expect(await createZipkinAt(server.url).check()).toMatchObject({ state: 'failed', trouble: { source: 'zipkin', reason } })
  })

  it('passes on which part of Zipkin fails, without its address', async () => {
    const server = await startFaultServer((_, response) => response.writeHead(503, { 'content-type': 'application/json' })
      .end(JSON.stringify({ status: 'DOWN', zipkin: { status: 'DOWN', details: { 'ElasticsearchStorage{initialEndpoints=http://secret:9200}': { status: 'DOWN', details: { error: 'secret' } } } } })))
    const health = await createZipkinAt(server.url).check()
    expect(health.trouble).toMatchObject({ reason: 'unhealthy', component: 'ElasticsearchStorage' })
    expect(JSON.stringify(health)).not.toContain('secret')
  })
})

describe('a Zipkin in trouble', () => {
  it.each<[Fault, string]>([['half', 'cut_off'], ['garbage', 'bad_answer'], ['wrong_shape', 'bad_answer'], ['html', 'wrong_content'], ['closes', 'cut_off'], [{ status: 500 }, 'failing'], [{ status: 401 }, 'unauthorised'], ['redirect', 'redirect']])('%j is %s for whatever is asked', async (fault, reason) => {
    const server = await startFaultServer()
    server.play(fault)
    const source = createZipkinAt(server.url)
    for (const ask of [() => source.skeleton(traceIdOf(1)), () => source.search({ window, limit: 5 }), () => Array.fromAsync(source.spans(traceIdOf(1)))]) {
      expect(await ask().then(() => undefined, reasonOf)).toBe(reason)
    }
  })

  it('IN-03 is asked for nothing that is no trace id', async () => {
    const server = await startFaultServer()
    const source = createZipkinAt(server.url)
    for (const id of ['..', '%2e%2e', '../services', 'x', '', `${traceIdOf(1)}/..`]) {
      expect([await source.skeleton(id), await source.span(id, idOf(1)), await Array.fromAsync(source.spans(id))]).toEqual([undefined, undefined, []])
    }
    expect(server.hits).toEqual([])
  })
})
