import type { Clock } from '#server/clock'
import { HOUR, MINUTE, SECOND, type Millis } from '#shared/units'
import { reasonOf } from '../upstream/trouble'
import type { Labels, PrometheusApi } from './api'
import { serviceOf } from './labels'
import { groupNames, sampleOf, toMeasures, type Measure } from './measures'
import { namePattern } from './names'
import { anyOf, fits, isNot, isOneOf, labelRef, selector, type Matcher } from './promql'

export type Product = 'prometheus' | 'thanos' | 'mimir' | 'victoriametrics'

/** What was found out about a backend and what it holds; nothing of it is assumed. */
export interface Findings {
  at: Date
  product: Product
  version?: string
  /** What requests, operations, calls to others and edges are counted with; undefined: nothing. */
  requests?: Measure
  spans?: Measure
  clients?: Measure
  graph?: Measure
  /** `target_info`, under whatever namespace. */
  info?: string
  /** Spans that name consumers, by service: the requests themselves, or the spans of one name inside them. */
  consumerSpans: ReadonlyMap<string, { onRequests: boolean, operation?: string }>
  /** Lower case. */
  services: ReadonlySet<string>
  /** How often counters move; undefined while nothing does. */
  resolution?: Millis
  /** Whether a series begins with a zero at the time its sender started it; undefined where nobody says. */
  createdTimestamps?: boolean
}

/** Series that ended within this time are still known. */
const known: Millis = HOUR
const fresh: Millis = 5 * MINUTE
/** How soon it is looked again when a query found nothing. */
const again: Millis = 30 * SECOND
const most = 2_000

export interface Discovery {
  api: PrometheusApi
  clock: Clock
  /** Holds for every series that is read, e.g. one environment's of many. */
  only: readonly Matcher[]
  consumerAttributes: readonly string[]
}

/** Found out once, and again every few minutes behind the reader's back. */
export function createFindings(discovery: Discovery) {
  const { clock } = discovery
  let held: Findings | undefined
  let looking: Promise<Findings> | undefined

  const ageOf = ({ at }: Findings): Millis => clock.now().getTime() - at.getTime()

  function look(): Promise<Findings> {
    looking ??= discover(discovery).then(found => held = found).finally(() => looking = undefined)
    return looking
  }

  return {
    /** The last ones, if any. */
    get held() { return held },
    look,

    async get(): Promise<Findings> {
      // Who holds nothing to count is asked nothing, and would be called empty for ever after it went away.
      if (!held || (!held.requests && !held.spans && ageOf(held) >= again)) return look()
      if (ageOf(held) >= fresh) look().catch(() => {})
      return held
    },

    /** A query found nothing: names may have changed. */
    miss(): void {
      if (held && ageOf(held) >= again) look().catch(() => {})
    },
  }
}

export type FoundOut = ReturnType<typeof createFindings>

async function discover({ api, clock, only, consumerAttributes }: Discovery): Promise<Findings> {
  const at = clock.now()
  const reach = { from: new Date(at.getTime() - known), to: at }
  const [build, flags, names] = await Promise.all([
    api.build().catch(withoutName),
    api.flags().catch(() => undefined),
    api.labelValues('__name__', { match: [anyOf([fits('__name__', namePattern), ...only])], ...reach, limit: most }),
  ])
  const groups = groupNames(names)
  const samples = groups.map(({ metrics }) => sampleOf(metrics))
  const buckets = groups.flatMap(({ metrics }) => metrics.filter(({ part }) => part === 'bucket'))
  const [moving, labels, bounds] = await Promise.all([
    samples.length ? api.instant(`count by (__name__) (${anyOf([isOneOf('__name__', samples.map(({ name }) => name)), ...only])})`, at) : undefined,
    Promise.all(samples.map(async ({ name }) => [name, await api.labelNames({ match: [selector(name, only)], ...reach })] as const)),
    Promise.all(buckets.map(async ({ name }) => [name, lastBound(await api.labelValues('le', { match: [selector(name, only)], ...reach }))] as const)),
  ])
  // What nobody sends any more is not believed beside what somebody does.
  const live = new Set(moving?.series.map(series => series.labels.__name__))
  const alive = live.size ? groups.filter(({ metrics }) => live.has(sampleOf(metrics).name)) : groups
  const measures = toMeasures({
    names: alive.flatMap(({ metrics }) => metrics.map(({ name }) => name)), consumers: consumerAttributes, labels: new Map(labels),
    lastBounds: new Map(bounds.flatMap(([name, bound]) => (bound === undefined ? [] : [[name, bound] as const]))),
  })
  const best = (...roles: Measure['role'][]) => measures.find(({ role }) => roles.includes(role))
  const [requests, spans] = [best('spans', 'http-server'), best('spans')]
  const [product, resolution, services, consumerSpans] = await Promise.all([
    productOf(api, build, at),
    resolutionOf(api, requests, only, at),
    servicesOf(api, requests ?? spans, only, reach),
    consumerSpansOf(api, spans, only, at),
  ])
  return {
    at, ...product, requests, spans, clients: best('http-client'), graph: best('graph'),
    info: alive.find(({ role }) => role === 'target-info')?.metrics[0]!.name,
    resolution, services, consumerSpans,
    // Thanos tells of its own flags, which say nothing of who takes samples in.
    ...(flags && product.product === 'prometheus' && { createdTimestamps: /created-timestamp-zero-ingestion|st-storage/.test(flags['enable-feature'] ?? '') }),
  }
}

