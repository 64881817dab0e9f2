import { describe, expect, it } from 'vitest'
import { eventOf, errorTypeOf, httpStatusOf, linksOf, remoteOf, skeletonSpanOf, statusOf, wholeSpanOf } from '#server/telemetry/zipkin/span-meaning'
import { createFactsReader } from '#server/telemetry/zipkin/trace-facts'
import { readZipkinSpan, type ZipkinSpan } from '#server/telemetry/zipkin/zipkin-span'
import { createKeyMask } from '#shared/masked-keys'
import { hasFailed } from '#shared/trace/skeleton-span'

const read = (changes: Record<string, unknown> = {}): ZipkinSpan => readZipkinSpan(Buffer.from(JSON.stringify({ traceId: '5b8e', id: 'eee1', name: 'get', timestamp: 1_764_000_000_123_456, ...changes })))!
const tagged = (tags: Record<string, unknown>, changes: Record<string, unknown> = {}) => read({ tags, ...changes })

describe('a span of Zipkin', () => {
  it('is read field by field, and what makes no sense is left out', () => {
    expect(read({ kind: 'CLIENT', parentId: '0000000000000000', duration: -5, localEndpoint: { serviceName: 'Shop', ipv4: '10.0.0.7', port: 99_999 }, tags: { a: 'x', b: 1, c: true, d: null, e: {} }, annotations: [{ timestamp: 5, value: 'x' }, { value: 'y' }, 7], extra: 1 })).toEqual({
      traceId: '5b8e'.padStart(32, '0'), id: 'eee1'.padStart(16, '0'), name: 'get', kind: 'client', timestamp: 1_764_000_000_123_456, service: 'shop',
      local: { address: '10.0.0.7' }, annotations: [{ at: 5, value: 'x' }], tags: new Map([['a', 'x'], ['b', '1'], ['c', 'true']]),
    })
  })

  it.each([{ id: '' }, { id: '0000000000000000' }, { id: 'xyz' }, { id: 7 }, { traceId: '' }, { traceId: 'f'.repeat(33) }])('is none with %j', changes => expect(read(changes)).toBeUndefined())
  it.each(['', '[]', '1', 'null', '{', '"x"'])('is not %j', text => expect(readZipkinSpan(Buffer.from(text))).toBeUndefined())

  it('takes no harm from names that objects have', () => {
    const span = readZipkinSpan(Buffer.from('{"traceId":"1","id":"1","tags":{"__proto__":"x","constructor":"y"}}'))!
    const { attributes } = wholeSpanOf(span, 'k', 1, () => false)
    expect([attributes.constructor, Object.getOwnPropertyDescriptor(attributes, '__proto__')?.value, Object.getPrototypeOf({}).x]).toEqual(['y', 'x', undefined])
  })

  it.each([['::ffff:a00:3', '10.0.0.3'], ['::FFFF:10.0.0.3', '10.0.0.3'], ['0:0:0:0:0:ffff:a00:3', '10.0.0.3'], ['2001:db8::1', '2001:db8::1'], ['fe80::ffff:a00:3', 'fe80::ffff:a00:3']])('reads the address %s as %s', (sent, address) => {
    expect(read({ remoteEndpoint: { ipv6: sent } }).remote).toEqual({ address })
  })
})

