import { anonymous, can, type Actor } from '#server/access/access'
import type { Clock } from '#server/clock'
import type { KeptTrace } from '#server/incidents/incidents'
import { patiently } from '#server/patience'
import type { LogSource, MetricSource, TraceSource } from '#server/telemetry/ports'
import { AppError } from '#shared/errors'
import { createRouteMatcher, requestRouteKey, routeKeyOf } from '#shared/route-key'
import { warningSentence } from '#shared/source-trouble'
import type { SpanAnswer, TraceAnswer, TraceLogLine, TraceMapAnswer } from '#shared/schemas/trace'
import { rankPath } from '#shared/trace/critical-path'
import { FIRST_ROWS, firstRows, notesBySpan, openingView } from '#shared/trace/opening-view'
import type { Skeleton } from '#shared/trace/skeleton'
import type { Span } from '#shared/trace/span'
import { spanIdOf } from '#shared/trace/span-links'
import { endOf, FAILED, kindOf, MISSING, ORIGIN, OWN_ERROR } from '#shared/trace/span-table'
import { toSentWarning } from '#shared/schemas/time-range'
import { findTraceCalls } from '#shared/map/trace-links'
import { findWarnings } from '#shared/trace/trace-warnings'
import { findVerdict } from '#shared/trace/verdict'
import { MINUTE } from '#shared/units'
import { createDurations } from './durations'
import { orNothing, partOf } from './forgiving-metrics'
import { createHeldTraces } from './held-traces'
import { consumerOf, groupAttributes, listAttributes, requestOf, type Request } from './span-facts'
import type { HeldTrace } from './trace-cache'
import { drawTraceMap } from './trace-map'
import { createTraceUsual } from './trace-usual'
import { noIncidents, type IncidentMarks } from './incident-marks'
import type { Register } from './register'
import { readRepeat } from './repeats'

/** Milliseconds: where neither the endpoint nor its service says from when a request is slow. */
const SLOW_FROM = 2_000
/** So many spans are read to find who sent a request that does not say so itself. */
const MOST_READ = 500

export interface TraceReading {
  traces: TraceSource
  metrics: MetricSource
  logs: LogSource
  register: Pick<Register, 'services' | 'endpoints'>
  consumerAttributes: readonly string[]
  incidents?: Pick<IncidentMarks, 'ofTrace' | 'excluded'>
  /** Copies that incidents keep of what sources drop. */
  kept?: (traceId: string) => KeptTrace | undefined
  clock: Clock
}

export type Traces = ReturnType<typeof createTraces>

