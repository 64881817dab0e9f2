import type { TraceSummary } from '#server/telemetry/ports'
import type { SentPathShares } from '#shared/schemas/endpoint-analysis'
import { threeDigits } from './sent'

/** Where the time of these traces went: self time on their critical paths by service, largest first. */
export function pathSharesOf(traces: TraceSummary[]): SentPathShares {
  const sums = new Map<string, number>()
  for (const { path } of traces) for (const { service, micros } of path) sums.set(service, (sums.get(service) ?? 0) + micros)
  const total = [...sums.values()].reduce((a, b) => a + b, 0)
  return {
    traces: traces.length,
    parts: [...sums].map(([service, micros]) => ({ service, micros: threeDigits(micros / traces.length), share: total ? micros / total : 0 }))
      .sort((a, b) => b.share - a.share),
  }
}
