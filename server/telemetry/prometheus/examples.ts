import type { Findings } from './findings'
import { fits, isNot, selector, sumBy, type Matcher } from './promql'

const range = '5m'

/** Queries to begin with, in the names that were found. */
export function examplesOf({ requests, consumerSpans, spans }: Findings, only: readonly Matcher[]): { code: string, query: string }[] {
  const counter = requests?.counters[0]
  if (!requests || !counter || counter.native) return []
  const { service, kind, route, status, outcome } = counter.labels
  const served = [...only, ...(requests.role === 'spans' && kind ? [fits(kind, 'SPAN_KIND_(SERVER|CONSUMER)')] : [])]
  const rate = (...more: Matcher[]) => sumBy([service], `rate(${selector(counter.name, [...served, ...more])}[${range}])`)
  const failed = status[0] ? fits(status[0], '5..') : outcome ? fits(outcome, '.*ERROR') : undefined
  const bucket = requests.histograms.find(histogram => histogram.bucket)?.bucket
  const consumer = spans?.counters[0]?.labels.consumer[0]
  return [
    { code: 'rate', query: rate() },
    ...(failed ? [{ code: 'errors', query: `${rate(failed)}\n/\n${rate()}` }] : []),
    ...(bucket ? [{ code: 'p95', query: `histogram_quantile(0.95,\n  ${sumBy(['le', route[0] ?? service], `rate(${selector(bucket, [...served, ...(route[0] ? [isNot(route[0], '')] : [])])}[${range}])`)}\n)` }] : []),
    ...(consumer && consumerSpans.size ? [{ code: 'consumers', query: `topk(10, ${sumBy([consumer], `rate(${selector(spans!.counters[0]!.name, [...only, isNot(consumer, '')])}[${range}])`)})` }] : []),
  ]
}
