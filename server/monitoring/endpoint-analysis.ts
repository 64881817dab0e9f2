import type { z } from 'zod'
import { can, type Actor } from '#server/access/access'
import type { Clock } from '#server/clock'
import { impatiently, patiently } from '#server/patience'
import type { Answer, MetricSource, RequestsRow, TraceSource } from '#server/telemetry/ports'
import { AppError } from '#shared/errors'
import type { Change } from '#shared/schemas/change'
import type { endpointAnalysis, SentRedSeries } from '#shared/schemas/endpoint-analysis'
import { toAnsweredWindow, toSentWarning, windowOf, type RelativeRange, type TimeRangeQuery } from '#shared/schemas/time-range'
import { lacksPart } from '#shared/source-trouble'
import { MINUTE, SECOND, type Micros, type Millis, type TimeWindow } from '#shared/units'
import { readEndpointTraces, readUsualPath } from './endpoint-traces'
import { orNothing, partOf } from './forgiving-metrics'
import type { IncidentMarks } from './incident-marks'
import { createLastValues } from './last-values'
import { routeIdOf, type KnownEndpoint, type Register } from './register'
import { threeDigits, toSentRed, toSentStanding, toSentUsual } from './sent'
import type { StateKeeper } from './state-keeper'
import { limitsOf } from './state-rules'
import { noUsual, type UsualFigures } from './usual'

type MarkedAnalysis = z.input<typeof endpointAnalysis>
type Analysis = Omit<MarkedAnalysis, 'incidents'>

/** Range of the passport's charts. */
export const analysisRange: RelativeRange = '1h'
const stepsShown = 60
const changesShown = 20
const exemplarsShown = 60

export interface EndpointAnalysisDependencies {
  clock: Clock
  incidents: IncidentMarks
  metrics: MetricSource
  traces: TraceSource
  register: Register
  keeper: StateKeeper
  usual: UsualFigures
}

/** How one endpoint is doing, and in which service its time goes. Counts from metrics, causes from traces. */
export function createEndpointAnalysis({ clock, incidents, metrics, traces, register, keeper, usual }: EndpointAnalysisDependencies) {
  const values = createLastValues<Analysis>({ clock, fresh: 4 * SECOND, usable: 10 * SECOND, lacks: ({ warnings }) => lacksPart(warnings) })
  /** A backend sends hundreds of whole traces for this: what that takes is waited for by nobody, and asked seldom. */
  const causes = createLastValues<Awaited<ReturnType<typeof readTraces>>>({ clock, fresh: 8 * SECOND, usable: 15 * SECOND })
  const usualPaths = createLastValues<Awaited<ReturnType<typeof readUsualPath>>>({ clock, fresh: 5 * MINUTE, usable: 15 * MINUTE })

  async function load(endpoint: KnownEndpoint, range: TimeRangeQuery): Promise<Analysis> {
    const now = clock.now()
    const window = windowOf(range, now, analysisRange)
    const where = { service: endpoint.service, method: endpoint.method, routeKey: endpoint.routeKey }
    const step = stepOf(window)
    const stepped = { from: new Date(Math.floor(window.from.getTime() / step) * step), to: window.to }
    const standing = keeper.endpoint(endpoint.id)
    const counted = metrics.requests({ window, groupBy: [], where })
    const [sum, course, consumers, exemplars, normal, fromTraces] = await Promise.all([
      counted,
      metrics.requests({ window: stepped, groupBy: [], where, step }),
      metrics.capabilities.byConsumer ? metrics.requests({ window, groupBy: ['consumer'], where }) : undefined,
      metrics.capabilities.exemplars ? metrics.exemplars({ window, groupBy: [], where, step }) : [],
      orNothing(usual.routes(window), noUsual),
      partOf(traces.name, readCauses(endpoint, range, window, standing && standing.state !== 'healthy' ? standing.since : undefined, counted)),
    ])
    const found = fromTraces.value
    const service = register.services().find(({ name }) => name === endpoint.service)
    const involved = new Set([endpoint.service, ...(found?.services ?? [])])
    return {
      at: now.toISOString(),
      window: toAnsweredWindow(window),
      population: sum.population,
      ...toSentStanding(standing),
      limit: limitsOf(service, endpoint).latency * 1_000,
      ownObjective: endpoint.latencyObjective !== null,
      red: toSentRed(sum.data[0]),
      usual: toSentUsual(normal.get(routeIdOf(endpoint))),
      series: toSeries(course.data, stepped, step),
      changes: register.changes({ window, limit: 5 * changesShown }).filter(change => concerns(change, endpoint, involved)).slice(0, changesShown),
      traces: found === undefined ? null : {
        population: found.population, since: found.since.toISOString(), now: found.now, usual: found.usual, failing: found.failing, slowest: found.slowest,
        exemplars: thin(exemplars, exemplarsShown).map(({ at, duration, traceId, failed }) => ({ at: at.toISOString(), duration: threeDigits(duration), traceId, failed })),
        colours: Object.fromEntries(register.services().flatMap(({ name, colour }) => (involved.has(name) ? [[name, colour]] : []))),
      },
      consumers: consumers?.data.toSorted((a, b) => b.requests - a.requests).map((row) => {
        const { requests, failed, clientErrors, p95 } = toSentRed(row)
        return { id: row.consumer!, requests, failed, clientErrors, p95 }
      }),
      warnings: [...sum.warnings, ...fromTraces.warnings].map(toSentWarning),
    }
  }

  /** Who cannot wait for it leaves it to those who come after. */
  async function readCauses(endpoint: KnownEndpoint, range: TimeRangeQuery, window: TimeWindow, troubleSince: Date | undefined, counted: Promise<Answer<RequestsRow[]>>) {
    if (traces.capabilities.found === 'summaries') return readTraces(endpoint, window, troubleSince)
    const key = JSON.stringify([endpoint.id, range, troubleSince])
    const { value } = await impatiently(
      () => patiently(() => causes.get(key, async () => readTraces(endpoint, window, troubleSince, slowOf((await counted).data[0])))),
      () => new AppError('source.unavailable', { source: traces.name, reason: 'slow' }),
    )
    return value
  }

  /** Since the trouble began, where there is some: what came before would only blur it. Null where the source failed. */
  async function readTraces(endpoint: KnownEndpoint, window: TimeWindow, troubleSince: Date | undefined, slow: Micros[] = []) {
    const since = troubleSince && troubleSince > window.from && troubleSince < window.to ? troubleSince : window.from
    const [found, usual] = await Promise.all([
      readEndpointTraces(traces, endpoint, { from: since, to: window.to }, slow),
      usualPaths.get(`${endpoint.id} ${Math.floor(window.from.getTime() / (10 * MINUTE))}`, () => readUsualPath(traces, endpoint, window)),
    ])
    return { ...found, since, usual: usual.value }
  }

  return {
    async read(actor: Actor, id: string, range: TimeRangeQuery): Promise<MarkedAnalysis> {
      const endpoint = register.endpoint(id)
      const { value } = await values.get(JSON.stringify([id, range]), () => load(endpoint, range))
      return { ...cut(value, actor), incidents: [...incidents.openForEndpoint(actor, endpoint)] }
    },
  }
}

