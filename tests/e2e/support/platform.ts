import { randomBytes } from 'node:crypto'
import { logRequest, traceRequest, type SentLog, type SentSpan } from '../../support/otlp/build.ts'
import { otlp } from '../../../playwright.config.ts'
import { seeded } from './accounts.ts'

// The platform of the story, as its services would report it: gateway, auth, business, an external API that hangs.

export const hex = (digits: number) => randomBytes(digits / 2).toString('hex')
const server = 2
const client = 3
const failed = (message: string) => ({ code: 2, message })

export interface Call {
  traceId: string
  /** Span in which the external call was waited for. */
  externalSpan: string
  spans: object[]
  logs: object[]
}

/** One `POST /api/v1/process`: answered after about 300 ms, or given up after 8.0 s when the external API hangs. */
export function processCall({ at, hangs = false, consumer = 'partner-shop', service = 'api-gateway', route = '/api/v1/process', business: businessName = 'business-service', external: externalName = 'external-api', marker = '' }: {
  at: number, hangs?: boolean, consumer?: string, service?: string, route?: string
  /** Who is behind, where calls of other tests must not be theirs. */
  business?: string, external?: string
  /** Text that only this call's log lines carry. */
  marker?: string
}): Call {
  const traceId = hex(32)
  const [root, manual, toAuth, auth, token, toBusiness, business, external] = Array.from({ length: 8 }, () => hex(16)) as [string, string, string, string, string, string, string, string]
  const waited = hangs ? 8_000 : 210
  const end = 90 + waited
  const common = { traceId }
  const http = (method: string, path: string, status: number) => ({ 'http.request.method': method, 'http.route': path, 'url.path': path, 'http.response.status_code': status })

  const gateway: SentSpan[] = [
    { ...common, spanId: root, name: `POST ${route}`, kind: server, from: 0, to: end + 30, attributes: { ...http('POST', route, hangs ? 502 : 200), 'api.client.id': consumer }, ...(hangs && { status: failed('upstream timeout') }) },
    { ...common, spanId: manual, parentSpanId: root, name: 'openapi.process.request', from: 5, to: end + 20, attributes: { 'api.client.id': consumer } },
    { ...common, spanId: toAuth, parentSpanId: manual, name: 'POST', kind: client, from: 10, to: 50, attributes: { ...http('POST', '/auth/validate', 200), 'server.address': 'auth-service' } },
    { ...common, spanId: toBusiness, parentSpanId: manual, name: 'POST', kind: client, from: 60, to: end + 10, attributes: { ...http('POST', '/process', hangs ? 504 : 200), 'server.address': businessName, ...(hangs && { 'error.type': '504' }) }, ...(hangs && { status: failed('504') }) },
  ]
  const authSpans: SentSpan[] = [
    { ...common, spanId: auth, parentSpanId: toAuth, name: 'POST /auth/validate', kind: server, from: 15, to: 48, attributes: http('POST', '/auth/validate', 200) },
    { ...common, spanId: token, parentSpanId: auth, name: 'Token Validation', from: 18, to: 45 },
  ]
  const businessSpans: SentSpan[] = [
    { ...common, spanId: business, parentSpanId: toBusiness, name: 'POST /process', kind: server, from: 65, to: end + 5, attributes: http('POST', '/process', hangs ? 504 : 200), ...(hangs && { status: failed('external timeout') }) },
    {
      ...common, spanId: external, parentSpanId: business, name: 'external.api.call', kind: client, from: 80, to: 80 + waited,
      attributes: { 'http.request.method': 'POST', 'server.address': externalName, 'api.client.id': consumer, ...(hangs ? { 'error.type': 'timeout' } : { 'http.response.status_code': 200 }) },
      ...(hangs && { status: failed('no response within 8000 ms'), events: [{ at: 80 + waited, name: 'exception', attributes: { 'exception.type': 'TimeoutError', 'exception.message': 'no response within 8000 ms' } }] }),
    },
  ]
  const lines: SentLog[] = [
    { at: 80, body: `calling external-api, timeout=8000 ${marker}`.trim(), severity: 9, severityText: 'INFO', traceId, spanId: external },
    ...(hangs
      ? [{
          at: 80 + waited, body: `external call failed: TimeoutError ${marker}`.trim(), severity: 17, severityText: 'ERROR', traceId, spanId: external,
          attributes: { 'exception.type': 'TimeoutError', 'exception.message': 'no response within 8000 ms', 'exception.stacktrace': 'TimeoutError: no response within 8000 ms\n    at ExternalClient.settle (external.client:118)\n    at ProcessService.callExternal (process.service:74)\n    at ProcessService.process (process.service:31)' },
        }]
      : []),
  ]
  return {
    traceId, externalSpan: external,
    spans: [
      ...traceRequest({ service }, gateway, at).resourceSpans,
      ...traceRequest({ service: 'auth-service' }, authSpans, at).resourceSpans,
      ...traceRequest({ service: businessName, resource: { 'service.version': '2.8.0' } }, businessSpans, at).resourceSpans,
    ],
    logs: logRequest({ service: businessName, resource: { 'service.version': '2.8.0' }, scope: { name: 'app.external' } }, lines, at).resourceLogs,
  }
}

/** Sends them and answers once the app has committed them. */
export async function report(calls: Pick<Call, 'spans' | 'logs'>[]): Promise<void> {
  await deliver('traces', { resourceSpans: calls.flatMap(call => call.spans) })
  const resourceLogs = calls.flatMap(call => call.logs)
  if (resourceLogs.length) await deliver('logs', { resourceLogs })
}

export async function deliver(signal: 'traces' | 'logs' | 'metrics', body: object): Promise<void> {
  const response = await fetch(`${otlp}/v1/${signal}`, { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json', 'x-ingest-key': seeded().ingestKey } })
  if (!response.ok) throw new Error(`/v1/${signal} was answered ${response.status}: ${await response.text()}`)
  const { partialSuccess } = await response.json() as { partialSuccess?: { rejectedSpans?: string, errorMessage?: string } }
  if (partialSuccess?.errorMessage) throw new Error(`/v1/${signal} did not take everything: ${partialSuccess.errorMessage}`)
}
