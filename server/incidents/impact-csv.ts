import { csvMark, csvRow } from '#shared/csv'
import type { SentImpact } from '#shared/schemas/full-incident'
import { formatSheetTime } from '#shared/text/format'
import type { Reader } from '#shared/text/text'
import { badOf, type Impact } from './impact'

const head = [
  'part', 'consumer', 'consumer_name', 'contact', 'method', 'endpoint', 'endpoint_name', 'from', 'to', 'time_zone',
  'requests', 'failed', 'slow', 'share_of_their_requests', 'first_hit', 'last_hit', 'population',
]

/**
 * Consumer × endpoint × time, as a spreadsheet reads it. Of each pair first the whole incident, then its steps with
 * requests: `part` says which, so that a filter or a pivot adds up neither twice. What the source cannot tell is empty.
 */
export function impactCsv({ cells, from, step }: Impact, { consumers, endpoints, window, population }: SentImpact, { language, zone }: Reader): string {
  const hurt = new Map(consumers.map(consumer => [consumer.id, consumer]))
  const time = (at: number | string) => formatSheetTime(new Date(at), zone)
  return csvMark + csvRow(head) + cells.filter(cell => badOf(cell) > 0).map(({ consumer, route, failed, slow, total, fails, slows, totals }) => {
    const { name, contact, share, firstAt, lastAt } = hurt.get(consumer)!
    const { method, template, nameKo, nameEn } = endpoints[route]!
    const who = [consumer, name, contact, method, template, language === 'ko' ? nameKo || nameEn : nameEn || nameKo]
    const whole = csvRow(['whole', ...who, time(window.from), time(window.to), zone, ...[total, failed, slow].map(count), count(share), firstAt && time(firstAt), lastAt && time(lastAt), population.kind])
    const isTold = slow !== null && Math.abs(slow - slows.reduce((sum, each) => sum + each, 0)) < 0.5
    const steps = totals.flatMap((requests, i) => {
      if (requests === 0) return []
      const at = from.getTime() + i * step
      return csvRow(['step', ...who, time(at), time(at + step), zone, ...[requests, fails[i]!, isTold ? slows[i]! : null].map(count), null, null, null, population.kind])
    })
    return whole + steps.join('')
  }).join('')
}

/** Estimated counts are fractions: as many digits as mean something, in a form that every spreadsheet takes for a number. */
function count(value: number | null): number | null {
  return value === null ? null : Math.round(value * 10_000) / 10_000
}
