// What ours is measured against: decodes with protobufjs the way its users do (plain objects, 64-bit numbers as text,
// ids as hex) and keeps the spans in memory by trace. Nothing durable, no figures, no search.
import { createServer } from 'node:http'
import { messages } from '../../support/otlp/proto.ts'

interface Span { traceId: string | Buffer, spanId: string | Buffer, parentSpanId: string | Buffer }
interface Request { resourceSpans: { resource: object, scopeSpans: { spans: Span[] }[] }[] }

const most = 500_000
const traces = new Map<string, { resource: object, span: object }[]>()
let held = 0

const server = createServer((request, response) => {
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.on('end', () => {
    const decoded = messages.traces.decode(Buffer.concat(chunks))
    const { resourceSpans } = messages.traces.toObject(decoded, { longs: String, enums: Number, bytes: Buffer, arrays: true }) as Request
    for (const { resource, scopeSpans } of resourceSpans) {
      for (const { spans } of scopeSpans) {
        for (const span of spans) {
          for (const name of ['traceId', 'spanId', 'parentSpanId'] as const) span[name] = Buffer.from(span[name] as Buffer | undefined ?? []).toString('hex')
          const id = span.traceId as string
          const trace = traces.get(id)
          if (trace) trace.push({ resource, span })
          else traces.set(id, [{ resource, span }])
          held++
        }
      }
    }
    while (held > most) {
      const [id, spans] = traces.entries().next().value!
      traces.delete(id)
      held -= spans.length
    }
    response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end()
  })
})
server.listen(0, '127.0.0.1', () => process.send!({ port: (server.address() as { port: number }).port }))
process.on('message', () => process.exit(0))
