import type { Clock } from '#server/clock'
import type { MetricSource, OperationsQuery, OperationsRow, RequestsRow } from '#server/telemetry/ports'
import { DAY, MINUTE, type Micros, type Millis, type TimeWindow } from '#shared/units'
import { createLastValues } from './last-values'
import { routeIdOf } from './register'

/** What is normal for one subject. */
export interface Usual {
  p50: Micros
  p95: Micros
  /** Calls it rests on. */
  requests: number
}

export interface Step { at?: Date, requests: number, spans: number, p50?: Micros, p95?: Micros }

const step: Millis = 5 * MINUTE
const fewestCalls = 20

/**
 * The usual of every group of a question, over the 24 h before a window. Taken per five minutes, and of those the
 * median by requests: hours of trouble within the day do not become usual. At least two such steps, so that five
 * minutes have passed, and twenty calls; a subject with less is absent. Steps in which an incident was open are left out.
 */
export function createUsual({ clock, metrics, excluded = () => [] }: { clock: Clock, metrics: MetricSource, excluded?: () => readonly TimeWindow[] }) {
  const values = createLastValues<Map<string, Usual>>({ clock, fresh: 2 * MINUTE, usable: 15 * MINUTE })

  async function usualOf<R extends Step>(question: string, window: TimeWindow, read: (asked: { window: TimeWindow, step: Millis }) => Promise<{ data: R[] }>, keyOf: (row: R) => string) {
    // To the step: windows that move with the clock share an answer.
    const to = new Date(Math.floor(window.from.getTime() / step) * step)
    const length = Math.round((window.to.getTime() - window.from.getTime()) / MINUTE)
    const moving = clock.now().getTime() - window.to.getTime() < MINUTE
    const { value } = await values.get(`${question} ${moving ? length : to.getTime()}`, async () =>
      summarise(calm((await read({ window: { from: new Date(to.getTime() - DAY), to }, step })).data, excluded()), keyOf))
    return value
  }

  return {
    /** By service. */
    services: (window: TimeWindow) => usualOf('services', window, asked => metrics.requests({ ...asked, groupBy: ['service'] }), (row: RequestsRow) => row.service!),
    /** By `routeIdOf`. */
    routes: (window: TimeWindow) => usualOf<RequestsRow>('routes', window, asked => metrics.requests({ ...asked, groupBy: ['service', 'method', 'routeKey'] }), routeIdOf),
    /**
     * Operations of one service, by kind and name: `client SELECT orders`. A name under which several callees are
     * called, such as a bare `POST`, has no usual: what is normal for one of them says nothing about another.
     */
    operations: (service: string, window: TimeWindow) => usualOf<OperationsRow>(`operations of ${service}`, window, async (asked) => {
      const { data } = await metrics.operations({ ...asked, groupBy: ['operation', 'kind', 'remote'], where: { service } })
      return { data: ofOneRemote(data) }
    }, operationKey),
    /** Calls of one question, by whatever names the other side. */
    calls: (question: Pick<OperationsQuery, 'groupBy' | 'where'>, window: TimeWindow, keyOf: (row: OperationsRow) => string) =>
      usualOf(JSON.stringify(question), window, asked => metrics.operations({ ...asked, ...question }), keyOf),
  }
}

const operationKey = ({ kind, operation }: OperationsRow) => `${kind} ${operation}`

function ofOneRemote(rows: OperationsRow[]): OperationsRow[] {
  const remotes = new Map<string, Set<string | undefined>>()
  for (const row of rows) {
    const known = remotes.get(operationKey(row)) ?? new Set()
    remotes.set(operationKey(row), known.add(row.remote))
  }
  return rows.filter(row => remotes.get(operationKey(row))!.size === 1)
}

/** Where the source is away. */
export const noUsual: ReadonlyMap<string, Usual> = new Map()

export type UsualFigures = ReturnType<typeof createUsual>

/** Steps that no incident touched. */
function calm<R extends Step>(rows: R[], excluded: readonly TimeWindow[]): R[] {
  if (!excluded.length) return rows
  return rows.filter(({ at }) => !at || !excluded.some(({ from, to }) => at.getTime() + step > from.getTime() && at < to))
}

export function summarise<R extends Step>(rows: R[], keyOf: (row: R) => string): Map<string, Usual> {
  const groups = Map.groupBy(rows.filter(row => row.requests > 0), keyOf)
  const usual = new Map<string, Usual>()
  for (const [key, steps] of groups) {
    const calls = steps.reduce((sum, { spans }) => sum + spans, 0)
    if (steps.length < 2 || calls < fewestCalls) continue
    usual.set(key, { p50: median(steps, row => row.p50), p95: median(steps, row => row.p95), requests: calls })
  }
  return usual
}

/** By requests: a step in which a hundred called counts for a hundred. */
function median(steps: Step[], valueOf: (step: Step) => Micros | undefined): Micros {
  const sorted = steps.map(row => ({ value: valueOf(row) ?? 0, weight: row.requests })).sort((a, b) => a.value - b.value)
  const half = sorted.reduce((sum, { weight }) => sum + weight, 0) / 2
  let passed = 0
  return sorted.find(({ weight }) => (passed += weight) >= half)!.value
}
