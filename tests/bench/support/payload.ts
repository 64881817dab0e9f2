import { randomFillSync } from 'node:crypto'
import { encode } from '../../support/otlp/proto.ts'

const services = ['api-gateway', 'auth-service', 'business-service', 'external-api']
const consumers = ['acme', 'globex', 'initech', 'umbrella', 'hooli']
const routes = ['/api/v1/process', '/api/v1/orders/{id}', '/api/v1/orders', '/api/v1/users/{id}', '/api/v1/payments']

/** Spans of one trace: a request through four services, eight spans. */
const perTrace = 8

/**
 * A batch as a Collector sends it: traces of eight spans that ended within the last second, grouped by service. Encoded
 * once; every sending gets ids of its own and the time of day, patched in where ids and times stand, so that nothing is
 * sent twice, time goes on as it does, and nothing is encoded while the clock runs.
 */
export function createBatches(spans: number, spreadMs = 1_000) {
  const made = Date.now()
  const marker = Buffer.from('c0ffee', 'hex')
  const template = Buffer.from(encode('traces', request(spans, made, spreadMs)))
  // Every id ends in a marker that nothing else contains.
  const ids: number[] = []
  for (let at = template.indexOf(marker); at >= 0; at = template.indexOf(marker, at + 3)) ids.push(at - 5)
  const times = findTimes(template, made)
  const nonce = Buffer.alloc(5)
  return {
    spans: Math.floor(spans / perTrace) * perTrace,
    bytes: template.length,
    /** `age` ms ago instead of now. */
    next(age = 0): Buffer {
      randomFillSync(nonce)
      const body = Buffer.allocUnsafeSlow(template.length)
      template.copy(body)
      for (const at of ids) for (let i = 0; i < 5; i++) body[at + i]! ^= nonce[i]!
      const moved = (Date.now() - age - made) * 1e6
      for (const at of times) {
        // 64 bits in two halves: as BigInt this would cost more than all the rest.
        const low = template.readUInt32LE(at) + moved % 4294967296
        body.writeUInt32LE(((low % 4294967296) + 4294967296) % 4294967296, at)
        body.writeUInt32LE(template.readUInt32LE(at + 4) + Math.trunc(moved / 4294967296) + Math.floor(low / 4294967296), at + 4)
      }
      return body
    },
  }
}

/** Where start and end times stand: behind their tags, with a value near the one they were made from. */
function findTimes(template: Buffer, made: number): number[] {
  const places: number[] = []
  for (let at = 1; at <= template.length - 8; at++) {
    if (template[at - 1] !== 0x39 && template[at - 1] !== 0x41) continue
    const ms = (template.readUInt32LE(at + 4) * 4294967296 + template.readUInt32LE(at)) / 1e6
    if (Math.abs(ms - made) < 3_600_000) places.push(at)
  }
  return places
}

/** A trace id is 8 fixed bytes, then 5 that change and the marker; a span id is the latter alone. */
const spanId = (n: number) => `${n.toString(16).padStart(10, '0')}c0ffee`

function request(count: number, now: number, spreadMs: number): object {
  const byService = new Map<string, object[]>(services.map(service => [service, []]))
  for (let trace = 0; trace < Math.floor(count / perTrace); trace++) {
    const id = (n: number) => spanId(trace * 16 + n + 1)
    const start = now - Math.random() * spreadMs
    const route = routes[trace % routes.length]!
    const consumer = consumers[trace % consumers.length]!
    const failed = trace % 50 === 0
    const total = 20 + Math.random() * 180
    const span = (service: number, n: number, parent: number | undefined, kind: number, name: string, from: number, to: number, attributes: Record<string, string | number>, error = false) => {
      byService.get(services[service]!)!.push({
        traceId: `00000000000000aa${id(0)}`, spanId: id(n), ...(parent !== undefined && { parentSpanId: id(parent) }), name, kind,
        startTimeUnixNano: nanos(start + from * total), endTimeUnixNano: nanos(start + to * total), status: error ? { code: 2, message: 'upstream failed' } : {},
        attributes: Object.entries(attributes).map(([key, value]) => ({ key, value: typeof value === 'number' ? { intValue: value } : { stringValue: value } })),
      })
    }
    const http = {
      'network.protocol.version': '1.1', 'network.peer.address': '10.12.4.17', 'network.peer.port': 52344, 'url.scheme': 'http', 'user_agent.original': 'acme-client/4.2 (linux; x64; rv:131.0)',
      'thread.id': 47, 'thread.name': 'http-nio-8080-exec-12',
    }
    span(0, 1, undefined, 2, `POST ${route}`, 0, 1, { 'http.request.method': 'POST', 'http.route': route, 'url.path': route, 'http.response.status_code': failed ? 502 : 200, 'api.client.id': consumer, 'client.address': '10.1.2.3', ...http }, failed)
    span(0, 2, 1, 3, 'GET', 0.05, 0.2, { 'http.request.method': 'GET', 'server.address': 'auth.internal', 'server.port': 7101, 'url.full': 'http://auth.internal:7101/validate', 'http.response.status_code': 200, ...http })
    span(1, 3, 2, 2, 'GET /validate', 0.07, 0.18, { 'http.request.method': 'GET', 'http.route': '/validate', 'url.path': '/validate', 'http.response.status_code': 200, ...http })
    span(1, 4, 3, 1, 'Token Validation', 0.08, 0.17, { 'token.issuer': 'idp.example', 'cache.hit': 'true' })
    span(0, 5, 1, 3, 'POST', 0.25, 0.95, { 'http.request.method': 'POST', 'server.address': 'business.internal', 'server.port': 7102, 'url.full': 'http://business.internal:7102/work', 'http.response.status_code': failed ? 500 : 200, ...http }, failed)
    span(2, 6, 5, 2, 'POST /work', 0.27, 0.93, { 'http.request.method': 'POST', 'http.route': '/work', 'url.path': '/work', 'http.response.status_code': failed ? 500 : 200, ...http }, failed)
    span(2, 7, 6, 3, 'SELECT orders', 0.3, 0.5, { 'db.system.name': 'postgresql', 'db.namespace': 'orders', 'db.query.text': 'SELECT id, state, total FROM orders WHERE customer = $1 ORDER BY created_at DESC LIMIT 20', 'server.address': 'db.internal', 'server.port': 5432 })
    span(2, 8, 6, 3, 'GET', 0.55, 0.9, { 'http.request.method': 'GET', 'server.address': 'external.example', 'server.port': 443, 'url.full': 'https://external.example/rates', 'http.response.status_code': 200, ...http })
  }
  return {
    resourceSpans: [...byService].filter(([, spans]) => spans.length).map(([service, spans]) => ({
      resource: {
        attributes: Object.entries({
          'service.name': service, 'service.version': '1.4.2', 'service.instance.id': `${service}-7d9f`, 'deployment.environment.name': 'production', 'telemetry.sdk.language': 'nodejs',
          'telemetry.sdk.name': 'opentelemetry', 'telemetry.sdk.version': '2.10.0', 'host.name': `${service}-host`, 'process.runtime.version': 'v24.21.0',
        }).map(([key, value]) => ({ key, value: { stringValue: value } })),
      },
      scopeSpans: [{ scope: { name: '@opentelemetry/instrumentation-http', version: '0.300.0' }, spans }],
    })),
  }
}

function nanos(ms: number): string {
  return (BigInt(Math.round(ms * 1000)) * 1000n).toString()
}
