import type { z } from 'zod'
import { anonymous, type Actor } from '#server/access/access'
import type { Clock } from '#server/clock'
import type { MetricSource, RequestsRow } from '#server/telemetry/ports'
import type { BoardService, statusBoard } from '#shared/schemas/status'
import { toAnsweredWindow, toSentWarning, windowOf, type TimeRangeQuery } from '#shared/schemas/time-range'
import { packTrends } from '#shared/chart/packed-trend'
import { lacksPart } from '#shared/source-trouble'
import { packStates } from '#shared/status/packed-states'
import { states, urgency } from '#shared/status/state'
import { DAY, MINUTE, SECOND } from '#shared/units'
import { orNothing } from './forgiving-metrics'
import { createMarked, type IncidentMarks } from './incident-marks'
import { createLastValues } from './last-values'
import { isWatched, routeIdOf, type Register } from './register'
import { toSentLevels, toSentOnset, toSentRed, toSentStanding, toSentTrend, toSentUsual } from './sent'
import type { createSourceHealth } from './source-health'
import type { StateKeeper } from './state-keeper'
import { limitsOf } from './state-rules'
import { noStrip, stripMinutes } from './state-strip'
import { noUsual, type Usual, type UsualFigures } from './usual'
import type { worstEndpointsOf } from './worst-endpoints'

type MarkedBoard = z.input<typeof statusBoard>
type Board = Omit<MarkedBoard, 'incidents'>

const endpointsShown = 7
const changesShown = 5

export interface StatusDependencies {
  clock: Clock
  incidents: IncidentMarks
  metrics: MetricSource
  register: Register
  keeper: StateKeeper
  usual: UsualFigures
  sourceHealth: ReturnType<typeof createSourceHealth>
  worstEndpoints: ReturnType<typeof worstEndpointsOf>
}

/** The board: every service and what needs a look, in one answer that all viewers share. */
export function createStatus({ clock, incidents, metrics, register, keeper, usual, sourceHealth, worstEndpoints }: StatusDependencies) {
  const withMarks = createMarked<Board>()
  const values = createLastValues<Board>({ clock, fresh: 5 * SECOND, usable: 30 * SECOND, lacks: ({ warnings }) => lacksPart(warnings) })

  async function load(range: TimeRangeQuery): Promise<Board> {
    const now = clock.now()
    const window = windowOf(range, now)
    const minute = Math.floor(now.getTime() / MINUTE) * MINUTE
    const hour = { from: new Date(minute - stripMinutes * MINUTE), to: new Date(minute) }
    const byRoute = ['service', 'method', 'routeKey'] as const
    const [services, course, routes, usualServices, usualRoutes, sources] = await Promise.all([
      metrics.requests({ window, groupBy: ['service'] }),
      metrics.requests({ window: hour, groupBy: ['service'], step: MINUTE }),
      metrics.requests({ window, groupBy: [...byRoute] }),
      orNothing(usual.services(window), noUsual),
      orNothing(usual.routes(window), noUsual),
      sourceHealth.read(),
    ])
    const board = boardServices({ figures: services.data, course: Map.groupBy(course.data, row => row.service!), hour, usual: usualServices })
    const watched = register.endpoints().filter(isWatched)
    return {
      at: now.toISOString(),
      window: toAnsweredWindow(window),
      population: services.population,
      counts: Object.fromEntries(states.map(state => [state, board.filter(service => service.state === state).length])) as Board['counts'],
      services: board,
      endpoints: worstEndpoints(watched, new Map(routes.data.map(row => [routeIdOf(row), row])), usualRoutes).slice(0, endpointsShown),
      endpointCount: watched.length,
      changes: register.changes({ window: { from: new Date(now.getTime() - DAY), to: new Date(now.getTime() + MINUTE) }, limit: changesShown }),
      sources,
      warnings: services.warnings.map(toSentWarning),
    }
  }

  function boardServices({ figures, course, hour, usual }: {
    figures: RequestsRow[], course: Map<string, RequestsRow[]>, hour: { from: Date, to: Date }, usual: ReadonlyMap<string, Usual>,
  }): BoardService[] {
    const known = new Map(register.services().map(service => [service.name, service]))
    const reds = new Map(figures.map(row => [row.service!, row]))
    const names = new Set([...known.keys(), ...reds.keys(), ...course.keys()])
    return [...names].map((name): BoardService => {
      const limits = limitsOf(known.get(name))
      const trend = toSentTrend(course.get(name) ?? [], hour, MINUTE)
      return {
        name: known.get(name)?.display ?? name,
        colour: known.get(name)?.colour ?? 1,
        ...toSentStanding(keeper.service(name)),
        ...toSentRed(reds.get(name)),
        usual: toSentUsual(usual.get(name)),
        levels: toSentLevels(reds.get(name), limits),
        trend: packTrends(trend),
        onset: toSentOnset(trend, limits),
        states: packStates(keeper.strip(name) ?? noStrip),
      }
    }).sort((a, b) => urgency[a.state] - urgency[b.state] || a.name.localeCompare(b.name))
  }

  return {
    async board(range: TimeRangeQuery, actor: Actor = anonymous): Promise<MarkedBoard> {
      const { value } = await values.get(JSON.stringify(range), () => load(range))
      return withMarks(value, incidents.open(actor))
    },
    /** Reads again what somebody looks at, so that who is told of news finds it. */
    renew: () => values.renew(MINUTE, key => () => load(JSON.parse(key) as TimeRangeQuery)),
  }
}
