import { describe, expect, it } from 'vitest'
import { HOUR } from '#shared/units'
import { createFakeClock } from '../../../support/fake-clock'
import { base, logRequest, spanId, traceId, traceRequest, type SentSpan } from '../../../support/otlp/build'
import { createTelemetryStore, key, snapshot } from '../../../support/telemetry-store'

const window = { from: new Date(base - 3_600_000), to: new Date(base + 3_600_000) }
const server = (id: number, rest: Partial<SentSpan> = {}): SentSpan => ({ spanId: spanId(id), kind: 2, name: 'GET /', ...rest, attributes: { 'http.request.method': 'GET', 'http.route': '/', ...rest.attributes } })
const byConsumer = async (store: ReturnType<typeof createTelemetryStore>) => {
  const { data } = await store.metrics.requests({ window, groupBy: ['service', 'consumer'] })
  return Object.fromEntries(data.map(({ service, consumer, spans }) => [`${service} ${consumer}`, spans]))
}

describe('the consumer of a request', () => {
  it('is the one named on its server span', async () => {
    const store = createTelemetryStore()
    store.send('traces', traceRequest({}, [server(1, { attributes: { 'api.client.id': 'acme' } })]))
    expect(await byConsumer(store)).toEqual({ 'shop acme': 1 })
  })

  it('is else the one named on any span of the trace and service', async () => {
    const store = createTelemetryStore()
    store.send('traces', traceRequest({}, [server(1), { spanId: spanId(2), parentSpanId: spanId(1), attributes: { 'api.client.id': 'acme' } }]))
    expect(await byConsumer(store)).toEqual({ 'shop acme': 1 })
  })

  it('is unknown at once, and moved when a later batch names it', async () => {
    const store = createTelemetryStore()
    store.send('traces', traceRequest({}, [server(1)]))
    expect(await byConsumer(store)).toEqual({ 'shop unknown': 1 })
    store.clock.advance(9_000)
    store.send('traces', traceRequest({}, [{ spanId: spanId(2), parentSpanId: spanId(1), attributes: { 'api.client.id': 'acme' } }]))
    expect(await byConsumer(store)).toEqual({ 'shop acme': 1 })
  })

  it('stays unknown where nobody named it within ten seconds', async () => {
    const store = createTelemetryStore()
    store.send('traces', traceRequest({}, [server(1)]))
    store.clock.advance(11_000)
    store.store.maintain()
    store.send('traces', traceRequest({}, [{ spanId: spanId(2), parentSpanId: spanId(1), attributes: { 'api.client.id': 'acme' } }]))
    expect(await byConsumer(store)).toEqual({ 'shop unknown': 1 })
  })

  it('is handed down from caller to callee, in whatever order they arrive, and never up', async () => {
    const gateway = traceRequest({ service: 'gateway' }, [server(1), { spanId: spanId(2), parentSpanId: spanId(1), kind: 3 }])
    const shop = traceRequest({ service: 'shop' }, [server(3, { parentSpanId: spanId(2), attributes: { 'api.client.id': 'acme' } }), { spanId: spanId(4), parentSpanId: spanId(3), kind: 3 }])
    const stock = traceRequest({ service: 'stock' }, [server(5, { parentSpanId: spanId(4) }), { spanId: spanId(6), parentSpanId: spanId(5), kind: 3 }])
    const rack = traceRequest({ service: 'rack' }, [server(7, { parentSpanId: spanId(6) })])
    for (const order of [[gateway, shop, stock, rack], [rack, stock, shop, gateway], [rack, shop, gateway, stock]]) {
      const store = createTelemetryStore()
      for (const request of order) store.send('traces', request)
      expect(await byConsumer(store)).toEqual({ 'gateway unknown': 1, 'shop acme': 1, 'stock acme': 1, 'rack acme': 1 })
    }
  })

  it('takes the attributes that are set, the first one first', async () => {
    const store = createTelemetryStore({ snapshot: { consumerAttributes: ['partner.id', 'http.request.header.x-client-id'] } })
    store.send('traces', traceRequest({}, [server(1, { attributes: { 'http.request.header.x-client-id': ['globex'], 'api.client.id': 'no' } }), server(2, { traceId: traceId(2), attributes: { 'http.request.header.x-client-id': 'globex', 'partner.id': 'acme' } })]))
    expect(await byConsumer(store)).toEqual({ 'shop globex': 1, 'shop acme': 1 })
  })
})

