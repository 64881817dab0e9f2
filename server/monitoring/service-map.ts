import type { Clock } from '#server/clock'
import type { MetricSource, OperationsQuery, SourceWarning, TraceSource } from '#server/telemetry/ports'
import type { MapEdgeDetail, MapQuery, ServiceMap } from '#shared/schemas/service-map'
import { toAnsweredWindow, toSentWarning, windowOf, type TimeRangeQuery } from '#shared/schemas/time-range'
import { NO_ROUTE } from '#shared/route-key'
import { isUncounted, lacksPart } from '#shared/source-trouble'
import { DAY, MINUTE, SECOND, type TimeWindow } from '#shared/units'
import { orNothing, partOf } from './forgiving-metrics'
import { createLastValues } from './last-values'
import { readLinkEndpoints } from './link-endpoints'
import { linkTraces, type TraceLinks, type WantedLinks } from './link-traces'
import { drawMap } from './map-drawing'
import { buildGraph, selectPart, type Graph } from './map-graph'
import type { Register } from './register'
import { toSentLevels, toSentOnset, toSentRed, toSentTrend, toSentUsual } from './sent'
import type { StateKeeper } from './state-keeper'
import { defaultLimits, judge, longWindow, shortWindow } from './state-rules'
import { stripMinutes } from './state-strip'
import { noUsual, type UsualFigures } from './usual'

type Calls = Awaited<ReturnType<MetricSource['operations']>>
type Whole = Pick<ServiceMap, 'at' | 'window' | 'population' | 'basis' | 'counts' | 'names' | 'warnings'> & { graph: Graph }

const operationsShown = 8
const edgesOf: Pick<OperationsQuery, 'groupBy'> = { groupBy: ['service', 'remote', 'kind'] }
const noCalls: Calls = { data: [], population: { kind: 'all' }, warnings: [] }

