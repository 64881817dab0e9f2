import type { Clock } from '#server/clock'
import { HOUR, MINUTE, type Millis, type TimeWindow } from '#shared/units'
import type { Exemplar, RequestsQuery, SeenRoute, SeenService } from '../ports'
import { QueryRefused, type Labels, type PrometheusApi, type Series } from './api'
import { reasonOf } from '../upstream/trouble'
import { outcomeOf } from './figures'
import { infoService, type Findings } from './findings'
import { createKept } from '../kept'
import { serviceOf } from './labels'
import { duration, selector, sumBy, type Matcher } from './promql'
import { isWanted, readRequests, requestMatchers, requestOf, routesOf, type RequestsContext } from './requests'

/** How far back it is looked for what was ever seen, unless a question names its own beginning. */
export const lookBack: Millis = 24 * HOUR
const farthest: Millis = 7 * 24 * HOUR
const steps = 48
const mostExemplars = 2_000

/** What was seen: by the step in which its counters moved, finer over the last hour. */
export function createSights({ clock }: { clock: Clock }) {
  const keptRoutes = createKept<SeenRoute[]>({ clock, good: 5 * MINUTE })
  const keptServices = createKept<Presence[]>({ clock, good: 5 * MINUTE })

  return {
    async seen(context: RequestsContext, { service, since }: { service?: string, since?: Date } = {}, signal?: AbortSignal): Promise<SeenRoute[]> {
      const now = clock.now()
      const from = since ? Math.max(since.getTime(), now.getTime() - farthest) : now.getTime() - lookBack
      const length = Math.ceil((now.getTime() - from) / HOUR) * HOUR
      const where = service === undefined ? undefined : { service }
      const [long, short] = await Promise.all([
        length > HOUR ? keptRoutes(`${service ?? ''} ${length}`, () => routesIn(context, where, { from: new Date(now.getTime() - length), to: now }, Math.ceil(length / steps / MINUTE) * MINUTE)) : [],
        routesIn(context, where, { from: new Date(now.getTime() - HOUR), to: now }, MINUTE, signal),
      ])
      return together(long, short, ({ service, method, routeKey }) => JSON.stringify([service, method, routeKey])).sort((a, b) => b.lastSeen.getTime() - a.lastSeen.getTime())
    },

    async services({ api, only, found }: RequestsContext, signal?: AbortSignal): Promise<SeenService[]> {
      const now = clock.now()
      const source = presenceOf(found, only)
      if (!source) return []
      const read = async (window: TimeWindow, step: Millis, signal?: AbortSignal) =>
        toPresences((await api.range(source.over(step), { ...window, step }, { signal })).series, step, now, source.serviceOf)
      const [long, short, instances] = await Promise.all([
        keptServices('all', () => read({ from: new Date(now.getTime() - lookBack), to: now }, lookBack / steps)),
        read({ from: new Date(now.getTime() - HOUR), to: now }, 2 * MINUTE, signal),
        api.instant(source.instances, now, { signal }),
      ])
      const counts = new Map<string, number>()
      for (const { labels, points } of instances.series) {
        const name = source.serviceOf(labels)
        if (name) counts.set(name, (counts.get(name) ?? 0) + (points[0]?.value ?? 0))
      }
      return toServices(together(long, short, presence => JSON.stringify([presence.service, presence.version, presence.language, presence.namespace])), counts)
    },

    /** Of each step the slowest request, those at its median and its p95, and the slowest failed one. */
    async exemplars(context: RequestsContext, query: RequestsQuery & { step: Millis }, signal?: AbortSignal): Promise<Exemplar[]> {
      const { api, only, found, valuesOf } = context
      const measure = found.requests
      if (!measure) return []
      const routes = await routesOf({ valuesOf, measure, query })
      if (routes?.length === 0) return []
      const where = query.where ?? {}
      const answers = await Promise.all(measure.histograms.flatMap(({ bucket, native, labels, unit }) => {
        const metric = selector(bucket ?? native!, [...only, ...requestMatchers(measure, labels, where, routes)])
        return readExemplars(api, metric, query.window, signal).then(series => series.filter(each => isWanted(requestOf(each.labels, labels), where)).flatMap(each => each.exemplars.flatMap(({ labels: told, value, at }): Exemplar[] => {
          const traceId = told.trace_id ?? told.traceID ?? told.traceId
          if (!traceId || value === undefined) return []
          return [{ at, duration: Math.round(value * unit), traceId: traceId.toLowerCase(), spanId: told.span_id ?? told.spanID ?? told.spanId ?? '', failed: outcomeOf(each.labels, labels).failed }]
        })))
      }))
      const distinct = [...new Map(answers.flat().map(exemplar => [`${exemplar.traceId} ${exemplar.spanId}`, exemplar])).values()].slice(-mostExemplars)
      const bySteps = Map.groupBy(distinct, ({ at }) => Math.floor(at.getTime() / query.step)).values()
      return [...bySteps].flatMap(chosen).sort((a, b) => a.at.getTime() - b.at.getTime())
    },
  }
}

