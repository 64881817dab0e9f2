import { describe, expect, it } from 'vitest'
import { decodeSkeleton } from '#shared/trace/skeleton'
import { openForWriting } from '#server/telemetry/embedded/store/open'
import { createStore } from '#server/telemetry/embedded/store/store'
import { base, logRequest, metricRequest, nanos, spanId, traceId, traceRequest } from '../../../support/otlp/build'
import { encode } from '../../../support/otlp/proto'
import { createTelemetryStore, key, snapshot } from '../../../support/telemetry-store'

const day = 86_400_000
const rows = (store: ReturnType<typeof createTelemetryStore>, table: string) => store.db.prepare(`select count(*) as rows from ${table}`).pluck().get() as number

describe('retention', () => {
  it('takes away what is older than it may be, level by level, and counts it', () => {
    const store = createTelemetryStore()
    store.send('traces', traceRequest({}, [{ spanId: spanId(1), kind: 2, status: { code: 2 } }]))
    store.send('logs', logRequest({}, [{ body: 'word' }]))
    store.send('metrics', metricRequest({}, [{ name: 'm', gauge: { dataPoints: [{ timeUnixNano: nanos(base), asDouble: 1 }] } }]))
    const cellsAt = (level: number) => store.db.prepare('select count(*) from request_cells where level = ?').pluck().get(level)
    const settle = () => {
      while (store.store.maintain());
    }
    store.clock.advance(3 * day)
    settle()
    expect([rows(store, 'traces'), rows(store, 'logs'), cellsAt(10), cellsAt(60), cellsAt(600)]).toEqual([1, 1, 0, 1, 1])
    store.clock.advance(5 * day)
    settle()
    expect(['traces', 'trace_services', 'segments', 'logs', 'metric_points', 'error_counts'].map(table => rows(store, table))).toEqual([0, 0, 0, 0, 0, 0])
    expect(store.db.prepare('select rowid from logs_text where logs_text match \'word\'').all()).toEqual([])
    expect([cellsAt(60), cellsAt(600)]).toEqual([1, 1])
    store.clock.advance(8 * day)
    settle()
    expect([cellsAt(60), cellsAt(600)]).toEqual([0, 1])
    expect(Object.fromEntries((store.db.prepare('select what, rows from removals').all() as { what: string, rows: number }[]).map(row => [row.what, row.rows]))).toMatchObject({ traces: 1, logs: 1, points: 1 })
  })

  it('takes the oldest first when there is too much, and stops when there is not', async () => {
    const store = createTelemetryStore({ snapshot: { retention: { ...snapshot().retention, maxBytes: 2_000_000 } } })
    for (let n = 1; n <= 20; n++) {
      store.clock.advance(1_000)
      store.send('traces', traceRequest({}, Array.from({ length: 250 }, (_, i) => ({ traceId: traceId(n * 1_000 + i), spanId: spanId(1), attributes: { text: 'x'.repeat(1_000) } }))))
    }
    expect(store.store.usage().usedBytes).toBeGreaterThan(4_000_000)
    while (store.store.maintain());
    expect(store.store.usage().usedBytes).toBeLessThan(2_100_000)
    expect(rows(store, 'traces')).toBeGreaterThan(500)
    expect(await store.traces.skeleton(traceId(1_000))).toBeUndefined()
    expect(await store.traces.skeleton(traceId(20_000))).toBeDefined()
  })

  it('takes what is old from behind what came before it and still grows', () => {
    const store = createTelemetryStore()
    store.send('traces', traceRequest({}, [{ traceId: traceId(1), spanId: spanId(1) }, { traceId: traceId(2), spanId: spanId(1) }]))
    store.clock.advance(6 * day)
    store.send('traces', traceRequest({}, [{ traceId: traceId(1), spanId: spanId(2) }], base + 6 * day))
    store.clock.advance(2 * day)
    while (store.store.maintain());
    expect(store.db.prepare('select hex(trace_id) from traces').pluck().all()).toEqual([traceId(1).toUpperCase()])
  })

  it('forgets who sent nothing for longer than anything of it is kept', () => {
    const store = createTelemetryStore()
    const sent = (instance: string, at: number) => store.send('logs', logRequest({ resource: { 'service.instance.id': instance } }, [{ body: 'word' }], base + at))
    const settle = () => {
      while (store.store.maintain());
      return [rows(store, 'resources'), rows(store, 'service_instances')]
    }
    sent('one', 0)
    store.clock.advance(4 * day)
    sent('other', 4 * day)
    store.clock.advance(3.9 * day)
    expect(settle()).toEqual([2, 2])
    store.clock.advance(0.2 * day)
    expect(settle()).toEqual([1, 1])
  })

  it('keeps what is still to be told when it forgets who is gone', () => {
    const store = createTelemetryStore()
    store.send('traces', traceRequest({ resource: { 'service.instance.id': 'one' } }, [{ spanId: spanId(1) }]))
    store.store.takeTouched()
    store.clock.advance(9 * day)
    const request = { spanId: spanId(1), kind: 2, name: 'GET /', attributes: { 'http.route': '/', 'api.client.id': 'acme' } }
    store.send('traces', traceRequest({ service: 'fresh', resource: { 'service.version': '2' } }, [{ ...request, traceId: traceId(2) }], base + 9 * day))
    store.store.maintain()
    expect(store.store.takeTouched()).toMatchObject({
      signals: ['traces'], services: ['fresh'], traces: [traceId(2)], completions: [{ service: 'fresh', spans: 1 }],
      newRoutes: [{ service: 'fresh', routeKey: '/' }], newConsumers: ['acme'], newVersions: [{ service: 'fresh', version: '2' }],
    })
  })

  it('waits where the disk has no room to write that something is gone', () => {
    const store = createTelemetryStore()
    for (let n = 0; n < 10; n++) store.send('logs', logRequest({}, Array.from({ length: 200 }, (_, i) => ({ at: n * 1_000 + i, body: `word${n} ${i} ${'x'.repeat(50)}` }))))
    store.clock.advance(8 * day)
    const pages = store.db.pragma('max_page_count', { simple: true }) as number
    store.db.pragma(`max_page_count = ${store.db.pragma('page_count', { simple: true }) as number}`)
    expect([store.store.maintain(), rows(store, 'logs')]).toEqual([false, 2_000])
    store.db.pragma(`max_page_count = ${pages}`)
    while (store.store.maintain());
    expect(rows(store, 'logs')).toBe(0)
  })

  it('has an end where the figures alone are too much', () => {
    const store = createTelemetryStore({ snapshot: { retention: { ...snapshot().retention, maxBytes: 0 } } })
    store.send('traces', traceRequest({}, [{ spanId: spanId(1), kind: 2 }]))
    expect([store.store.maintain(), store.store.maintain()]).toEqual([true, false])
    expect([rows(store, 'traces'), rows(store, 'request_cells')]).toEqual([0, 3])
  })

  it('works in steps of which none is long', () => {
    const store = createTelemetryStore()
    store.send('traces', traceRequest({}, Array.from({ length: 1_000 }, (_, n) => ({ traceId: traceId(n + 1), spanId: spanId(1) }))))
    store.clock.advance(8 * day)
    expect([store.store.maintain(), rows(store, 'traces')]).toEqual([true, 800])
  })
})

