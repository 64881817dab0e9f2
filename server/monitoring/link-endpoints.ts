import type { OperationsRow, Population, SourceWarning, TraceQuery, TraceSource, TraceSummary } from '#server/telemetry/ports'
import type { MapEdgeDetail } from '#shared/schemas/service-map'
import type { TimeWindow } from '#shared/units'
import { partOf } from './forgiving-metrics'
import { isWatched, routeIdOf, type Register } from './register'

/** Traces are read of the operations that call most, from everywhere in the window. */
const operationsRead = 3
const parts = 4
const tracesRead = 60
const shown = 8

interface Link {
  caller: string
  callee: string
  calleeIsService: boolean
  operations: readonly Pick<OperationsRow, 'operation' | 'requests'>[]
  window: TimeWindow
}

/** Which requests pass a link, by a sample of the traces that do: the registered endpoints, most passed first. */
export async function readLinkEndpoints(traces: TraceSource, register: Pick<Register, 'endpoints'>, link: Link): Promise<{ value: MapEdgeDetail['through'], warnings: SourceWarning[] }> {
  const { value, warnings } = await partOf(traces.name, readThrough(traces, link))
  return { value: value ? count(value, register) : null, warnings }
}

async function readThrough(traces: TraceSource, { caller, callee, calleeIsService, operations, window }: Link): Promise<{ found: TraceSummary[], population: Population } | undefined> {
  const length = (window.to.getTime() - window.from.getTime()) / parts
  const at = (part: number) => new Date(window.from.getTime() + part * length)
  const named = operations.flatMap(({ operation }) => operation || []).slice(0, operationsRead)
  // Where calls are counted without the name of their span, whoever went through both services stands for them.
  if (!named.length && !calleeIsService) return undefined
  const asked = named.length ? named : [undefined]
  const questions = asked.flatMap(operation => Array.from({ length: parts }, (_, part): TraceQuery => ({
    window: { from: at(part), to: at(part + 1) }, service: caller, ...(operation !== undefined && { operation }), limit: Math.ceil(tracesRead / parts / asked.length),
  })))
  const pages = await Promise.all(questions.map(question => traces.search(question)))
  // A client span that is called `POST` may call anybody.
  const passes = ({ services }: TraceSummary) => !calleeIsService || services.some(service => service.toLowerCase() === callee.toLowerCase())
  const found = new Map(pages.flatMap(page => page.traces.filter(passes)).map(trace => [trace.traceId, trace]))
  return { found: [...found.values()], population: pages.find(({ population }) => population.kind !== 'all')?.population ?? { kind: 'all' } }
}

function count({ found, population }: { found: readonly TraceSummary[], population: Population }, register: Pick<Register, 'endpoints'>): NonNullable<MapEdgeDetail['through']> {
  const byRoute = Map.groupBy(found, ({ root }) => routeIdOf(root))
  const endpoints = register.endpoints().filter(isWatched).flatMap((endpoint) => {
    const those = byRoute.get(routeIdOf(endpoint))
    if (!those) return []
    const { id, method, template, nameKo, nameEn } = endpoint
    return [{ id, method, template, nameKo, nameEn, traces: those.length, share: those.length / found.length, failed: those.filter(({ failed }) => failed).length }]
  }).sort((a, b) => b.traces - a.traces || (a.template < b.template ? -1 : 1))
  return { traces: found.length, population, endpoints: endpoints.slice(0, shown), others: found.length - endpoints.reduce((sum, { traces }) => sum + traces, 0) }
}
