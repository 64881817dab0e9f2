import type { Clock } from '#server/clock'
import type { LogSource, MetricSource, TraceBatch, TraceSource } from '#server/telemetry/ports'
import type { Change } from '#shared/schemas/change'
import type { Sentence } from '#shared/text/text'
import { TraceCollector, type Traces } from '#shared/trace/trace-columns'
import { MINUTE, SECOND, type Micros, type Millis, type TimeWindow } from '#shared/units'
import type { ChangeEvent, DiagnosisInput, LogEntry, RedSeries } from './input'
import { matchOperations, type Disturbed } from './disturbed'
import { longestMessage } from './log-templates'
import { defaults, STEP } from './parameters'

export interface CollectPorts {
  traces: Pick<TraceSource, 'name' | 'batch'>
  metrics: Pick<MetricSource, 'name' | 'requests' | 'operations'>
  logs: Pick<LogSource, 'name' | 'ofTraces'>
  /** Deployments and configuration changes of a window, of all services. */
  changes: (window: TimeWindow) => Change[] | Promise<Change[]>
  clock: Clock
}

export interface CollectQuery {
  /** The end of what is looked at. */
  at: Date
  /** What is disturbed; empty: found from the traces. */
  symptoms: Disturbed[]
  /** Where it is known better than the series can tell. */
  onset?: Date
  /** When it was noticed: it began no later. */
  noticed?: Date
  /** Nothing was noticed: somebody asks. */
  isAsked?: boolean
  /** Windows of other incidents. */
  excluded: TimeWindow[]
}

/** Traces that one analysis reads at most: of the affected requests now and before, and of others, who vote on edges. */
const mostTraces = { incident: 1_400, baseline: 1_000, others: 300 }
/** More endpoints than these say nothing more. */
const mostSymptoms = 5
const mostLines = 8_000
const tracesWithLines = 200
const deadlines: Record<'traces' | 'metrics' | 'logs' | 'changes', Millis> = { traces: 10 * SECOND, metrics: 8 * SECOND, logs: 2 * SECOND, changes: SECOND }
/** The onset lies in the incident's window as it is read. */
const incidentLength = defaults.longestIncident + defaults.guard

/**
 * What one analysis looks at, asked of all sources at once. Never throws for a source: what cannot be had in time is
 * missing, and a caveat says so.
 */
export async function collectDiagnosisInput({ at, symptoms: all, onset, noticed, isAsked, excluded }: CollectQuery, ports: CollectPorts): Promise<DiagnosisInput> {
  const symptoms = all.slice(0, mostSymptoms)
  const caveats: Sentence[] = []
  const missing = (code: `${'traces' | 'metrics' | 'logs' | 'changes'}_unavailable`, source = '') => void caveats.push({ code: `diagnosis.caveat.${code}`, params: { source } })
  const to = at.getTime()
  const began = Math.min(to, onset?.getTime() ?? to)
  const windows = {
    incident: { from: new Date(to - incidentLength), to: at },
    baseline: { from: new Date(Math.min(to - incidentLength, began) - defaults.baseline - defaults.guard), to: new Date(to - incidentLength) },
  }
  const whole = { from: windows.baseline.from, to: at }
  const { clock, traces, metrics, logs, changes } = ports

  const [batch, series, events] = await Promise.all([
    within(clock, deadlines.traces, () => traces.batch({ parts: [
      { window: windows.incident, limit: mostTraces.incident, of: symptoms },
      { window: windows.baseline, limit: mostTraces.baseline, of: symptoms },
      ...symptoms.length ? [{ window: windows.incident, limit: mostTraces.others, of: [] }, { window: windows.baseline, limit: mostTraces.others, of: [] }] : [],
    ] })).catch(() => void missing('traces_unavailable', traces.name)),
    within(clock, deadlines.metrics, () => seriesOf(symptoms, whole, metrics)).catch(() => void missing('metrics_unavailable', metrics.name)),
    within(clock, deadlines.changes, async () => changes(whole)).catch(() => void missing('changes_unavailable')),
  ])
  const columns = batch?.traces ?? new TraceCollector().done()
  if (batch) caveats.push(...caveatsOf(batch, windows.baseline))
  if (series?.isEstimated) caveats.push({ code: 'diagnosis.caveat.metrics_estimated' })
  const names = matchOperations(columns, symptoms)
  const lines = await linesOf(columns, batch, windows, logs, clock).catch(() => void missing('logs_unavailable', logs.name))
  const rate = batch?.population.kind === 'kept' ? batch.population.rate : undefined
  return {
    at: microsOf(at), ...(onset && { onset: microsOf(onset) }), ...(noticed && { noticed: microsOf(noticed) }), ...(isAsked && { isAsked }),
    symptoms: names.flat(),
    series: (series?.bySymptom ?? []).flatMap((steps, i) => names[i]!.slice(0, 1).map((name): RedSeries => ({ ...name, kind: 'server', remote: '', steps }))),
    traces: columns, isKept: batch?.population.kind === 'kept', logs: lines?.entries ?? [], linesOf: lines?.traceIds ?? [],
    changes: (events ?? []).flatMap(toEvent),
    excluded: excluded.map(window => ({ from: microsOf(window.from), to: microsOf(window.to) })),
    sampling: rate ? 1 / rate : 1, caveats,
  }
}

