import { MINUTE, SECOND } from '#shared/units'
import type { AlertSubject } from '../alert'
import type { Finding } from '../rule'
import { drop, outage, STEP } from './parameters'
import type { Graph, View } from './platform'
import type { Series } from './series'

/**
 * T0, too: requests of an entry that no longer end, while calls made on their way go on as ever. Traces show a request
 * when it is over; one that hangs shows by the calls it made before. Without those nobody can tell a request that hangs
 * from one that never came: then it is silence, and no alert.
 */
export function findDrops(view: View, graph: Graph): Finding[] {
  const services = Map.groupBy([...view.memory.all].filter(graph.isEntry), ({ subject }) => subject.service)
  return [...services].flatMap(([service, routes]) => {
    const usual = usualIn(view, routes, drop.window)
    if (usual < drop.usual) return []
    const now = countIn(routes, view.to, drop.window)
    if (now > usual * drop.requestsTo) return []
    const calls = Map.groupBy(view.memory.of(service).filter(({ kind }) => kind === 'call'), ({ subject }) => subject.remote)
    const goesOn = [...calls.values()].some((series) => {
      const usualCalls = usualIn(view, series, drop.window)
      return usualCalls >= drop.usual && countIn(series, view.to, drop.window) >= usualCalls * drop.callsAbove
    })
    if (!goesOn) return []
    return {
      subject: { service }, severity: 'critical' as const, onset: new Date(view.at.getTime() - drop.window),
      reason: { code: 'alerting.drop' as const, params: { now: Math.round(now), usual: Math.round(usual), seconds: drop.window / SECOND } },
    }
  })
}

/** Entries at which something is usual in every step, and nothing came for a minute. */
export function findSilent(view: View, graph: Graph): AlertSubject[] {
  const steps = outage.silence / STEP
  return [...view.memory.all].filter(series => graph.isEntry(series) && series.fine.sum(view.to - steps, view.to).spans === 0 && usualIn(view, [series], STEP) >= 1)
    .map(({ subject }) => subject)
}

function countIn(series: readonly Series[], to: number, length: number): number {
  return series.reduce((sum, { fine }) => sum + fine.sum(to - length / STEP, to).requests, 0)
}

/** What so long a window usually has. */
function usualIn({ usual }: View, series: readonly Series[], length: number): number {
  return series.reduce((sum, each) => sum + usual(each).requestsAMinute, 0) * length / MINUTE
}
