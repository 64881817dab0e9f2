import type { Clock } from '#server/clock'
import type { MetricSource, TraceSource } from '#server/telemetry/ports'
import { MINUTE } from '#shared/units'
import { routeIdOf } from './subject'

/** Who calls whom, as far as telemetry showed it lately. Names in lower case. */
export interface Topology {
  /** Callees of each caller: services, and what sends no telemetry of its own. */
  calls: ReadonlyMap<string, ReadonlySet<string>>
  /** Services that a request of this route passes, by route id. */
  routes: ReadonlyMap<string, ReadonlySet<string>>
  /** What requests of a route are called, by route id: `GET /orders/{id}`. */
  operations: ReadonlyMap<string, string>
}

const noTopology: Topology = { calls: new Map(), routes: new Map(), operations: new Map() }

/** Calls are remembered for as long as a rare one may take to come back. */
const callsWindow = 60 * MINUTE
const tracesWindow = 10 * MINUTE
const tracesRead = 200

/**
 * Kept in memory, because alerts are grouped inside a transaction, which cannot wait. What cannot be read keeps what was
 * known: grouping by an old map is better than by none.
 */
export function createTopologyKeeper({ clock, metrics, traces }: { clock: Clock, metrics: MetricSource, traces: TraceSource }) {
  let known = noTopology
  let routes = new Map<string, Set<string>>()
  let operations = new Map<string, string>()

  return {
    current: (): Topology => known,

    async refresh(): Promise<void> {
      const now = clock.now()
      const [calls, passed] = await Promise.all([readCalls(metrics, now).catch(() => undefined), readRoutes(traces, now).catch(() => undefined)])
      // A route that nobody called for ten minutes is as it was.
      if (passed) {
        routes = new Map([...routes, ...passed.routes])
        operations = new Map([...operations, ...passed.operations])
      }
      known = { calls: calls ?? known.calls, routes, operations }
    },
  }
}

async function readCalls(metrics: MetricSource, now: Date): Promise<Map<string, Set<string>>> {
  const window = { from: new Date(now.getTime() - callsWindow), to: now }
  const [sent, received] = await Promise.all([
    metrics.operations({ window, groupBy: ['service', 'kind', 'remote'] }),
    metrics.requests({ window, groupBy: ['service', 'method', 'routeKey'], countsOnly: true }),
  ])
  // A message goes to whoever receives from its destination.
  const readers = Map.groupBy(received.data.filter(row => row.method === ''), row => row.routeKey!.toLowerCase())
  const calls = new Map<string, Set<string>>()
  for (const { service, kind, remote } of sent.data) {
    if (!remote || (kind !== 'client' && kind !== 'producer')) continue
    const caller = service!.toLowerCase()
    const callees = calls.get(caller) ?? new Set()
    calls.set(caller, callees)
    callees.add(remote.toLowerCase())
    if (kind === 'producer') for (const reader of readers.get(remote.toLowerCase()) ?? []) callees.add(reader.service!.toLowerCase())
  }
  return calls
}

async function readRoutes(traces: TraceSource, now: Date) {
  const page = await traces.search({ window: { from: new Date(now.getTime() - tracesWindow), to: now }, limit: tracesRead })
  const routes = new Map<string, Set<string>>()
  const operations = new Map<string, string>()
  for (const { root, services } of page.traces) {
    if (root.routeKey === undefined) continue
    const id = routeIdOf({ service: root.service, method: root.method ?? '', routeKey: root.routeKey })
    const passed = routes.get(id) ?? new Set()
    routes.set(id, passed)
    operations.set(id, root.operation)
    for (const service of services) passed.add(service.toLowerCase())
  }
  return { routes, operations }
}
