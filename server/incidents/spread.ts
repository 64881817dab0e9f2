import type { MetricSource, RequestsRow } from '#server/telemetry/ports'
import { isLive } from '#shared/registry/lifecycle'
import { MINUTE, type Micros, type Millis, type TimeWindow } from '#shared/units'
import type { IncidentRegister, KnownEndpoint } from './room'
import { routeIdOf } from './subject'
import type { Topology } from './topology'

/** What is compared with the time since the onset. */
const before: Millis = 30 * MINUTE
/** Fewer say nothing of an endpoint. */
const fewest = { before: 10, since: 3 }
/** Half as long again and so much longer, or so many more failures: what whoever calls it notices. */
const slower = { ratio: 1.5, by: 50_000 satisfies Micros }
const moreFailed = 0.05

/**
 * Registered endpoints that the fault reaches: their requests pass the guilty service, and they are clearly worse since
 * the onset. What raised an alert is only the part of it that was plain first; where every request is slower by a
 * little, none of them may ever raise one.
 */
export async function readSpread({ metrics, register, topology, service, onset, now }: {
  metrics: Pick<MetricSource, 'requests'>
  register: Pick<IncidentRegister, 'endpoints'>
  topology: Topology
  /** The guilty one. */
  service: string
  onset: Date
  now: Date
}): Promise<KnownEndpoint[]> {
  const guilty = service.toLowerCase()
  const passing = register.endpoints().filter(endpoint => isLive(endpoint.lifecycle)
    && (endpoint.service.toLowerCase() === guilty || topology.routes.get(routeIdOf(endpoint))?.has(guilty)))
  if (!passing.length) return []
  const read = async (window: TimeWindow) => new Map((await metrics.requests({ window, groupBy: ['service', 'method', 'routeKey'] })).data.map(row => [routeIdOf(row), row]))
  const [was, is] = await Promise.all([read({ from: new Date(onset.getTime() - before), to: onset }), read({ from: onset, to: now })])
  return passing.filter(endpoint => isWorse(was.get(routeIdOf(endpoint)), is.get(routeIdOf(endpoint))))
}

function isWorse(was: RequestsRow | undefined, is: RequestsRow | undefined): boolean {
  if (!was || !is || was.requests < fewest.before || is.requests < fewest.since) return false
  if (is.failed / is.requests - was.failed / was.requests >= moreFailed && is.failed >= fewest.since) return true
  return was.p50 !== undefined && is.p50 !== undefined && is.p50 >= slower.ratio * was.p50 && is.p50 - was.p50 >= slower.by
}
