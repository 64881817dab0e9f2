import type { BenchApp } from './app.ts'
import type { BenchTrace } from '../limit-page/columns.ts'

/** Sends a bench trace as OTLP/JSON in batches, one resource per service, as its services would. */
export async function sendTrace(app: BenchApp, traceId: string, trace: BenchTrace, start: Date): Promise<void> {
  const base = BigInt(start.getTime()) * 1_000_000n
  const id = (i: number) => (i + 1).toString(16).padStart(16, '0')
  const span = (i: number) => {
    const from = base + BigInt(trace.start[i]!) * 1_000n
    return {
      traceId, spanId: id(i), name: trace.names[trace.name[i]!], kind: i === 0 ? 2 : 1,
      ...(trace.parent[i]! >= 0 && { parentSpanId: id(trace.parent[i]!) }),
      startTimeUnixNano: String(from), endTimeUnixNano: String(from + BigInt(trace.duration[i]!) * 1_000n),
      attributes: [{ key: 'step', value: { intValue: String(i) } }],
      ...(i === 0 && { attributes: [{ key: 'http.request.method', value: { stringValue: 'GET' } }, { key: 'http.route', value: { stringValue: '/bench' } }, { key: 'http.response.status_code', value: { intValue: '200' } }] }),
    }
  }
  for (let from = 0; from < trace.count; from += 8_000) {
    const byService = new Map<number, ReturnType<typeof span>[]>()
    for (let i = from; i < Math.min(trace.count, from + 8_000); i++) {
      const spans = byService.get(trace.service[i]!) ?? []
      byService.set(trace.service[i]!, spans)
      spans.push(span(i))
    }
    const body = {
      resourceSpans: [...byService].map(([service, spans]) => ({
        resource: { attributes: [{ key: 'service.name', value: { stringValue: trace.services[service] } }] },
        scopeSpans: [{ spans }],
      })),
    }
    const answer = await fetch(`${app.otlp}/v1/traces`, { method: 'POST', headers: { 'content-type': 'application/json', 'x-ingest-key': app.key }, body: JSON.stringify(body) })
    if (!answer.ok) throw new Error(`The trace was refused with ${answer.status}: ${await answer.text()}`)
  }
}