/** RED of each symptom in whole steps, in the order of the symptoms. */
async function seriesOf(symptoms: readonly Disturbed[], { from, to }: TimeWindow, metrics: CollectPorts['metrics']) {
  const window = { from: new Date(Math.floor(from.getTime() / STEP) * STEP), to: new Date(Math.floor(to.getTime() / STEP) * STEP) }
  const answers = await Promise.all(symptoms.map(({ service, method, routeKey, operation }) => operation === undefined
    ? metrics.requests({ window, groupBy: ['service'], where: { service, ...(method !== undefined && { method }), ...(routeKey !== undefined && { routeKey }) }, step: STEP })
    : metrics.operations({ window, groupBy: ['service'], where: { service, operation, kind: method === '' ? 'consumer' : 'server' }, step: STEP })))
  return {
    bySymptom: answers.map(({ data }): RedSeries['steps'] => data.flatMap(({ at, requests, failed, duration }) => at ? [{ at: microsOf(at), requests, failed, duration }] : []).sort((a, b) => a.at - b.at)),
    isEstimated: answers.some(({ population }) => population.kind === 'estimated'),
  }
}

/** Lines of some traces of both sides; fewer where they say more than can be read, never some lines of one. */
async function linesOf(columns: Traces, batch: TraceBatch | undefined, windows: Record<'incident' | 'baseline', TimeWindow>, logs: CollectPorts['logs'], clock: Clock) {
  if (!batch) return undefined
  const affected = batch.parts.slice(0, 2).reduce((sum, { read }) => sum + read, 0)
  const edge = microsOf(windows.incident.from)
  const sides = [[], []] as [string[], string[]]
  for (let trace = 0; trace < Math.min(affected, columns.traceIds.length); trace++) {
    const start = columns.start[columns.first[trace]!] ?? 0
    sides[start >= edge ? 0 : 1].push(columns.traceIds[trace]!)
  }
  const window = { from: windows.baseline.from, to: new Date(windows.incident.to.getTime() + MINUTE) }
  return within(clock, deadlines.logs, async () => {
    for (let most = tracesWithLines; most >= 10; most = Math.floor(most / 2)) {
      const traceIds = sides.flatMap(side => side.slice(0, most))
      const { lines, more } = await logs.ofTraces({ traceIds, window, limit: mostLines, longest: longestMessage })
      if (!more) return { traceIds, entries: lines.map((line): LogEntry => ({ ...line, at: microsOf(line.at) })) }
    }
    return undefined
  })
}

function caveatsOf({ parts, population }: TraceBatch, baseline: TimeWindow): Sentence[] {
  const reached = parts[1]?.searchedTo
  return [
    ...(reached && reached > baseline.from ? [{ code: 'diagnosis.caveat.traces_partial', params: { at: { at: reached.toISOString(), precision: 'minute' } } } satisfies Sentence] : []),
    ...(population.kind === 'kept' && population.rate === undefined && parts.some(({ read }) => read > 0) ? [{ code: 'diagnosis.caveat.kept_unknown' } satisfies Sentence] : []),
  ]
}

/** What was done to an endpoint's entry in our own register changes no service. */
function toEvent({ kind, service, at, version, key, newValue }: Change): ChangeEvent[] {
  if (kind === 'endpoint') return []
  return [{ at: microsOf(new Date(at)), kind, service: service.toLowerCase(), what: kind === 'deployment' ? version ?? '' : `${key} = ${newValue ?? ''}` }]
}

/** The answer, or a refusal once the time is up; the question goes on for whoever shares it. */
function within<T>(clock: Clock, most: Millis, ask: () => Promise<T>): Promise<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>()
  const cancel = clock.at(new Date(clock.now().getTime() + most), () => reject(new Error('too slow')))
  ask().then(resolve, reject)
  return promise.finally(cancel)
}

function microsOf(date: Date): Micros {
  return date.getTime() * 1_000
}
