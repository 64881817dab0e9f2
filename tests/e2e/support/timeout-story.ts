import { traceRequest } from '../../support/otlp/build.ts'
import { deliver, hex } from './platform.ts'

const server = 2
const client = 3
/** Where the caller gives up. */
export const limit = 8_000

export interface Sent { calls: number, cut: number, byConsumer: Record<string, { calls: number, cut: number }> }

/**
 * Three services of one's own, whose last call is answered in about 150 ms, or cut at 8.0 s while the fault is on:
 *
 *   gateway   POST /api/v1/settle    |=======================| 502
 *   business  POST /settle            |=====================|
 *             external.settle           |=================|   cut
 */
export function createTimeoutStory() {
  const tag = hex(6)
  const names = { gateway: `settle-gateway-${tag}`, business: `settle-business-${tag}`, external: `settle-external-${tag}` }
  const consumers = [`shop-${tag}`, `pay-${tag}`, `shop-${tag}`]
  const sent: Sent = { calls: 0, cut: 0, byConsumer: {} }
  let number = 0

  /** One request that ended at `end`, milliseconds since the epoch. */
  function call(end: number, isFaulty: boolean) {
    const isCut = isFaulty && number % 3 !== 2
    const consumer = consumers[number % consumers.length]!
    const waited = isCut ? limit : 120 + (number * 37) % 60
    number++
    const total = waited + 60
    const at = end - total
    const traceId = hex(32)
    const [root, out, inner, last] = Array.from({ length: 4 }, () => hex(16)) as [string, string, string, string]
    const http = (path: string, status: number) => ({ 'http.request.method': 'POST', 'http.route': path, 'url.path': path, 'http.response.status_code': status })
    const failed = isCut ? { status: { code: 2, message: 'timeout' } } : {}
    const of = sent.byConsumer[consumer] ??= { calls: 0, cut: 0 }
    if (isFaulty) {
      sent.calls++
      of.calls++
      if (isCut) {
        sent.cut++
        of.cut++
      }
    }
    return [
      ...traceRequest({ service: names.gateway }, [
        { traceId, spanId: root, name: 'POST /api/v1/settle', kind: server, from: 0, to: total, attributes: { ...http('/api/v1/settle', isCut ? 502 : 200), 'api.client.id': consumer }, ...failed },
        { traceId, spanId: out, parentSpanId: root, name: 'POST', kind: client, from: 8, to: total - 8, attributes: { 'http.request.method': 'POST', 'server.address': names.business, 'http.response.status_code': isCut ? 502 : 200 }, ...failed },
      ], at).resourceSpans,
      ...traceRequest({ service: names.business, resource: { 'service.version': '1.4.0' } }, [
        { traceId, spanId: inner, parentSpanId: out, name: 'POST /settle', kind: server, from: 16, to: total - 16, attributes: http('/settle', isCut ? 502 : 200), ...failed },
        {
          traceId, spanId: last, parentSpanId: inner, name: 'external.settle', kind: client, from: 28, to: 28 + waited,
          attributes: { 'http.request.method': 'POST', 'server.address': names.external, ...(isCut ? { 'error.type': 'timeout' } : { 'http.response.status_code': 200 }) },
          ...(isCut && { status: { code: 2, message: `no response within ${limit} ms` } }),
        },
      ], at).resourceSpans,
    ]
  }

  const send = (ends: number[], isFaulty: boolean) => deliver('traces', { resourceSpans: ends.flatMap(end => call(end, isFaulty)) })

  /** Two requests a second for ten minutes, up to now. */
  async function seedUsual() {
    const now = Date.now()
    for (let part = 0; part < 6; part++) await send(Array.from({ length: 200 }, (_, i) => now - (part * 200 + i) * 500), false)
  }

  /** Goes on with as many requests a second until it is told to stop, with the fault on or off. */
  function play(isFaulty: () => boolean): () => Promise<void> {
    let isOn = true
    const playing = (async () => {
      while (isOn) {
        const now = Date.now()
        await send([now, now - 500], isFaulty())
        await new Promise(resolve => setTimeout(resolve, Math.max(0, now + 1_000 - Date.now())))
      }
    })()
    return () => {
      isOn = false
      return playing
    }
  }

  return { names, consumers: [...new Set(consumers)], sent, seedUsual, play }
}