describe('what its tags say', () => {
  it.each([
    [{}, 'unset'], [{ 'otel.status_code': 'ERROR' }, 'error'], [{ 'otel.status_code': 'STATUS_CODE_ERROR' }, 'error'], [{ 'otel.status_code': 'OK', 'error': 'x' }, 'ok'],
    [{ 'otel.status_code': 'STATUS_CODE_OK' }, 'ok'], [{ error: '' }, 'error'], [{ error: 'timed out' }, 'error'], [{ error: 'false' }, 'unset'],
  ])('status: %j is %s', (tags, status) => expect(statusOf(tagged(tags))).toBe(status))

  it.each([
    [{ 'http.response.status_code': '502', 'http.status_code': '200' }, 502], [{ 'http.status_code': '404' }, 404], [{ 'http.status_code': 'abc' }, undefined], [{ 'http.status_code': '42' }, undefined],
  ])('HTTP status: %j is %s', (tags, status) => expect(httpStatusOf(tagged(tags))).toBe(status))

  it('failed: a status of 500 or more, or an error without one; a client’s 404 is none', () => {
    const failed = (tags: Record<string, string>) => hasFailed(skeletonSpanOf(tagged(tags), 0))
    expect([failed({ 'http.status_code': '503' }), failed({ error: 'true' }), failed({ 'http.status_code': '404', 'error': 'true' }), failed({})]).toEqual([true, true, false, false])
  })

  it.each([
    [{ 'error.type': 'timeout', 'error': 'true' }, [], 'timeout'],
    [{ 'error.type': '500' }, [{ timestamp: 1, value: 'exception|{"exception.type":"java.lang.X"}|0' }], 'java.lang.X'],
    [{ 'error.type': '500' }, [], '500'], [{ error: 'connection reset' }, [], 'connection reset'], [{ error: 'true' }, [], undefined],
  ])('error type of %j', (tags, annotations, type) => expect(errorTypeOf(tagged(tags, { annotations }))).toBe(type))

  it.each([
    ['auth.start|{"attempt":1}|0', 'auth.start', { attempt: 1 }], ['plain', 'plain', {}], ['pipe|event|{"k":"v|w"}|2', 'pipe|event', { k: 'v|w' }],
    ['a|b', 'a|b', {}], ['x|{broken|0', 'x|{broken|0', {}], ['x|{"a":"|{"}|0', 'x', { a: '|{' }], ['', '', {}],
  ])('the event %j', (value, name, attributes) => expect(eventOf({ at: 5, value })).toEqual({ at: 5, name, attributes }))

  it('links, of whatever trace state', () => {
    const [trace, span] = ['a'.repeat(32), 'b'.repeat(16)]
    expect(linksOf(tagged({ 'otlp.link.0': `${trace}|${span}|k=v|{"a":"b|c"}|0`, 'otlp.link.1': `${trace}|${span}|||0`, 'otlp.link.2': 'broken', 'otlp.link.4': `${trace}|${span}||{}|0` }))).toEqual([
      { traceId: trace, spanId: span, attributes: { a: 'b|c' } }, { traceId: trace, spanId: span, attributes: {} },
    ])
  })

  it.each([
    [{ 'peer.service': 'Bank' }, {}, { name: 'bank', kind: 'service' }],
    [{}, { remoteEndpoint: { serviceName: 'Bank', ipv4: '10.0.0.1' } }, { name: 'bank', kind: 'service' }],
    [{ 'db.system': 'h2', 'db.name': 'shop' }, {}, { name: 'h2/shop', kind: 'database' }],
    [{ 'messaging.destination.name': 'orders' }, {}, { name: 'orders', kind: 'messaging' }],
    [{ 'server.address': 'bank', 'server.port': '80' }, {}, { name: 'bank:80', kind: 'address' }],
    [{ 'network.peer.port': '50962' }, { remoteEndpoint: { ipv4: '127.0.0.1' } }, { name: '127.0.0.1:50962', kind: 'address' }],
    [{}, {}, undefined],
  ])('whom it calls: %j %j', (tags, changes, remote) => expect(remoteOf(tagged(tags, { kind: 'CLIENT', ...changes }))).toEqual(remote))

  it('what is the span’s and what its process’s, without what only the translation wrote', () => {
    const span = wholeSpanOf(tagged({
      'http.request.method': 'GET', 'http.response.status_code': '200', 'http.status_code': '200', 'otel.status_code': 'STATUS_CODE_OK', 'otel.library.name': 'tomcat', 'otel.library.version': '2',
      'w3c.tracestate': 'ot=th:c', 'span.kind': 'internal', 'service.version': '1', 'telemetry.sdk.language': 'java', 'service.peer.name': 'x', 'process.pid': '7', 'k8s.pod.name': 'p', 'api.client.id': 'acme',
    }), 'key', 0, () => false)
    expect(span).toMatchObject({ key: 'key', status: 'ok', traceState: 'ot=th:c', scope: { name: 'tomcat', version: '2' } })
    expect(Object.keys(span.attributes).sort()).toEqual(['api.client.id', 'http.request.method', 'http.response.status_code', 'service.peer.name'])
    expect(Object.keys(span.resource).sort()).toEqual(['k8s.pod.name', 'process.pid', 'service.version', 'telemetry.sdk.language'])
  })
})

it('hides what is masked, in tags, URLs and events alike', () => {
  const { attributes, events } = wholeSpanOf(tagged({ 'http.request.header.authorization': 'canary', 'url.full': 'https://x/?token=canary&page=2', 'url.query': 'token=canary', 'page': '2' }, {
    annotations: [{ timestamp: 1, value: 'login|{"token":"canary","user":"kim"}|0' }],
  }), 'key', 0, createKeyMask(['authorization', 'token']))
  expect(JSON.stringify([attributes, events])).not.toContain('canary')
  expect([attributes['url.full'], attributes.page, events[0]!.attributes.user]).toEqual(['https://x/?token=[masked]&page=2', '2', 'kim'])
})

describe('the request it stands for', () => {
  const factsOf = createFactsReader({ consumerAttributes: ['api.client.id', 'http.request.header.x-client'], routes: [{ service: 'Shop', method: 'GET', template: '/orders/{id}' }] })
  const server = (tags: Record<string, string>, name = 'get') => factsOf(tagged(tags, { kind: 'SERVER', name, localEndpoint: { serviceName: 'shop' } }), 0)

  it.each<[Record<string, string>, string, string, string]>([
    [{ 'http.request.method': 'GET', 'http.route': '/Orders/:id' }, 'get', 'GET', '/Orders/{}'],
    [{ 'http.method': 'post', 'http.target': '/pay?x=1' }, 'post', 'POST', '/pay'],
    [{ 'http.request.method': 'GET', 'http.route': '/**', 'url.path': '/orders/abc' }, 'get /**', 'GET', '/orders/{}'],
    [{}, 'get /orders/{id}', 'GET', '/orders/{}'],
    [{ 'rpc.service': 'Pay', 'rpc.method': 'charge' }, 'pay/charge', 'RPC', '/Pay/charge'],
    [{}, 'work', '', '(no route)'],
  ])('%j named %s', (tags, name, method, routeKey) => expect(server(tags, name).request).toEqual({ method, routeKey }))

  it('belongs to a consumer, also as a captured header says it', () => {
    expect(server({ 'api.client.id': 'acme' }).consumer).toBe('acme')
    expect(server({ 'http.request.header.x-client': '["globex","x"]' }).consumer).toBe('globex')
  })

  it.each([['ot=th:c', 0.25], ['vendor=x,ot=rv:abc;th:8', 0.5], ['ot=th:0', 1], ['vendor=ot', undefined], ['', undefined]])('was kept as %j says', (state, kept) => {
    expect(server({ 'w3c.tracestate': state as string }).kept).toBe(kept)
  })
})