describe('sampling', () => {
  it('counts a span for 1 / p by its trace state, and says that it is an estimate', async () => {
    const store = createTelemetryStore()
    store.send('traces', traceRequest({}, [server(1, { traceState: 'vendor=x,ot=p:8;th:c' }), server(2, { traceId: traceId(2), traceState: 'ot=th:8' })]))
    const { data, population } = await store.metrics.requests({ window, groupBy: [] })
    expect([data[0]!.spans, data[0]!.requests, population]).toEqual([2, 6, { kind: 'estimated' }])
  })

  it('takes the ratio declared on the key where the sender says nothing', async () => {
    const store = createTelemetryStore({ snapshot: { keys: [{ ...key, samplingRatio: 0.1 }] } })
    store.send('traces', traceRequest({}, [server(1), server(2, { traceId: traceId(2), traceState: 'ot=th:0' })]))
    expect((await store.metrics.requests({ window, groupBy: [] })).data[0]!.requests).toBe(11)
  })

  it('moves a weighted count to its consumer whole', async () => {
    const store = createTelemetryStore({ snapshot: { keys: [{ ...key, samplingRatio: 0.3 }] } })
    store.send('traces', traceRequest({}, [server(1)]))
    store.send('traces', traceRequest({}, [{ spanId: spanId(2), parentSpanId: spanId(1), attributes: { 'api.client.id': 'acme' } }]))
    const { data } = await store.metrics.requests({ window, groupBy: ['consumer'] })
    expect(data).toHaveLength(1)
    expect(data[0]).toMatchObject({ consumer: 'acme', spans: 1, requests: 3.333333 })
  })
})

describe('failed', () => {
  it.each([
    ['500', { attributes: { 'http.response.status_code': 500 } }, 1, 0], ['404', { attributes: { 'http.status_code': 404 }, status: { code: 2 } }, 0, 1],
    ['a status as text', { attributes: { 'http.status_code': '503' } }, 1, 0], ['ERROR without an HTTP status', { status: { code: 2 } }, 1, 0], ['ERROR with 200', { attributes: { 'http.response.status_code': 200 }, status: { code: 2 } }, 0, 0], ['nothing', {}, 0, 0],
  ])('is judged rightly for %s', async (_, rest, failed, clientErrors) => {
    const store = createTelemetryStore()
    store.send('traces', traceRequest({}, [server(1, rest)]))
    expect((await store.metrics.requests({ window, groupBy: [] })).data[0]).toMatchObject({ failed, clientErrors })
  })
})

describe('secrets', () => {
  it('are masked before they are stored, wherever a name says so', async () => {
    const store = createTelemetryStore()
    const secret = 'S3CRET-CANARY'
    store.send('traces', traceRequest({ resource: { 'deploy.password': secret } }, [{
      spanId: spanId(1),
      attributes: {
        'http.request.header.authorization': [`Bearer ${secret}`], 'db.password': secret, 'accessToken': secret, 'x-api-key': secret, 'Set-Cookie': secret, 'nested': { user: 'kim', password: secret, list: [{ token: secret }] },
        'url.full': `https://x/pay?token=${secret}&page=2`, 'url.query': `api_key=${secret}&q=a`, 'http.target': `/a?access_token=${secret}`, 'token.expires_in': 3600, 'tokens': 'three', 'message': 'fine',
      },
      events: [{ name: 'login', attributes: { password: secret } }], links: [{ traceId: traceId(2), spanId: spanId(2), attributes: { cookie: secret } }],
    }]))
    store.send('logs', logRequest({}, [{ body: { user: 'kim', password: secret }, attributes: { authorization: secret }, traceId: traceId(1) }]))
    const span = (await store.traces.span(traceId(1), spanId(1)))!
    expect(span.attributes).toMatchObject({ 'db.password': '[masked]', 'accessToken': '[masked]', 'token.expires_in': 3600, 'tokens': 'three', 'message': 'fine', 'url.full': 'https://x/pay?token=[masked]&page=2', 'nested': { user: 'kim', password: '[masked]' } })
    expect(JSON.stringify([span, await store.logs.ofTrace(traceId(1), 10)])).not.toContain(secret)
    store.db.pragma('wal_checkpoint(TRUNCATE)')
    expect(await import('node:fs').then(fs => fs.readFileSync(store.path).includes(secret))).toBe(false)
  })

  it('are those of the newest snapshot', async () => {
    const store = createTelemetryStore()
    for (const held of [store.scanner, store.store]) {
      held.setSnapshot(snapshot({ version: 2, maskedKeys: ['pin'] }))
      held.setSnapshot(snapshot({ version: 1, maskedKeys: [] }))
    }
    store.send('traces', traceRequest({}, [{ spanId: spanId(1), attributes: { 'card.pin': '1234', 'password': 'shown' } }]))
    expect((await store.traces.span(traceId(1), spanId(1)))!.attributes).toEqual({ 'card.pin': '[masked]', 'password': 'shown' })
  })
})

