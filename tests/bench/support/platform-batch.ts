import type { BenchApp } from './app.ts'

let sequence = 0

/** One batch of requests: a server span each, over `services` services and five routes, `ago` milliseconds back. */
export function batch(services: number, perService: number, ago = 0): { body: string, spans: number } {
  const end = BigInt(Date.now() - ago) * 1_000_000n
  const string = (key: string, value: string) => ({ key, value: { stringValue: value } })
  return {
    spans: services * perService,
    body: JSON.stringify({
      resourceSpans: Array.from({ length: services }, (_, service) => ({
        resource: { attributes: [string('service.name', `service-${service}`)] },
        scopeSpans: [{
          spans: Array.from({ length: perService }, (_, i) => {
            sequence++
            return {
              traceId: sequence.toString(16).padStart(32, 'a'), spanId: sequence.toString(16).padStart(16, 'c'),
              name: `GET /api/v1/items-${i % 5}`, kind: 2,
              startTimeUnixNano: String(end - BigInt(20 + sequence % 400) * 1_000_000n), endTimeUnixNano: String(end),
              attributes: [string('http.request.method', 'GET'), string('http.route', `/api/v1/items-${i % 5}`), { key: 'http.response.status_code', value: { intValue: sequence % 97 ? '200' : '500' } }, string('api.client.id', `partner-${i % 4}`)],
            }
          }),
        }],
      })),
    }),
  }
}

export async function send(app: Pick<BenchApp, 'otlp' | 'key'>, body: string): Promise<boolean> {
  const answer = await fetch(`${app.otlp}/v1/traces`, { method: 'POST', headers: { 'content-type': 'application/json', 'x-ingest-key': app.key }, body })
  await answer.arrayBuffer()
  return answer.ok
}
