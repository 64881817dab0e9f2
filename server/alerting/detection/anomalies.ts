import type { Sentence, TextParam } from '#shared/text/text'
import { MINUTE } from '#shared/units'
import type { Finding } from '../rule'
import type { Baseline } from './baseline'
import { findFailing, findSlower, onsetOf } from './contrast'
import { findLasting } from './lasting'
import { anomaly } from './parameters'
import { isExcused, type Graph, type View } from './platform'
import type { Series } from './series'

/**
 * T2: routes and calls that are slower or fail more than is usual for them. It pages where an entry endpoint moved that
 * leads there; else it is an insight about the service.
 */
export function findAnomalies(view: View, graph: Graph): Finding[] {
  return [...view.memory.all].flatMap((series) => {
    if (series.kind === 'send') return []
    const usual = view.usual(series).baseline
    const found = usual && judge(view, series, usual)
    if (!found) return []
    const { service } = series.subject
    return { subject: series.subject, severity: graph.movedTowards(service) ? 'critical' as const : 'info' as const, ...found }
  })
}

function judge(view: View, series: Series, usual: Baseline): { onset: Date, reason: Sentence } | undefined {
  const { to } = view
  const isFiring = view.isFiring('t2', series)
  const factor = isFiring ? anomaly.keep : 1
  const failing = findFailing(series, usual, to, { factor })
  if (failing) {
    const { share, calls } = failing
    return {
      onset: onsetOf(series, to, sum => sum.failed / sum.requests > (share + failing.usual) / 4),
      reason: { code: 'alerting.anomaly.errors', params: { ratio: { ratio: share }, usual: { ratio: failing.usual }, count: Math.round(calls), ...restingOn(usual) } },
    }
  }
  const slower = findSlower(series, usual, to, factor)
  if (!slower || isExcused(view, series, slower)) return isFiring ? judgeLasting(view, series) : undefined
  return {
    onset: onsetOf(series, to, sum => Math.max(sum.duration / sum.requests, sum.p50) > slower.usual * Math.sqrt(slower.ratio)),
    reason: { code: 'alerting.anomaly.latency', params: { now: { micros: Math.round(slower.now) }, usual: { micros: Math.round(slower.usual) }, times: { times: slower.ratio }, count: Math.round(slower.calls), ...restingOn(usual) } },
  }
}

function judgeLasting(view: View, series: Series): { onset: Date, reason: Sentence } | undefined {
  const slower = findLasting(view, series)
  if (!slower) return undefined
  const { now, usual, calls } = slower
  return { onset: view.at, reason: { code: 'alerting.anomaly.lasting', params: { now: { micros: Math.round(now) }, usual: { micros: usual }, count: calls } } }
}

/** What was usual, by how much of it is known. */
export function restingOn({ length }: Pick<Baseline, 'length'>): Record<string, TextParam> {
  return { minutes: Math.round(length / MINUTE) }
}