describe('who answers at an address', () => {
  const call = (n: number, callee: string) => [
    traceRequest({ service: 'gateway' }, [{ traceId: traceId(n), spanId: spanId(1), kind: 3, attributes: { 'server.address': '10.0.0.7', 'server.port': 80 } }]),
    traceRequest({ service: callee }, [server(2, { traceId: traceId(n), parentSpanId: spanId(1) })]),
  ]
  const remotes = async (store: ReturnType<typeof createTelemetryStore>) => (await store.metrics.operations({ window, groupBy: ['remote'], where: { kind: 'client' } })).data.map(({ remote, remoteKind, spans }) => [remote, remoteKind, spans])

  it('is learned from a trace and holds for what was counted before', async () => {
    const store = createTelemetryStore()
    store.send('traces', traceRequest({ service: 'gateway' }, [{ traceId: traceId(9), spanId: spanId(1), kind: 3, attributes: { 'server.address': '10.0.0.7', 'server.port': 80 } }]))
    expect(await remotes(store)).toEqual([['10.0.0.7:80', 'address', 1]])
    for (const request of call(1, 'shop')) store.send('traces', request)
    expect(await remotes(store)).toEqual([['shop', 'service', 2]])
  })

  it('is learned where the callee arrives first', async () => {
    const store = createTelemetryStore()
    for (const request of call(1, 'shop').toReversed()) store.send('traces', request)
    expect(await remotes(store)).toEqual([['shop', 'service', 1]])
  })

  it('stays an address where several services answer', async () => {
    const store = createTelemetryStore()
    for (const request of [...call(1, 'shop'), ...call(2, 'stock')]) store.send('traces', request)
    expect(await remotes(store)).toEqual([['10.0.0.7:80', 'address', 2]])
  })
})

it('counts what was taken and what not, by key, signal, service and reason', async () => {
  const store = createTelemetryStore({ snapshot: { keys: [{ ...key, services: ['shop'] } as never] } })
  store.send('traces', traceRequest({}, [server(1), { spanId: '00' }]))
  store.send('traces', traceRequest({ service: 'other' }, [server(2)]))
  const stats = store.verbs.stats()
  expect(stats.accepted).toMatchObject([{ keyId: 'key-1', signal: 'traces', service: 'shop', items: 1 }])
  expect(stats.rejected.map(({ service, reason, items }) => [service, reason, items]).toSorted()).toEqual([['other', 'service_not_allowed', 1], ['shop', 'invalid_id', 1]])
  expect(stats.services).toMatchObject([{ service: 'shop', signal: 'traces' }])
})

it('tells the last day by the hour, and what comes a second lately', async () => {
  const clock = createFakeClock()
  const store = createTelemetryStore({ clock })
  store.send('traces', traceRequest({}, [server(1), { spanId: '00' }]))
  const first = new Date(Math.floor(clock.now().getTime() / HOUR) * HOUR)
  clock.advance(30 * HOUR)
  expect(store.verbs.stats().hours).toEqual([])
  expect(store.verbs.stats().rates).toEqual([])
  store.send('traces', traceRequest({}, [server(2), server(3)]))
  const stats = store.verbs.stats()
  expect(stats.hours).toEqual([{ at: new Date(first.getTime() + 30 * HOUR), signal: 'traces', accepted: 2, rejected: 0 }])
  expect(stats.rates).toMatchObject([{ keyId: 'key-1', signal: 'traces', service: 'shop' }])
  expect(stats.rates[0]!.perSecond).toBeGreaterThan(2 / 7_200 - 1e-9)
  expect(stats.rates[0]!.perSecond).toBeLessThan(2 / 3_600 + 1e-9)
})