/** Cortex sends this one page as plain text; who it is is worth knowing, not worth failing for. */
function withoutName(error: unknown): undefined {
  if (reasonOf(error) !== 'wrong_content' && reasonOf(error) !== 'bad_answer') throw error
}

function lastBound(values: string[]): number | undefined {
  const finite = values.map(Number).filter(Number.isFinite)
  return finite.length ? Math.max(...finite) : undefined
}

async function productOf(api: PrometheusApi, build: Awaited<ReturnType<PrometheusApi['build']>>, at: Date): Promise<Pick<Findings, 'product' | 'version'>> {
  const version = build?.version || undefined
  if (/mimir|cortex/i.test(build?.application ?? '')) return { product: 'mimir', version }
  // Thanos has not reached 1.0; Prometheus passed it before its query API was what it is.
  if (version?.startsWith('0.')) return { product: 'thanos', version }
  // VictoriaMetrics says that it is a Prometheus of 2020, but knows functions of its own.
  const own = build === undefined || !build.goVersion ? await api.instant('now()', at).then(() => true, () => false) : false
  return own ? { product: 'victoriametrics' } : { product: 'prometheus', version }
}

/** By the counter that moves most often, up to the newest sample; over ten minutes, or two where senders are young. */
async function resolutionOf(api: PrometheusApi, measure: Measure | undefined, only: readonly Matcher[], at: Date): Promise<Millis | undefined> {
  const counter = measure?.counters[0]
  if (!counter) return undefined
  const metric = selector(counter.name, only)
  const ask = async (query: string, time: Date) => (await api.instant(query, time)).series[0]?.points[0]?.value
  const newest = await ask(`max(timestamp(${metric}))`, at)
  if (newest === undefined) return undefined
  const intervals = await Promise.all([2, 10].map(async (minutes) => {
    const changes = await ask(`max(changes(${metric}[${minutes}m]))`, new Date(newest * 1000)) ?? 0
    // One may be chance: a request now and none before.
    return changes >= 2 ? Math.round(minutes * MINUTE / changes / SECOND) * SECOND : Infinity
  }))
  const shortest = Math.min(...intervals)
  return shortest === Infinity ? undefined : shortest
}

async function servicesOf(api: PrometheusApi, measure: Measure | undefined, only: readonly Matcher[], reach: { from: Date, to: Date }): Promise<Set<string>> {
  const counter = measure?.counters[0]
  if (!counter) return new Set()
  const { service } = counter.labels
  const values = await api.labelValues(service, { match: [selector(counter.name, only)], ...reach, limit: most })
  return new Set(values.map(value => serviceOf(service, value)))
}

/** Where several spans of a request name its consumer, those of the name that occurs most stand for the requests. */
async function consumerSpansOf(api: PrometheusApi, spans: Measure | undefined, only: readonly Matcher[], at: Date): Promise<Findings['consumerSpans']> {
  const counter = spans?.counters[0]
  const found = new Map<string, { onRequests: boolean, operation?: string, calls: number }>()
  if (!counter || counter.native) return found
  const { service, kind, operation, consumer } = counter.labels
  for (const label of consumer) {
    const by = [service, kind!, ...(operation ? [operation] : [])]
    const query = `topk(${most}, sum by (${by.map(labelRef).join(',')}) (last_over_time(${selector(counter.name, [...only, isNot(label, ''), isNot(label, 'unknown')])}[1h])))`
    for (const { labels, points } of (await api.instant(query, at)).series) {
      const name = serviceOf(service, labels[service] ?? '')
      const entry = { onRequests: isRequest(labels[kind!]), operation: operation && labels[operation], calls: points[0]?.value ?? 0 }
      const before = found.get(name)
      if (!before || (entry.onRequests && !before.onRequests) || (entry.onRequests === before.onRequests && entry.calls > before.calls)) found.set(name, entry)
    }
  }
  return found
}

/** `SPAN_KIND_SERVER`, or plain `server`. */
export function kindOf(value: string | undefined): string {
  return (value ?? '').replace(/^SPAN_KIND_/, '').toLowerCase()
}

export function isRequest(kind: string | undefined): boolean {
  return ['server', 'consumer'].includes(kindOf(kind))
}

/** Resource attributes of targets by lower-case service, where `target_info` names them. */
export function infoService(labels: Labels): string | undefined {
  const label = ['service_name', 'exported_job', 'job'].find(name => labels[name])
  return label && serviceOf(label, labels[label]!)
}