export function createServiceMap({ clock, metrics, traces, register, keeper, usual }: {
  clock: Clock
  metrics: MetricSource
  traces: TraceSource
  register: Register
  keeper: StateKeeper
  usual: UsualFigures
}) {
  const graphs = createLastValues<Whole>({ clock, fresh: 4 * SECOND, usable: 10 * SECOND, lacks: ({ warnings }) => lacksPart(warnings) })
  /** Of each graph the parts that somebody looks at; gone with it. */
  const drawings = new WeakMap<Whole, Map<string, ServiceMap>>()
  /** What was called within a day changes slowly. */
  const yesterday = createLastValues<Calls>({ clock, fresh: 2 * MINUTE, usable: 10 * MINUTE, most: 20 })
  const samples = createLastValues<TraceLinks>({ clock, fresh: 30 * SECOND, usable: 5 * MINUTE, most: 20 })

  async function load(range: TimeRangeQuery): Promise<Whole> {
    const now = clock.now()
    const window = windowOf(range, now)
    const until = (length: number) => ({ from: new Date(now.getTime() - length), to: now })
    const [over, short, long, known, received, routes, byConsumer] = await Promise.all([
      metrics.operations({ window, ...edgesOf }),
      metrics.operations({ window: until(shortWindow), ...edgesOf }),
      metrics.operations({ window: until(longWindow), ...edgesOf }),
      withinADay(window),
      metrics.requests({ window, groupBy: ['service'] }),
      metrics.requests({ window, groupBy: ['service', 'method', 'routeKey'], countsOnly: true }),
      metrics.capabilities.byConsumer ? metrics.requests({ window, groupBy: ['service', 'consumer'], countsOnly: true }) : undefined,
    ])
    const called = [...over.data, ...known.data]
    // A database has no word in who calls whom among services.
    const isMeasured = called.some(({ remote, remoteKind, kind }) => remote && kind === 'client' && remoteKind !== 'database')
    // Something takes messages, and no metric says out of what.
    const lacksQueues = routes.data.some(({ method, routeKey }) => method === '' && routeKey === NO_ROUTE)
    const wanted = { calls: !isMeasured, queues: lacksQueues || (!isMeasured && !called.some(({ remote, kind }) => remote && kind === 'producer')) }
    const linked = wanted.calls || wanted.queues ? await findLinks(window, wanted) : { warnings: [] }
    const services = new Map(register.services().map(service => [service.name, service]))
    const graph = buildGraph({
      over: over.data, short: short.data, long: long.data, known: known.data, uncounted: isUncounted(over.warnings), received: received.data, routes: routes.data, byConsumer: byConsumer?.data, linked: linked.value?.calls ?? [], queues: linked.value?.queues ?? [],
      standing: keeper.service,
      display: name => ({ name: services.get(name)?.display ?? name, colour: services.get(name)?.colour ?? null }),
    })
    const ofServices = graph.nodes.filter(({ kind }) => kind === 'service')
    return {
      at: now.toISOString(),
      window: toAnsweredWindow(window),
      population: over.population,
      basis: isMeasured ? 'calls' : 'traces',
      counts: { services: ofServices.length, edges: graph.edges.filter(({ kind }) => kind !== 'entry').length },
      names: [...new Set(graph.nodes.flatMap(({ kind, name, stores }) => (name ? [name] : kind === 'queue' ? stores.map(store => store.name) : [])))].sort(),
      warnings: distinct([...over.warnings, ...received.warnings, ...linked.warnings]).map(toSentWarning),
      graph,
    }
  }

  async function withinADay({ to }: TimeWindow): Promise<Calls> {
    const end = Math.ceil(to.getTime() / MINUTE) * MINUTE
    const moving = clock.now().getTime() - to.getTime() < MINUTE
    return orNothing(yesterday.get(moving ? 'now' : String(end), () => metrics.operations({ window: { from: new Date(end - DAY), to }, ...edgesOf })).then(({ value }) => value), noCalls)
  }

  /** What traces show of who calls whom. */
  async function findLinks(window: TimeWindow, wanted: WantedLinks): Promise<{ value?: TraceLinks, warnings: SourceWarning[] }> {
    const when = clock.now().getTime() - window.to.getTime() < MINUTE ? String(window.to.getTime() - window.from.getTime()) : window.to.toISOString()
    return partOf(traces.name, samples.get(JSON.stringify([when, wanted]), () => linkTraces(traces, window, wanted)).then(({ value }) => value))
  }

  return {
    /** The whole map or a part of it, drawn. */
    async read({ focus, only, ...range }: MapQuery): Promise<ServiceMap> {
      const { value: whole } = await graphs.get(JSON.stringify(range), () => load(range))
      const drawn = drawings.get(whole) ?? new Map<string, ServiceMap>()
      drawings.set(whole, drawn)
      const part = JSON.stringify([focus, only])
      const { graph, ...rest } = whole
      // Frozen, as what many share is.
      const map = drawn.get(part) ?? Object.freeze({ ...rest, ...drawMap(selectPart(graph, { focus, only })) })
      drawn.set(part, map)
      return map
    },

    /** One line by the names at its ends. */
    async edge({ caller, callee, ...range }: TimeRangeQuery & { caller: string, callee: string }, { withTraces }: { withTraces: boolean }): Promise<MapEdgeDetail> {
      const now = clock.now()
      const window = windowOf(range, now)
      const where = { service: caller.toLowerCase(), remote: callee }
      const minute = Math.floor(now.getTime() / MINUTE) * MINUTE
      const hour = { from: new Date(minute - stripMinutes * MINUTE), to: new Date(minute) }
      const until = (length: number) => ({ from: new Date(now.getTime() - length), to: now })
      const whole: Pick<OperationsQuery, 'groupBy' | 'where'> = { groupBy: ['remote'], where }
      const [over, short, long, course, operations, normal] = await Promise.all([
        metrics.operations({ window, ...whole }),
        metrics.operations({ window: until(shortWindow), ...whole }),
        metrics.operations({ window: until(longWindow), ...whole }),
        metrics.operations({ window: hour, ...whole, step: MINUTE }),
        metrics.operations({ window, groupBy: ['operation', 'kind', 'remote'], where }),
        orNothing(usual.calls(whole, window, row => row.remote!), noUsual),
      ])
      const colourOf = (name: string) => register.services().find(service => service.name === name.toLowerCase())?.colour ?? null
      const row = over.data[0]
      const trend = toSentTrend(course.data, hour, MINUTE)
      const kind = row?.remoteKind ?? course.data[0]?.remoteKind ?? 'service'
      const calls = operations.data.flatMap(({ operation = '', kind, ...figures }) => (kind === 'client' || kind === 'producer' ? [{ operation, kind, ...toSentRed(figures) }] : []))
        .sort((a, b) => b.requests - a.requests)
      const through = withTraces ? await readLinkEndpoints(traces, register, { caller: where.service, callee, calleeIsService: kind === 'service', operations: calls, window }) : { value: null, warnings: [] }
      return {
        caller: { name: caller, colour: colourOf(caller) },
        callee: { name: callee, colour: kind === 'service' ? colourOf(callee) : null, kind },
        at: now.toISOString(), window: toAnsweredWindow(window), population: over.population,
        state: judge(short.data[0], long.data[0], defaultLimits).state,
        red: toSentRed(row), usual: toSentUsual(normal.get(row?.remote ?? callee)), levels: toSentLevels(row, defaultLimits),
        trend, onset: toSentOnset(trend, defaultLimits),
        operations: calls.slice(0, operationsShown),
        through: through.value,
        warnings: [...over.warnings, ...through.warnings].map(toSentWarning),
      }
    },
  }
}

function distinct(warnings: SourceWarning[]): SourceWarning[] {
  return [...new Map(warnings.map(warning => [`${warning.source} ${warning.code}`, warning])).values()]
}
