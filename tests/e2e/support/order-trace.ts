import { logRequest, traceRequest, type SentSpan } from '../../support/otlp/build.ts'
import { hex, type Call } from './platform.ts'

const server = 2
const client = 3

export interface OrderTrace extends Call {
  /** Span ids by what they do. */
  ids: Record<'root' | 'manual' | 'toBusiness' | 'business' | 'lookups' | 'call' | 'external' | 'settle', string>
  /** Those of the twelve look-ups, in order. */
  lookups: string[]
}

/** How long each look-up takes, one after the other. */
export const lookupTimes = [22, 25, 19, 41, 28, 23, 27, 24, 26, 25, 24, 26]

/**
 * A request that fails because the callee hangs: twelve like queries, then a call given up after 8.00 s, while the
 * callee works on for three seconds more.
 *
 *   gateway   POST /orders/{id}        |=============================| 502
 *             gateway.process           |===========================|
 *             POST business             |==========================|
 *   business  POST /internal/orders      |========================|
 *             12 × SELECT order_items     |==|
 *             external.call                    |=================|
 *   external  POST /settle                      |=========================|
 *             legacy.settle                      |=======================|
 */
export function orderTrace({ at, service, slow = true }: { at: number, service: string, slow?: boolean }): OrderTrace {
  const traceId = hex(32)
  const ids = { root: hex(16), manual: hex(16), toBusiness: hex(16), business: hex(16), lookups: hex(16), call: hex(16), external: hex(16), settle: hex(16) }
  const lookups = lookupTimes.map((_, i) => i === 0 ? ids.lookups : hex(16))
  const waited = slow ? 8_000 : 150
  const called = 380
  const failed = { status: { code: 2, message: 'timeout' } }
  const http = (path: string, status: number) => ({ 'http.request.method': 'POST', 'http.route': path, 'url.path': path, 'http.response.status_code': status })
  const status = slow ? 502 : 200

  let from = 60
  const selects = lookups.map((spanId, i): SentSpan => {
    const to = from + lookupTimes[i]!
    const span = { traceId, spanId, parentSpanId: ids.business, name: 'SELECT order_items', kind: client, from, to, attributes: { 'db.system.name': 'mysql', 'db.query.text': 'SELECT * FROM order_items WHERE order_id = ?', 'db.response.returned_rows': i + 1, 'order.id': `order-${i + 1}` } }
    from = to
    return span
  })
  return {
    traceId, ids, lookups, externalSpan: ids.call,
    spans: [
      ...traceRequest({ service }, [
        { traceId, spanId: ids.root, name: 'POST /orders/{id}', kind: server, from: 0, to: called + waited + 40, attributes: { ...http('/orders/{id}', status), 'api.client.id': 'partner-shop' }, ...(slow && failed) },
        { traceId, spanId: ids.manual, parentSpanId: ids.root, name: 'gateway.process', from: 4, to: called + waited + 34 },
        { traceId, spanId: ids.toBusiness, parentSpanId: ids.manual, name: 'POST business', kind: client, from: 20, to: called + waited + 30, attributes: { ...http('/internal/orders', status), 'server.address': `${service}-business` }, ...(slow && failed) },
      ], at).resourceSpans,
      ...traceRequest({ service: `${service}-business`, resource: { 'service.version': '2.8.0' } }, [
        { traceId, spanId: ids.business, parentSpanId: ids.toBusiness, name: 'POST /internal/orders', kind: server, from: 30, to: called + waited + 20, attributes: http('/internal/orders', status), ...(slow && failed) },
        ...selects,
        {
          traceId, spanId: ids.call, parentSpanId: ids.business, name: 'external.call', kind: client, from: called, to: called + waited,
          attributes: { 'http.request.method': 'POST', 'server.address': `${service}-external`, 'url.path': '/settle', ...(slow && { 'error.type': 'timeout' }) },
          ...(slow && { status: { code: 2, message: 'no response within 8000 ms' } }),
        },
      ], at).resourceSpans,
      ...traceRequest({ service: `${service}-external` }, [
        { traceId, spanId: ids.external, parentSpanId: ids.call, name: 'POST /settle', kind: server, from: called + 5, to: called + waited + (slow ? 3_220 : -5), attributes: http('/settle', 200) },
        { traceId, spanId: ids.settle, parentSpanId: ids.external, name: 'legacy.settle', from: called + 10, to: called + waited + (slow ? 3_210 : -10) },
      ], at).resourceSpans,
    ],
    logs: logRequest({ service: `${service}-business` }, [
      { at: called, body: 'calling external, timeout=8000', severity: 9, severityText: 'INFO', traceId, spanId: ids.call },
      ...(slow ? [{ at: called + waited, body: 'external call failed: TimeoutError', severity: 17, severityText: 'ERROR', traceId, spanId: ids.call }] : []),
    ], at).resourceLogs,
  }
}