const slowOf = (red: RequestsRow | undefined): Micros[] => [red?.p99, red?.p95].filter(micros => micros !== undefined)

/** What the reader may not see is absent, not empty. */
function cut({ traces, consumers, ...rest }: Analysis, actor: Actor): Analysis {
  const names = can(actor, 'consumers:read')
  const anonymous = <T extends { consumer?: string | null }>(trace: T) => (({ consumer: _, ...left }) => left)(trace)
  return {
    ...rest,
    ...(names && { consumers }),
    ...(can(actor, 'traces:read') && {
      traces: traces && (names ? traces : { ...traces, failing: traces.failing.map(anonymous), slowest: traces.slowest.map(anonymous) }),
    }),
  }
}

/** About sixty steps, on the grid of the finest buckets. */
function stepOf({ from, to }: TimeWindow): Millis {
  const wanted = (to.getTime() - from.getTime()) / stepsShown
  return Math.max(10 * SECOND, Math.ceil(wanted / (10 * SECOND)) * 10 * SECOND)
}

function toSeries(rows: RequestsRow[], { from, to }: TimeWindow, step: Millis): SentRedSeries {
  const steps: (RequestsRow | undefined)[] = Array.from({ length: Math.ceil((to.getTime() - from.getTime()) / step) })
  for (const row of rows) {
    const at = Math.floor((row.at!.getTime() - from.getTime()) / step)
    if (at >= 0 && at < steps.length) steps[at] = row
  }
  const column = (valueOf: (row: RequestsRow) => number | undefined) => steps.map(row => (row && valueOf(row) !== undefined ? threeDigits(valueOf(row)!) : null))
  return {
    step, from: from.toISOString(),
    requests: column(row => row.requests), failed: column(row => row.failed), clientErrors: column(row => row.clientErrors),
    p50: column(row => row.p50), p95: column(row => row.p95), p99: column(row => row.p99),
  }
}

/** Its own revisions, and what was changed in the services its requests pass. */
function concerns(change: Change, endpoint: KnownEndpoint, involved: Set<string>): boolean {
  return change.kind === 'endpoint' ? change.endpoint?.id === endpoint.id : involved.has(change.service.toLowerCase())
}

/** Every n-th, so that the dots stay spread over the window. */
function thin<T>(list: T[], most: number): T[] {
  const every = Math.ceil(list.length / most)
  return list.filter((_, i) => i % every === 0)
}
