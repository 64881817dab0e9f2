import { csvMark, csvRow } from '#shared/csv'
import type { SentImpact } from '#shared/schemas/full-incident'

const head = ['consumer', 'consumer_name', 'method', 'endpoint', 'from', 'to', 'requests', 'failed_or_slow', 'share_of_its_traffic']

/** Consumer × endpoint × time, as a spreadsheet reads it: steps without a hit are left out, sums stand at the end of each pair. */
export function impactCsv({ consumers, endpoints, matrix: { from, step, steps, cells }, window }: SentImpact): string {
  const start = Date.parse(from)
  const named = new Map(consumers.map(consumer => [consumer.id, consumer]))
  const time = (at: number) => new Date(at).toISOString()
  return csvMark + csvRow(head) + cells.map(({ consumer, endpoint, bad, totals, failed, slow, total }) => {
    const { method, template } = endpoints[endpoint]!
    const who = [consumer, named.get(consumer)?.name ?? consumer, method, template]
    const hit = Array.from({ length: steps }, (_, i) => i).filter(i => bad[i]! > 0)
      .map(i => csvRow([...who, time(start + i * step), time(start + (i + 1) * step), totals[i]!, bad[i]!, '']))
    return hit.join('') + csvRow([...who, window.from, window.to, total, failed + (slow ?? 0), named.get(consumer)?.share ?? ''])
  }).join('')
}
