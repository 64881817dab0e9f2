import { createServer, type IncomingMessage } from 'node:http'
import { throughPipeline, type LogsRequest } from './documents.ts'

// Stands where Logstash stands in deploy/, which no registry of this project's has: takes the Collector's requests as its
// http input does, and answers only when Elasticsearch has the documents, so that nothing is lost when it is away.

const elasticsearch = process.env.ELASTICSEARCH_URL ?? 'http://127.0.0.1:9200'
const port = Number(process.env.SHIPPER_PORT ?? 8088)

const server = createServer((request, response) => {
  const answer = (status: number, text: string) => response.writeHead(status, { 'content-type': 'text/plain' }).end(text)
  if (request.method === 'GET') return answer(200, 'ok')
  readJson(request).then(write).then(
    () => answer(200, 'ok'),
    // The Collector sends again what was answered 503.
    (error: Error) => answer(error instanceof SyntaxError ? 400 : 503, error.message),
  )
})
server.listen(port, '127.0.0.1')
process.on('SIGTERM', () => server.close(() => process.exit(0)))

async function readJson(request: IncomingMessage): Promise<LogsRequest> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return JSON.parse(Buffer.concat(chunks).toString()) as LogsRequest
}

async function write(logs: LogsRequest): Promise<void> {
  const lines = throughPipeline(logs).flatMap(({ index, document }) => [JSON.stringify({ index: { _index: index, _id: document.log_id } }), JSON.stringify(document)])
  if (lines.length === 0) return
  const response = await fetch(`${elasticsearch}/_bulk`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-ndjson' },
    body: `${lines.join('\n')}\n`,
    signal: AbortSignal.timeout(10_000),
  })
  const answer = await response.json() as { errors?: boolean, items?: { index: { status: number, error?: { reason: string } } }[] }
  if (!response.ok) throw new Error(`Elasticsearch answered ${response.status}`)
  for (const { index } of answer.items ?? []) {
    if (index.status === 429 || index.status >= 500) throw new Error(`Elasticsearch is busy: ${index.error?.reason}`)
    // Logstash would put it into the dead letter queue.
    if (index.error) process.stderr.write(`dead letter: ${index.error.reason}\n`)
  }
}
