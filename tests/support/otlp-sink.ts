import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gunzipSync } from 'node:zlib'

interface KeyValue { key: string, value: Record<string, unknown> }
interface WireSpan { traceId: string, spanId: string, parentSpanId?: string, name: string, kind: number, startTimeUnixNano: string, endTimeUnixNano: string, status?: { code?: number, message?: string }, attributes?: KeyValue[] }
interface WireLog { traceId?: string, spanId?: string, severityText?: string, body?: { stringValue?: string }, attributes?: KeyValue[] }
interface Wire {
  resourceSpans?: { resource: { attributes: KeyValue[] }, scopeSpans: { spans: WireSpan[] }[] }[]
  resourceLogs?: { resource: { attributes: KeyValue[] }, scopeLogs: { logRecords: WireLog[] }[] }[]
  resourceMetrics?: { resource: { attributes: KeyValue[] }, scopeMetrics: { metrics: { name: string }[] }[] }[]
}

type Values = Record<string, unknown>
export type SunkSpan = Omit<WireSpan, 'attributes'> & { service: string, resource: Values, attributes: Values, milliseconds: number }
export type SunkLog = { service: string, traceId: string, spanId: string, level: string, body: string, attributes: Values }

/** A small receiver of OTLP/JSON that keeps what it gets. */
export async function startOtlpSink() {
  const spans: SunkSpan[] = []
  const logs: SunkLog[] = []
  const metrics: { service: string, name: string }[] = []
  const keys = new Set<string>()

  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    keys.add(String(request.headers['x-ingest-key']))
    const bytes = Buffer.concat(chunks)
    const wire = JSON.parse((request.headers['content-encoding'] === 'gzip' ? gunzipSync(bytes) : bytes).toString()) as Wire
    for (const { resource, scopeSpans } of wire.resourceSpans ?? []) {
      const values = valuesOf(resource.attributes)
      for (const span of scopeSpans.flatMap(scope => scope.spans)) {
        const milliseconds = Number(BigInt(span.endTimeUnixNano) - BigInt(span.startTimeUnixNano)) / 1e6
        spans.push({ ...span, service: String(values['service.name']), resource: values, attributes: valuesOf(span.attributes), milliseconds })
      }
    }
    for (const { resource, scopeLogs } of wire.resourceLogs ?? []) {
      for (const log of scopeLogs.flatMap(scope => scope.logRecords)) {
        logs.push({ service: String(valuesOf(resource.attributes)['service.name']), traceId: log.traceId ?? '', spanId: log.spanId ?? '', level: log.severityText ?? '', body: log.body?.stringValue ?? '', attributes: valuesOf(log.attributes) })
      }
    }
    for (const { resource, scopeMetrics } of wire.resourceMetrics ?? []) {
      for (const metric of scopeMetrics.flatMap(scope => scope.metrics)) metrics.push({ service: String(valuesOf(resource.attributes)['service.name']), name: metric.name })
    }
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}')
  })
  await new Promise<void>(done => server.listen(0, '127.0.0.1', done))

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans,
    logs,
    metrics,
    keys,
    close: () => new Promise<void>((done) => {
      server.closeAllConnections()
      server.close(() => done())
    }),
  }
}

function valuesOf(attributes: KeyValue[] = []): Values {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]))
}
