import { describe, expect, it, onTestFinished } from 'vitest'
import { quotas } from '#server/telemetry/embedded/store/dictionary'
import { base, logRequest, metricRequest, nanos, spanId, traceId, traceRequest, type SentSpan, type Value } from '../../../support/otlp/build'
import { encode } from '../../../support/otlp/proto'
import { createTelemetryStore, key } from '../../../support/telemetry-store'

const window = { from: new Date(base - 3_600_000), to: new Date(base + 3_600_000) }
const send = (store: ReturnType<typeof createTelemetryStore>, body: string | Uint8Array, encoding: 'json' | 'protobuf' = 'json') =>
  store.store.ingest([{ signal: 'traces', encoding, body: Buffer.from(body), keyId: key.id }])[0]!

describe('hostile telemetry', () => {
  it('OT-03 refuses JSON nested deeper than 64 before parsing it', () => {
    const store = createTelemetryStore()
    expect(send(store, `{"resourceSpans":${'['.repeat(1_000_000)}`)).toMatchObject({ state: 'malformed', message: 'nested too deep' })
    expect(send(store, `{"x":"${'['.repeat(100)}"}`)).toMatchObject({ state: 'stored' })
    expect(send(store, `{"x":"\\"${'{'.repeat(100)}"}`)).toMatchObject({ state: 'stored' })
  })

  it('OT-03 reads values nested deep in protobuf no deeper than makes sense', async () => {
    const store = createTelemetryStore()
    let deep: Value = 'bottom'
    for (let i = 0; i < 24; i++) deep = { a: deep }
    store.send('traces', traceRequest({}, [{ spanId: spanId(1), attributes: { deep } }]))
    expect(JSON.stringify((await store.traces.span(traceId(1), spanId(1)))!.attributes)).not.toContain('bottom')
  })

  it('OT-03 refuses more than 10,000 items in one request', () => {
    const store = createTelemetryStore()
    const spans = Array.from({ length: 10_001 }, (_, i) => ({ spanId: spanId(i + 1) }))
    expect(store.send('traces', traceRequest({}, spans)).state).toBe('too_large')
    expect(store.send('logs', logRequest({}, spans.map(() => ({ body: 'x' })))).state).toBe('too_large')
    expect(store.send('traces', traceRequest({}, spans.slice(1))).state).toBe('stored')
  })

  it.each(['protobuf', 'json'] as const)('OT-03 drops and counts more than 128 attributes, events and links (%s)', async (encoding) => {
    const store = createTelemetryStore()
    const many = Object.fromEntries(Array.from({ length: 200 }, (_, i) => [`a${i}`, i]))
    store.send('traces', traceRequest({}, [{
      spanId: spanId(1), attributes: many, droppedAttributesCount: 5,
      events: Array.from({ length: 150 }, (_, i) => ({ name: `e${i}` })), links: Array.from({ length: 130 }, () => ({ traceId: traceId(2), spanId: spanId(2) })),
    }]), { encoding })
    const span = (await store.traces.span(traceId(1), spanId(1)))!
    expect([Object.keys(span.attributes).length, span.events.length, span.links.length]).toEqual([128, 128, 128])
  })

  it('OT-03 cuts values over 4 KiB between characters and says so', async () => {
    const store = createTelemetryStore()
    store.send('traces', traceRequest({}, [{
      spanId: spanId(1), status: { code: 2 }, attributes: { long: '가'.repeat(3_000), list: Array.from({ length: 2_000 }, () => 'item'), fits: 'x'.repeat(4_096) },
      events: [{ name: 'exception', attributes: { 'exception.type': 'E', 'exception.stacktrace': 'at line\n'.repeat(2_000) } }],
    }]))
    const span = (await store.traces.span(traceId(1), spanId(1)))!
    expect(span.attributes.long).toMatch(/^가{1365}… \[cut, 9000 bytes\]$/)
    expect(span.attributes.list).toMatch(/^\["item",.*… \[cut, \d+ bytes\]$/)
    expect(span.attributes.fits).toHaveLength(4_096)
    expect(span.events[0]!.attributes['exception.stacktrace']).toMatch(/\[cut, 16000 bytes\]$/)
  })

  it('OT-09 puts services beyond the quota under one name', async () => {
    const store = createTelemetryStore()
    const sender = (n: number) => traceRequest({ service: `s${n}` }, [{ spanId: spanId(n), traceId: traceId(n), kind: 2 }]).resourceSpans
    for (let from = 1; from <= quotas.services + 50; from += 500) store.send('traces', { resourceSpans: Array.from({ length: 500 }, (_, i) => sender(from + i)).flat() })
    const services = (await store.metrics.services()).map(({ service }) => service)
    expect(services).toHaveLength(quotas.services + 1)
    expect(services).toContain('(other)')
  })

  it('puts routes beyond the quota under one key, but never a registered one', async () => {
    const store = createTelemetryStore({ snapshot: { routes: [{ service: 'shop', method: 'GET', template: '/known/{id}' }] } })
    const get = (n: number, path: string): SentSpan => ({ spanId: spanId(n), traceId: traceId(n), kind: 2, attributes: { 'http.request.method': 'GET', 'url.path': path } })
    store.send('traces', traceRequest({}, [...Array.from({ length: quotas.routes + 100 }, (_, i) => get(i + 1, `/made-up-${String.fromCharCode(97 + i % 26)}${i}x/y`)), get(9_999, '/known/7')]))
    const keys = (await store.metrics.seen()).map(({ routeKey }) => routeKey)
    expect(keys).toHaveLength(quotas.routes + 2)
    expect(keys).toEqual(expect.arrayContaining(['(other)', '/known/{}']))
  })

  it('OT-10 puts invented methods beyond the quota of routes under one', async () => {
    const store = createTelemetryStore()
    const call = (n: number): SentSpan => ({ spanId: spanId(n + 1), traceId: traceId(n + 1), kind: 2, attributes: { 'http.request.method': `M${n}`, 'http.route': '/a' } })
    store.send('traces', traceRequest({}, Array.from({ length: quotas.routes + 300 }, (_, n) => call(n))))
    const seen = await store.metrics.seen()
    expect(seen).toHaveLength(quotas.routes + 1)
    expect(seen).toContainEqual(expect.objectContaining({ method: '_OTHER', routeKey: '(other)' }))
  })

  it('OT-10 tells of calls no longer whom they go to, where operations and remotes are too many together', async () => {
    const { keys } = quotas
    onTestFinished(() => void (quotas.keys = keys))
    quotas.keys = 500
    const store = createTelemetryStore()
    const letter = (n: number) => String.fromCodePoint(0xAC00 + n)
    const call = (n: number): SentSpan => ({ spanId: spanId(n + 1), traceId: traceId(n + 1), kind: 3, name: `do ${letter(n % 40)}`, attributes: { 'peer.service': `to ${letter(Math.floor(n / 40))}` } })
    store.send('traces', traceRequest({}, Array.from({ length: 1_600 }, (_, n) => call(n))))
    expect(store.db.prepare('select count(*) from operation_keys').pluck().get()).toBe(500 + 40)
    const { data } = await store.metrics.operations({ window, groupBy: ['remote'] })
    expect(data.reduce((sum, { spans }) => sum + spans, 0)).toBe(1_600)
    expect(data.find(({ remote }) => remote === '(other)')).toMatchObject({ spans: 1_100 })
  })

  it('OT-10 takes no new names of metrics from a service with all its series', () => {
    const store = createTelemetryStore()
    const metrics = Array.from({ length: 5_300 }, (_, n) => ({ name: `m${n}`, gauge: { dataPoints: [{ timeUnixNano: nanos(base), asDouble: 1 }] } }))
    expect(store.send('metrics', metricRequest({}, metrics))).toMatchObject({ state: 'stored', rejected: 300 })
    expect(store.db.prepare('select count(*) from metrics').pluck().get()).toBe(5_000)
  })

  it('IN-11 takes __proto__ and its like as names and nothing more', async () => {
    const store = createTelemetryStore()
    const names = ['__proto__', 'constructor', 'prototype', 'toString']
    const nested = Object.fromEntries(names.map(name => [name, { stringValue: 'x' }]))
    const attributes = names.map(key => ({ key, value: { kvlistValue: { values: names.map(key => ({ key, value: { stringValue: 'polluted' } })) } } }))
    const request = { ...traceRequest({}, [{ spanId: spanId(1) }]), ...nested } as Record<string, unknown>
    ;(request.resourceSpans as { scopeSpans: { spans: object[] }[] }[])[0]!.scopeSpans[0]!.spans = [{ traceId: traceId(1), spanId: spanId(1), name: '__proto__', startTimeUnixNano: nanos(base), endTimeUnixNano: nanos(base), attributes, ...nested }]
    send(store, JSON.stringify(request).replace('{', '{"__proto__":{"polluted":1},'))
    store.send('traces', request)
    const span = await store.traces.span(traceId(1), spanId(1))
    expect(Object.keys(span!.attributes).toSorted()).toEqual(names.toSorted())
    expect(({} as Record<string, unknown>).polluted).toBeUndefined()
    expect(Object.getOwnPropertyNames(Object.prototype)).not.toContain('polluted')
  })

  it('OT-10 survives mutated bodies: each is stored or refused, and the store goes on', () => {
    const store = createTelemetryStore()
    const span: SentSpan = { spanId: spanId(1), kind: 2, attributes: { a: 'b', list: ['x', 1], map: { k: 'v' } }, events: [{ name: 'exception', attributes: { 'exception.type': 'E' } }], links: [{ traceId: traceId(2), spanId: spanId(2) }], status: { code: 2, message: 'm' } }
    const bodies = [encode('traces', traceRequest({}, [span])), Buffer.from(JSON.stringify(traceRequest({}, [span])))]
    let seed = 42
    const random = (below: number) => (seed = Math.imul(seed, 1103515245) + 12345 >>> 0) % below
    const states = new Set<string>()
    for (let round = 0; round < 2_000; round++) {
      const which = round % 2
      const body = Buffer.from(bodies[which]!)
      for (let change = 0; change <= random(4); change++) body[random(body.length)] = random(256)
      states.add(send(store, body.subarray(0, random(10) === 0 ? random(body.length) : body.length), which ? 'json' : 'protobuf').state)
    }
    expect([...states].toSorted()).toEqual(['malformed', 'stored'])
    expect(store.send('traces', traceRequest({}, [{ spanId: spanId(77) }]))).toMatchObject({ state: 'stored' })
    expect(store.db.pragma('integrity_check', { simple: true })).toBe('ok')
  }, 60_000)

  it('answers busy, not 500, when the disk is full, and takes telemetry again when there is room', async () => {
    const store = createTelemetryStore()
    const spans = (n: number) => traceRequest({}, Array.from({ length: 500 }, (_, i) => ({ spanId: spanId(n * 1_000 + i), traceId: traceId(n), kind: 2, attributes: { text: 'x'.repeat(500) } })))
    store.send('traces', spans(1))
    store.db.pragma(`max_page_count = ${Number(store.db.pragma('page_count', { simple: true })) + 20}`)
    const states = Array.from({ length: 6 }, (_, i) => store.send('traces', spans(i + 2)).state)
    expect(states).toContain('busy')
    store.db.pragma('max_page_count = 1000000')
    expect(store.send('traces', spans(50)).state).toBe('stored')
    expect((await store.traces.skeleton(traceId(50)))).toBeDefined()
    expect(store.db.pragma('integrity_check', { simple: true })).toBe('ok')
  })

  it('keeps the points of a hostile metric out', async () => {
    const store = createTelemetryStore()
    const reply = store.send('metrics', metricRequest({}, [{ name: 'm', gauge: { dataPoints: [{ timeUnixNano: nanos(base), asDouble: Number.NaN }, { timeUnixNano: '0', asDouble: 1 }, { timeUnixNano: nanos(base), asDouble: 2 }] } }]))
    expect(reply).toMatchObject({ state: 'stored', rejected: 2 })
    expect(await store.metrics.points({ window, service: 'shop', metric: 'm', step: 60_000 })).toMatchObject([{ points: [{ value: 2 }] }])
  })
})
