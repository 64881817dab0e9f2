import type { Clock } from '#server/clock'
import type { DurationsQuery, MetricSource } from '#server/telemetry/ports'
import type { TraceAnswer } from '#shared/schemas/trace'
import { operationName } from '#shared/trace/operation-name'
import type { Skeleton } from '#shared/trace/skeleton'
import type { SpanKind } from '#shared/trace/span'
import { kindOf } from '#shared/trace/span-table'
import type { TimeWindow } from '#shared/units'
import type { HeldTrace } from './trace-cache'
import { createUsual, type Usual } from './usual'

/** Services whose usual times are asked for; a trace through more is judged by the ones that took longest. */
const MOST_SERVICES = 12

/** What is normal for the operations of a trace: in the 24 h before it, under the names it calls them by. */
export function createTraceUsual(dependencies: { clock: Clock, metrics: MetricSource, excluded: () => readonly TimeWindow[] }) {
  const usual = createUsual(dependencies)

  /** Of its operations, at the services that took longest. */
  async function ofTrace({ trace, once }: HeldTrace): Promise<TraceAnswer['usual']> {
    const { services, wanted } = once('operations', () => longestServices(trace))
    const before = new Date(trace.base / 1_000)
    const found = await Promise.all(services.map(async service => ({ service, usual: await usualOf(trace.services[service]!, before) })))
    return found.flatMap(({ service, usual }) => [...usual].flatMap(([operation, { p50, requests }]) => {
      const { kind, names } = wanted.get(`${service}/${operation.toLowerCase()}`) ?? { kind: 'internal', names: [] }
      return [...names].map(name => ({ service, operation: name, kind, p50, calls: requests }))
    }))
  }

  /** By kind and operation. Everybody who looks at an incident opens traces of the same minutes, and shares the answer. */
  function usualOf(service: string, before: Date): Promise<Map<string, Usual>> {
    const name = service.toLowerCase()
    return usual.operations(name, { from: before, to: before })
  }

  /** Of a call by whom it calls too: what is normal for one callee says nothing about another. */
  async function ofCall(calls: DurationsQuery['where'], before: Date): Promise<Usual | undefined> {
    if (calls.remote === undefined) {
      const operation = operationKey(calls.kind, calls.operation)
      return [...await usualOf(calls.service, before)].find(([key]) => key.toLowerCase() === operation)?.[1]
    }
    return (await usual.calls({ groupBy: [], where: calls }, { from: before, to: before }, () => '')).get('')
  }

  return { ofTrace, ofCall }
}

/** As operations are compared: ids replaced, in lower case, because Zipkin makes names small. */
function operationKey(kind: SpanKind, name: string): string {
  return `${kind} ${operationName(name).toLowerCase()}`
}

/** Whose usual times are worth asking for: the services that took longest, and all operations of the trace. */
function longestServices(trace: Skeleton): { services: number[], wanted: Map<string, { kind: SpanKind, names: Set<string> }> } {
  const longest = new Map<number, number>()
  const wanted = new Map<string, { kind: SpanKind, names: Set<string> }>()
  const seen = new Set<string>()
  for (let span = 0; span < trace.count; span++) {
    const service = trace.service[span]!
    longest.set(service, Math.max(longest.get(service) ?? 0, trace.duration[span]!))
    const kind = kindOf(trace, span)
    const name = trace.names[trace.name[span]!]!
    if (seen.has(`${service}/${kind}/${name}`)) continue
    seen.add(`${service}/${kind}/${name}`)
    const key = `${service}/${operationKey(kind, name)}`
    const known = wanted.get(key) ?? { kind, names: new Set<string>() }
    wanted.set(key, known)
    known.names.add(name)
  }
  const services = [...longest.entries()].sort((a, b) => b[1] - a[1]).slice(0, MOST_SERVICES).map(([service]) => service)
  return { services, wanted }
}