describe('who reads while all is taken away and something else comes', () => {
  it('is given nothing of what was there before', async () => {
    const store = createTelemetryStore()
    const seen = async (id: number, at = 0) => {
      const [found] = (await store.traces.search({ window: { from: new Date(base + at - 1_000), to: new Date(base + at + 1_000) }, limit: 10 })).traces
      const { services } = decodeSkeleton((await store.traces.skeleton(traceId(id)))!.bytes)
      return [found!.path.map(({ service }) => service), services, (await store.traces.span(traceId(id), spanId(1)))!.service]
    }
    store.send('traces', traceRequest({ service: 'steady' }, [{ traceId: traceId(1), spanId: spanId(1) }]))
    store.send('traces', traceRequest({ service: 'gone' }, [{ traceId: traceId(2), spanId: spanId(1), from: 2_000 }]))
    expect(await seen(1)).toEqual([['steady'], ['steady'], 'steady'])
    expect(await seen(2, 2_000)).toEqual([['gone'], ['gone'], 'gone'])
    store.clock.advance(9 * day)
    while (store.store.maintain());
    expect(rows(store, 'traces')).toBe(0)
    store.send('traces', traceRequest({ service: 'fresh' }, [{ traceId: traceId(3), spanId: spanId(1), from: 9 * day }]))
    store.send('traces', traceRequest({ service: 'new' }, [{ traceId: traceId(4), spanId: spanId(1), from: 9 * day + 2_000 }]))
    expect(await seen(3, 9 * day)).toEqual([['fresh'], ['fresh'], 'fresh'])
    expect(await seen(4, 9 * day + 2_000)).toEqual([['new'], ['new'], 'new'])
  })
})

describe('a restart', () => {
  it('knows the spans and batches of before, and goes on counting where it was', async () => {
    const store = createTelemetryStore()
    const request = traceRequest({ service: 'gateway' }, [{ spanId: spanId(1), kind: 2, name: 'GET /', attributes: { 'http.route': '/', 'api.client.id': 'acme' } }])
    store.send('traces', request)
    store.db.close()
    const db = openForWriting(store.path)
    const again = createStore({ db, clock: store.clock, snapshot: snapshot() })
    const send = (request: object) => again.ingest([{ signal: 'traces', encoding: 'protobuf', body: encode('traces', request), keyId: key.id }])[0]
    expect(send(request)).toMatchObject({ state: 'stored' })
    expect(send(traceRequest({ service: 'gateway' }, [{ spanId: spanId(1), kind: 2, name: 'GET /' }, { spanId: spanId(2), parentSpanId: spanId(1), name: 'more' }]))).toMatchObject({ state: 'stored' })
    expect(send(traceRequest({ service: 'gateway' }, [{ traceId: traceId(2), spanId: spanId(1), kind: 2, name: 'GET /', attributes: { 'http.route': '/', 'api.client.id': 'acme' } }]))).toMatchObject({ state: 'stored' })
    const window = { from: new Date(base - 60_000), to: new Date(base + 60_000) }
    expect((await store.metrics.requests({ window, groupBy: ['service', 'routeKey', 'consumer'] })).data).toMatchObject([{ service: 'gateway', routeKey: '/', consumer: 'acme', spans: 2 }])
    expect((await store.traces.search({ window, limit: 10 })).traces.map(trace => [trace.traceId, trace.spans]).toSorted()).toEqual([[traceId(1), 2], [traceId(2), 1]])
    db.close()
  })
})