/** Everything the page of one trace asks for. A failing log or metric source takes away its part, never the page. */
export function createTraces({ traces, metrics, logs, register, consumerAttributes, incidents = noIncidents, kept = () => undefined, clock }: TraceReading) {
  const { need, forget, sourceOf, linesOf } = createHeldTraces({ traces, logs, kept, clock })
  const usualTimes = createTraceUsual({ clock, metrics, excluded: incidents.excluded })
  const among = createDurations({ clock, metrics })

  async function read(traceId: string, { withLogs, actor = anonymous }: { withLogs: boolean, actor?: Actor }): Promise<TraceAnswer> {
    const held = await need(traceId)
    const { trace } = held
    const [request, usual, lines] = await Promise.all([
      held.once('request', () => findRequest(traceId, held)),
      partOf(metrics.name, usualTimes.ofTrace(held)),
      withLogs ? partOf(logs.name, linesOf(traceId, held)) : undefined,
    ])
    const errors = lines?.value?.errors ?? []
    const { first, rows } = held.once(`rows ${errors.map(line => line.id).join()}`, () => firstRows(trace, openingView(trace, notesBySpan(trace, errors)), FIRST_ROWS))
    const endpoint = trace.main < 0 ? undefined : findEndpoint(trace.services[trace.service[trace.main]!]!, request)
    const { method, consumer } = request
    const route = endpoint?.template ?? request.route ?? request.path
    const slow = slowFrom(trace, endpoint)
    const verdict = held.once(`verdict ${slow}`, () => findVerdict(trace, slow * 1_000))
    return {
      traceId,
      version: `${held.lastArrival.getTime()}-${trace.count}`,
      startedAt: new Date(trace.base / 1_000).toISOString(),
      incidents: [...incidents.ofTrace(actor, { traceId, startedAt: new Date(trace.base / 1_000), services: trace.services.map(name => name.toLowerCase()), ...routeOf(trace, endpoint, request) })],
      tick: trace.tick,
      total: trace.total * trace.tick,
      ...(trace.main >= 0 && { main: { ...describeMain(trace), ...(method && { method }), ...(route && { route }), ...(consumer && { consumer }), ...(endpoint && { endpoint: endpoint.id }) } }),
      fires: verdict.fires,
      verdict: verdict.sentence,
      ...(verdict.consequence && { consequence: verdict.consequence }),
      ...(verdict.span >= 0 && { about: trace.keyOf(verdict.span) }),
      path: held.once('path', () => rankPath(trace)).map(({ service, micros, share, span }) => ({ service, micros, share, key: trace.keyOf(span) })),
      services: colour(trace.services),
      counts: held.once('counts', () => count(trace)),
      ...findOrigin(trace),
      rows: { first, count: rows.count, shown: rows.shown, folded: rows.folded, hidden: rows.hidden },
      warnings: [
        ...held.once('warnings', () => findWarnings(trace)),
        ...held.warnings.map(warning => warningSentence(toSentWarning(warning))),
        ...(lines?.value?.warnings ?? []).map(warning => warningSentence(toSentWarning(warning))),
      ],
      missing: [...usual.warnings, ...lines?.warnings ?? []].map(toSentWarning),
      usual: usual.value ?? [],
      ...(held.kept && { kept: { at: held.kept.at.toISOString(), cut: held.kept.cut, incident: can(actor, 'incidents:read') ? held.kept.incident : null } }),
      ...(!held.settled && { settling: { lastArrival: held.lastArrival.toISOString(), until: new Date(held.lastArrival.getTime() + MINUTE).toISOString() } }),
      ...(lines?.value && { logs: lines.value.summary }),
    }
  }

  /** Only what the trace itself cannot say: how the request was called, and by whom. */
  async function findRequest(traceId: string, held: HeldTrace): Promise<Request & { consumer?: string }> {
    const { trace } = held
    if (trace.main < 0) return {}
    const source = sourceOf(held)
    const span = await source.span(traceId, trace.keyOf(trace.main))
    if (!span) return {}
    const request = requestOf(span)
    const consumer = consumerOf(span, consumerAttributes) ?? (trace.count <= MOST_READ ? await findConsumer(source.spans(traceId), span.service) : undefined)
    return { ...request, ...(consumer && { consumer }) }
  }

  async function findConsumer(spans: AsyncIterable<Span>, service: string): Promise<string | undefined> {
    for await (const span of spans) {
      const consumer = span.service === service ? consumerOf(span, consumerAttributes) : undefined
      if (consumer) return consumer
    }
    return undefined
  }

  /** By the sender's route, else by the best template for its path, as traffic is counted. */
  function findEndpoint(service: string, { method, route, path }: Request) {
    const own = register.endpoints().filter(endpoint => endpoint.service === service.toLowerCase() && endpoint.method === method)
    if (!own.length || (!route && !path)) return undefined
    const matcher = createRouteMatcher(own.map(endpoint => endpoint.template))
    const key = requestRouteKey({ ...(route && { route }), ...(path && { path }), matcher })
    return own.find(endpoint => endpoint.routeKey === key)
  }

  function slowFrom(trace: Skeleton, endpoint: { latencyObjective: number | null } | undefined): number {
    const name = trace.main < 0 ? '' : trace.services[trace.service[trace.main]!]!.toLowerCase()
    return endpoint?.latencyObjective ?? register.services().find(service => service.name === name)?.latencyThreshold ?? SLOW_FROM
  }

  async function readSpan(traceId: string, key: string, { withLogs }: { withLogs: boolean }): Promise<SpanAnswer> {
    const held = await need(traceId)
    const span = await sourceOf(held).span(traceId, key)
    if (!span) throw new AppError('span.not_found', { key })
    const base = held.trace.base
    const before = new Date(base / 1_000)
    const calls = { service: span.service.toLowerCase(), operation: span.name, kind: span.kind, ...remoteOf(held.trace, key) }
    const [same, others, lines] = await Promise.all([
      orNothing(usualTimes.ofCall(calls, before), undefined),
      among(calls, span.duration, before),
      withLogs ? linesOf(traceId, held).catch(() => undefined) : undefined,
    ])
    return {
      key, spanId: span.spanId, ...(span.parentId && { parentId: span.parentId }), name: span.name, kind: span.kind, service: span.service,
      startedAt: new Date(span.start / 1_000).toISOString(), duration: span.duration, status: span.status,
      ...(span.statusMessage && { statusMessage: span.statusMessage }), ...(span.traceState && { traceState: span.traceState }),
      ...(span.scope && { scope: [span.scope.name, span.scope.version].filter(Boolean).join(' ') }),
      groups: groupAttributes(span),
      events: span.events.map(event => ({ offset: event.at - base, name: event.name, attributes: listAttributes(event.attributes) })),
      links: span.links.map(link => ({ traceId: link.traceId, spanId: link.spanId, attributes: listAttributes(link.attributes) })),
      ...(same && { usual: { p50: same.p50, p95: same.p95, calls: same.requests } }),
      ...(others && { among: others }),
      ...(lines && { logs: lines.lines.filter(line => line.spanId === spanIdOf(key)) }),
    }
  }

  function colour(services: string[]): TraceAnswer['services'] {
    const given = new Map(register.services().map(service => [service.name, service.colour]))
    return services.map((name, i) => ({ name, colour: given.get(name.toLowerCase()) ?? i % 12 + 1 }))
  }

  return {
    read,
    readSpan,
    async readRepeat(traceId: string, key: string, signal?: AbortSignal) {
      const held = await need(traceId)
      return readRepeat(sourceOf(held), traceId, held.trace, key, signal)
    },
    forget,
    skeleton: async (traceId: string): Promise<ArrayBuffer> => (await need(traceId)).bytes,
    async readMap(traceId: string): Promise<TraceMapAnswer> {
      const held = await need(traceId)
      return held.once('map', () => drawTraceMap(findTraceCalls(held.trace), colour(held.trace.services)))
    },
    async readLogs(traceId: string): Promise<{ lines: TraceLogLine[], more: boolean }> {
      const { lines, summary } = await linesOf(traceId, await need(traceId))
      return { lines, more: summary.more }
    },
    async exportSpans(traceId: string, signal: AbortSignal): Promise<AsyncIterable<Span>> {
      // Whoever takes all of it has the time it takes.
      const held = await patiently(() => need(traceId))
      return sourceOf(held).spans(traceId, signal)
    },
  }
}