/** A backend that keeps none answers with an error or not at all. */
async function readExemplars(api: PrometheusApi, metric: string, window: TimeWindow, signal?: AbortSignal) {
  try {
    return await api.exemplars(metric, window, { signal })
  }
  catch (error) {
    if (error instanceof QueryRefused || reasonOf(error) === 'not_found') return []
    throw error
  }
}

function chosen(exemplars: Exemplar[]): Exemplar[] {
  const sorted = exemplars.toSorted((a, b) => a.duration - b.duration)
  const at = (q: number) => sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))]!
  return [...new Set([at(0.5), at(0.95), sorted.at(-1)!, sorted.findLast(exemplar => exemplar.failed)].filter(exemplar => exemplar !== undefined))]
}

async function routesIn(context: RequestsContext, where: { service: string } | undefined, window: TimeWindow, step: Millis, signal?: AbortSignal): Promise<SeenRoute[]> {
  const { data } = await readRequests(context, { window, step, where, groupBy: ['service', 'method', 'routeKey'], countsOnly: true }, signal)
  return [...Map.groupBy(data, ({ service, method, routeKey }) => JSON.stringify([service, method, routeKey])).values()].map(rows => ({
    service: rows[0]!.service!, method: rows[0]!.method!, routeKey: rows[0]!.routeKey!,
    firstSeen: rows[0]!.at!, lastSeen: new Date(Math.min(window.to.getTime(), rows.at(-1)!.at!.getTime() + step)),
  }))
}

interface Span { firstSeen: Date, lastSeen: Date }
interface Presence extends Span { service: string, namespace?: string, version?: string, language?: string }

/** Where both saw it: first by either, last by the finer one. */
function together<T extends Span>(long: readonly T[], short: readonly T[], keyOf: (seen: T) => string): T[] {
  const all = new Map(long.map(seen => [keyOf(seen), seen]))
  for (const seen of short) {
    const before = all.get(keyOf(seen))
    all.set(keyOf(seen), before ? { ...seen, firstSeen: new Date(Math.min(before.firstSeen.getTime(), seen.firstSeen.getTime())) } : seen)
  }
  return [...all.values()]
}

/** Who is there, with what its resource says of it; without `target_info` from the counters alone. */
function presenceOf({ info, requests, spans }: Findings, only: readonly Matcher[]) {
  if (info !== undefined) {
    const metric = selector(info, only)
    const by = ['job', 'exported_job', 'service_name', 'service_namespace', 'service_version', 'telemetry_sdk_language']
    return {
      over: (step: Millis) => sumBy(by, `count_over_time(${metric}[${duration(step)}])`),
      instances: `count by (job,exported_job,service_name) (group by (job,exported_job,service_name,instance,exported_instance) (${metric}))`,
      serviceOf: infoService,
    }
  }
  const measure = requests ?? spans
  if (!measure) return undefined
  const { name, labels: { service } } = measure.counters[0]!
  const metric = selector(name, only)
  return {
    over: (step: Millis) => sumBy([service, 'job'], `count_over_time(${metric}[${duration(step)}])`),
    instances: `count by (${service}) (group by (${[service, ...measure.target.filter(label => label !== service)].join(',')}) (${metric}))`,
    serviceOf: (labels: Labels) => (labels[service] ? serviceOf(service, labels[service]) : undefined),
  }
}

function toPresences(series: Series[], step: Millis, now: Date, nameOf: (labels: Labels) => string | undefined): Presence[] {
  return series.flatMap(({ labels, points }): Presence[] => {
    const service = nameOf(labels)
    if (!service || !points.length) return []
    const job = labels.exported_job ?? labels.job ?? ''
    const namespace = labels.service_namespace ?? (job.includes('/') ? job.slice(0, job.lastIndexOf('/')) : undefined)
    return [{
      service, ...(namespace && { namespace }), ...(labels.service_version && { version: labels.service_version }), ...(labels.telemetry_sdk_language && { language: labels.telemetry_sdk_language }),
      firstSeen: new Date(points[0]!.at * 1000 - step), lastSeen: new Date(Math.min(now.getTime(), points.at(-1)!.at * 1000)),
    }]
  })
}

function toServices(presences: Presence[], instances: ReadonlyMap<string, number>): SeenService[] {
  return [...Map.groupBy(presences, ({ service }) => service)].map(([service, own]) => {
    const newest = own.toSorted((a, b) => b.lastSeen.getTime() - a.lastSeen.getTime())
    const namespace = newest.find(presence => presence.namespace)?.namespace
    const language = newest.find(presence => presence.language)?.language
    return {
      service, ...(namespace && { namespace }), ...(language && { language }), ...spanOf(own),
      versions: [...Map.groupBy(newest.filter(({ version }) => version), ({ version }) => version!)].map(([version, spans]) => ({ version, ...spanOf(spans) })),
      instances: instances.get(service) ?? 0,
    }
  }).sort((a, b) => a.service.localeCompare(b.service))
}

function spanOf(spans: readonly Span[]): Span {
  return { firstSeen: new Date(Math.min(...spans.map(span => span.firstSeen.getTime()))), lastSeen: new Date(Math.max(...spans.map(span => span.lastSeen.getTime()))) }
}
