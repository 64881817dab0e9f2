import { describe, expect, it } from 'vitest'
import { decodeSkeleton } from '#shared/trace/skeleton'
import { base, logRequest, nanos, spanId, traceId, traceRequest, type SentSpan } from '../../../support/otlp/build'
import { createTelemetryStore } from '../../../support/telemetry-store'

// What senders in other languages, of other ages and with other clocks really send.
const window = { from: new Date(base - 3_600_000), to: new Date(base + 3_600_000) }
const skeletonOf = async (store: ReturnType<typeof createTelemetryStore>, id = traceId(1)) => decodeSkeleton((await store.traces.skeleton(id))!.bytes)

describe.each(['protobuf', 'json'] as const)('a stranger’s telemetry as %s', (encoding) => {
  it('reads a trace that is 1,000 deep', async () => {
    const store = createTelemetryStore()
    const spans = Array.from({ length: 1_000 }, (_, i): SentSpan => ({ spanId: spanId(i + 1), ...(i > 0 && { parentSpanId: spanId(i) }), from: i, to: 3_000 - i }))
    store.send('traces', traceRequest({}, spans), { encoding })
    const skeleton = await skeletonOf(store)
    expect([skeleton.count, Math.max(...skeleton.depth)]).toEqual([1_000, 999])
  })

  it('reads a parent with 20,000 children, sent in three batches', async () => {
    const store = createTelemetryStore()
    const spans = Array.from({ length: 20_001 }, (_, i): SentSpan => ({ spanId: spanId(i + 1), ...(i > 0 && { parentSpanId: spanId(1) }), from: i === 0 ? 0 : i / 100, to: i === 0 ? 300 : i / 100 + 1 }))
    for (let from = 0; from < spans.length; from += 9_000) expect(store.send('traces', traceRequest({}, spans.slice(from, from + 9_000)), { encoding })).toMatchObject({ state: 'stored', rejected: 0 })
    const skeleton = await skeletonOf(store)
    expect(skeleton.count).toBe(20_001)
    expect((await store.traces.search({ window, limit: 1 })).traces[0]).toMatchObject({ spans: 20_001, rootDuration: 300_000 })
  })

  it('OT-05 keeps every digit of times beyond 2^53', async () => {
    const store = createTelemetryStore()
    store.send('traces', traceRequest({}, [{ spanId: spanId(1), startTimeUnixNano: `${BigInt(base) * 1_000_000n + 123_456_789n}`, endTimeUnixNano: `${BigInt(base) * 1_000_000n + 123_458_790n}` }]), { encoding })
    expect(await store.traces.span(traceId(1), spanId(1))).toMatchObject({ start: base * 1000 + 123_456, duration: 2 })
    store.send('logs', logRequest({}, [{ timeUnixNano: `${BigInt(base) * 1_000_000n + 987_654_321n}` }]), { encoding })
    expect((await store.logs.search({ window, limit: 1 })).lines[0]!.nanos).toBe(`${BigInt(base) * 1_000_000n + 987_654_321n}`)
  })

  it('keeps whole numbers of 64 bits', async () => {
    const store = createTelemetryStore()
    const value = (intValue: string) => ({ intValue })
    const request = traceRequest({}, [{ spanId: spanId(1) }]) as { resourceSpans: { scopeSpans: { spans: Record<string, unknown>[] }[] }[] }
    request.resourceSpans[0]!.scopeSpans[0]!.spans[0]!.attributes = [
      { key: 'large', value: value('9223372036854775807') }, { key: 'negative', value: value('-9223372036854775808') }, { key: 'small', value: value('-5') }, { key: 'exact', value: value('9007199254740991') },
    ]
    store.send('traces', request, { encoding })
    expect((await store.traces.span(traceId(1), spanId(1)))!.attributes).toEqual({ large: '9223372036854775807', negative: '-9223372036854775808', small: -5, exact: 9007199254740991 })
  })

  it('OT-04 stores good spans and refuses those with ids that are none', async () => {
    const store = createTelemetryStore()
    const reply = store.send('traces', traceRequest({}, [
      { spanId: spanId(1) },
      { spanId: '0'.repeat(16) }, { spanId: spanId(2), traceId: '0'.repeat(32) }, { spanId: 'abcd' }, { spanId: spanId(3), traceId: 'abcd' }, { spanId: '' },
      { spanId: spanId(4), parentSpanId: spanId(4) }, { spanId: 'ABCDEF0123456789', traceId: traceId(7).toUpperCase() },
      { spanId: spanId(5), traceId: '5b8efff798038103' },
    ]), { encoding })
    expect(reply).toEqual({ state: 'stored', rejected: 5, message: '5 with an invalid id' })
    const { traces } = await store.traces.search({ window, limit: 10 })
    expect(traces.map(trace => trace.traceId).toSorted()).toEqual([traceId('5b8efff798038103'), traceId(1), traceId(7)].toSorted())
    expect((await store.traces.span(traceId(7).toUpperCase(), 'abcdef0123456789'))!.spanId).toBe('abcdef0123456789')
    expect((await skeletonOf(store, '5b8efff798038103')).count).toBe(1)
  })

  it('OT-04 reads circles and traces of a thousand roots', async () => {
    const store = createTelemetryStore()
    store.send('traces', traceRequest({}, [{ spanId: spanId(1), parentSpanId: spanId(2) }, { spanId: spanId(2), parentSpanId: spanId(3) }, { spanId: spanId(3), parentSpanId: spanId(1) }]), { encoding })
    store.send('traces', traceRequest({}, Array.from({ length: 1_000 }, (_, i) => ({ traceId: traceId(2), spanId: spanId(i + 1) }))), { encoding })
    expect((await skeletonOf(store)).count).toBe(3)
    expect((await skeletonOf(store, traceId(2))).count).toBe(1_000)
  })

  it('OT-05 clamps an end before its start and keeps durations of zero', async () => {
    const store = createTelemetryStore()
    store.send('traces', traceRequest({}, [{ spanId: spanId(1), from: 50, to: 10 }, { spanId: spanId(2), traceId: traceId(2), from: 5, to: 5 }]), { encoding })
    const { traces } = await store.traces.search({ window, limit: 10 })
    expect(traces.map(trace => trace.duration)).toEqual([0, 0])
    expect((await skeletonOf(store)).duration[0]).toBe(0)
  })

  it('OT-05 refuses what has no time, comes from the future or is older than what is kept', async () => {
    const store = createTelemetryStore()
    const day = 86_400_000
    const reply = store.send('traces', traceRequest({}, [
      { spanId: spanId(1), startTimeUnixNano: '0', endTimeUnixNano: '0' }, { spanId: spanId(2), from: 11 * 60_000 + 10_000 }, { spanId: spanId(3), from: -8 * day },
      { spanId: spanId(4), from: 9 * 60_000 }, { spanId: spanId(5), from: -6 * day }, { spanId: spanId(6), startTimeUnixNano: '0', endTimeUnixNano: nanos(base) },
      { spanId: spanId(7), to: 11 * 60_000 + 10_000 }, { spanId: spanId(8), endTimeUnixNano: String(2n ** 64n - 1n) },
    ]), { encoding })
    expect(reply).toEqual({ state: 'stored', rejected: 5, message: '1 without a time; 3 from the future; 1 older than what is kept' })
    expect((await store.traces.search({ window: { from: new Date(base - 7 * day), to: new Date(base + day) }, limit: 10 })).traces[0]!.spans).toBe(3)
  })

  it('reads a clock that is minutes ahead', async () => {
    const store = createTelemetryStore()
    store.send('traces', traceRequest({ service: 'gateway', resource: { 'host.name': 'a' } }, [{ spanId: spanId(1), kind: 2, to: 100 }, { spanId: spanId(2), parentSpanId: spanId(1), kind: 3, from: 10, to: 90 }]), { encoding })
    store.send('traces', traceRequest({ service: 'shop', resource: { 'host.name': 'b' } }, [{ spanId: spanId(3), parentSpanId: spanId(2), kind: 2, from: 300_020, to: 300_080 }]), { encoding })
    const skeleton = await skeletonOf(store)
    expect([...skeleton.parent]).toEqual([-1, 0, 1])
    expect((await store.traces.search({ window, limit: 1 })).traces[0]).toMatchObject({ rootDuration: 100_000, services: ['gateway', 'shop'] })
  })

  it('puts batches that arrive out of order together, children first', async () => {
    const store = createTelemetryStore()
    const root: SentSpan = { spanId: spanId(1), kind: 2, from: 0, to: 100, name: 'GET /', attributes: { 'http.route': '/' } }
    store.send('traces', traceRequest({ service: 'shop' }, [{ spanId: spanId(3), parentSpanId: spanId(2), from: 20, to: 80, name: 'late work' }]), { encoding })
    expect((await store.traces.search({ window, limit: 1 })).traces[0]).toMatchObject({ root: { operation: 'late work' } })
    store.send('traces', traceRequest({ service: 'gateway' }, [{ spanId: spanId(2), parentSpanId: spanId(1), kind: 3, from: 10, to: 90 }, root]), { encoding })
    expect((await store.traces.search({ window, limit: 1 })).traces[0]).toMatchObject({ spans: 3, startedAt: new Date(base), rootDuration: 100_000, root: { service: 'gateway', operation: 'GET /' }, services: ['gateway', 'shop'] })
    expect((await store.traces.search({ window, service: 'shop', limit: 1 })).traces).toHaveLength(1)
  })

  it('counts spans once that come again in other batches, with others, in the other encoding', async () => {
    const store = createTelemetryStore()
    const spans = Array.from({ length: 4 }, (_, i): SentSpan => ({ spanId: spanId(i + 1), kind: 2, name: 'GET /', attributes: { 'http.route': '/' } }))
    store.send('traces', traceRequest({}, spans.slice(0, 2)), { encoding })
    store.send('traces', traceRequest({}, spans.slice(1, 4).toReversed()), { encoding })
    store.send('traces', traceRequest({}, spans), { encoding: encoding === 'json' ? 'protobuf' : 'json' })
    expect((await store.metrics.requests({ window, groupBy: [] })).data).toMatchObject([{ spans: 4 }])
    expect((await store.traces.search({ window, limit: 1 })).traces[0]!.spans).toBe(4)
  })

  it('takes names in any script, and none', async () => {
    const store = createTelemetryStore()
    store.send('traces', traceRequest({ service: '주문 서비스 🛒' }, [{ spanId: spanId(1), name: 'نَقْل « α\u0000β » 결제', attributes: { '열쇠': '값', '': 'no key', 'emoji 🔑': '🔒' } }, { spanId: spanId(2), name: '' }]), { encoding })
    expect(await store.traces.span(traceId(1), spanId(1))).toMatchObject({ service: '주문 서비스 🛒', name: 'نَقْل « α\u0000β » 결제', attributes: { '열쇠': '값', '': 'no key', 'emoji 🔑': '🔒' } })
    expect((await store.metrics.services()).map(({ service }) => service)).toEqual(['주문 서비스 🛒'])
  })

  it('gives a span without a route its path with the ids replaced, and one with neither no route', async () => {
    const store = createTelemetryStore({ snapshot: { routes: [{ service: 'shop', method: 'GET', template: '/users/{name}/orders' }] } })
    const get = (id: number, attributes: SentSpan['attributes'], name = 'GET'): SentSpan => ({ spanId: spanId(id), traceId: traceId(id), kind: 2, name, attributes: { 'http.request.method': 'GET', ...attributes } })
    store.send('traces', traceRequest({}, [
      get(1, { 'url.path': '/orders/12345' }), get(2, { 'http.target': '/orders/678?x=1' }), get(3, { 'http.url': 'http://shop/orders/910' }), get(4, { 'url.path': '/users/kim/orders' }), get(5, {}),
      { ...get(6, {}), name: 'GET /named/17', attributes: {} }, get(7, { 'http.route': '/orders/:id', 'url.path': '/orders/1' }),
    ]), { encoding })
    const { data } = await store.metrics.requests({ window, groupBy: ['method', 'routeKey'] })
    expect(Object.fromEntries(data.map(row => [row.routeKey, row.spans]))).toEqual({ '/orders/{}': 4, '/users/{}/orders': 1, '(no route)': 1, '/named/17': 1 })
  })

  it('reads a queue: the consumer span is a request to its destination', async () => {
    const store = createTelemetryStore()
    store.send('traces', traceRequest({ service: 'worker' }, [{ spanId: spanId(1), kind: 5, name: 'orders process', attributes: { 'messaging.system': 'kafka', 'messaging.destination.name': 'orders' } }]), { encoding })
    expect((await store.metrics.requests({ window, groupBy: ['service', 'method', 'routeKey'] })).data).toMatchObject([{ service: 'worker', method: '', routeKey: 'orders', spans: 1 }])
  })

  it('keeps client and server apart that share one id', async () => {
    const store = createTelemetryStore()
    store.send('traces', traceRequest({ service: 'a' }, [{ spanId: spanId(1), kind: 3, to: 50 }]), { encoding })
    store.send('traces', traceRequest({ service: 'b' }, [{ spanId: spanId(1), kind: 2, from: 5, to: 40 }]), { encoding })
    expect((await skeletonOf(store)).count).toBe(2)
    expect(await store.traces.span(traceId(1), `${spanId(1)}-server`)).toMatchObject({ service: 'b', kind: 'server' })
    expect(await store.traces.span(traceId(1), spanId(1))).toMatchObject({ service: 'a', kind: 'client' })
  })
})

it('reads OTLP/JSON with names and numbers of every style', async () => {
  const store = createTelemetryStore()
  const request = {
    unknown: { nested: [1] }, resource_spans: [{
      resource: { attributes: [{ key: 'service.name', value: { string_value: 'shop' } }] },
      scope_spans: [{ spans: [{ trace_id: traceId(1), span_id: spanId(1), name: 'x', kind: 'SPAN_KIND_SERVER', start_time_unix_nano: base * 1e6, endTimeUnixNano: nanos(base + 5), flags: 257, status: { code: 'STATUS_CODE_ERROR' }, attributes: [{ key: 'n', value: { intValue: 7 } }, { key: 'd', value: { doubleValue: 'NaN' } }] }] }],
    }],
  }
  expect(store.send('traces', request, { encoding: 'json' })).toMatchObject({ state: 'stored', rejected: 0 })
  expect(await store.traces.span(traceId(1), spanId(1))).toMatchObject({ kind: 'server', status: 'error', attributes: { n: 7, d: 'NaN' } })
})