function describeMain(trace: Skeleton): Omit<NonNullable<TraceAnswer['main']>, 'method' | 'route' | 'consumer' | 'endpoint'> {
  const { main } = trace
  const status = trace.httpStatusOf(main)
  return {
    key: trace.keyOf(main), service: trace.service[main]!, operation: trace.names[trace.name[main]!]!,
    duration: trace.duration[main]! * trace.tick, ...(status !== undefined && { status }), end: endOf(trace, main),
  }
}

/** The request it began with: as registered, else as its sender names it. */
function routeOf(trace: Skeleton, endpoint: { service: string, method: string, routeKey: string } | undefined, { method, route }: Request) {
  if (endpoint) return { route: { service: endpoint.service, method: endpoint.method, routeKey: endpoint.routeKey } }
  if (trace.main < 0 || route === undefined) return {}
  return { route: { service: trace.services[trace.service[trace.main]!]!.toLowerCase(), method: method ?? '', routeKey: routeKeyOf(route) } }
}

/** Whom a caller calls, as it names it: a bare `POST` is another operation for each of them. */
function remoteOf(trace: Skeleton, key: string): { remote?: string } {
  const span = trace.spanOf(key)
  return span >= 0 && ['client', 'producer'].includes(kindOf(trace, span)) ? { remote: trace.pillOf(span).remote ?? '' } : {}
}

function count(trace: Skeleton): TraceAnswer['counts'] {
  const counts = { spans: 0, services: trace.services.filter(Boolean).length, errors: 0, ownErrors: 0, levels: 0 }
  for (let span = 0; span < trace.count; span++) {
    const flags = trace.flags[span]!
    if (!(flags & MISSING)) counts.spans++
    if (flags & FAILED) counts.errors++
    if (flags & OWN_ERROR) counts.ownErrors++
    counts.levels = Math.max(counts.levels, trace.depth[span]! + 1)
  }
  return counts
}

function findOrigin(trace: Skeleton): Pick<TraceAnswer, 'origin'> {
  const span = trace.flags.findIndex(flags => (flags & ORIGIN) !== 0)
  if (span < 0) return {}
  const error = trace.errorTypeOf(span)
  return { origin: { key: trace.keyOf(span), service: trace.service[span]!, operation: trace.names[trace.name[span]!]!, ...(error && { error }) } }
}
