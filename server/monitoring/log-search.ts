import type { Clock } from '#server/clock'
import type { LogHistogram, LogLine, LogSource, MetricSource } from '#server/telemetry/ports'
import { roundStep } from '#shared/chart/time-ticks'
import { AppError } from '#shared/errors'
import type { LogFilter, LogHistogramAnswer, LogLineDetails, LogResultPage, SearchLogs, SentLogLine } from '#shared/schemas/log-search'
import { toAnsweredWindow, toSentWarning, windowOf } from '#shared/schemas/time-range'
import { logConditions } from '#shared/search/log-conditions'
import { conditionsOf, type SearchQuery } from '#shared/search/tokens'
import type { Millis, TimeWindow } from '#shared/units'
import { bestWithout } from './fewer-conditions'
import type { Register } from './register'
import { toLogQuery } from './search-query'
import { coloursOf, searchRange } from './trace-search'

const linesOnAPage = 100
const mostColumns = 60

export function createLogSearch({ logs, metrics, register, clock }: {
  logs: LogSource
  metrics: MetricSource
  register: Register
  clock: Clock
}) {
  return {
    async search(filter: SearchLogs, signal?: AbortSignal): Promise<LogResultPage> {
      const window = windowOf(filter, clock.now(), searchRange)
      const query = { ...toLogQuery(filter, window, filter.limit ?? linesOnAPage), cursor: filter.cursor }
      const page = await logs.search(query, signal)
      return {
        lines: page.lines.map(toSentLine),
        next: page.next,
        total: page.total,
        window: toAnsweredWindow(query.window),
        searchedTo: page.searchedTo.toISOString(),
        warnings: page.warnings.map(toSentWarning),
        colours: coloursOf(page.lines.map(line => line.service), register),
        nothing: page.lines.length || filter.cursor ? undefined : await explain(filter, window, signal),
      }
    },

    /** Columns of the whole search; the commonest messages of the drawn part, where one is drawn. */
    async histogram(filter: LogFilter, signal?: AbortSignal): Promise<LogHistogramAnswer> {
      const window = windowOf(filter, clock.now(), searchRange)
      const step = roundStep(window, mostColumns)
      const [whole, part] = await Promise.all([
        logs.histogram(toLogQuery({ ...filter, area: undefined }, window, 1), step, signal),
        filter.area ? logs.histogram(toLogQuery(filter, window, 1), step, signal) : undefined,
      ])
      const columns = toColumns(whole, window)
      return {
        window: toAnsweredWindow(window),
        ...columns,
        total: Object.values(columns.counts).flat().reduce((sum, count) => sum + count, 0),
        commonest: (part ?? whole).commonest,
        warnings: (part ?? whole).warnings.map(toSentWarning),
      }
    },

    async line(id: string, signal?: AbortSignal): Promise<LogLineDetails> {
      const line = await logs.line(id, signal)
      if (!line) throw new AppError('log.not_found', { lineId: id })
      return {
        ...toSentLine(line),
        observedAt: line.observedAt.toISOString(),
        levelText: line.levelText,
        scope: line.scope,
        attributes: line.attributes,
        resource: line.resource,
        colour: coloursOf([line.service], register)[line.service],
      }
    },

    async values(signal?: AbortSignal) {
      return { services: (await metrics.services(signal)).map(({ service }) => service).sort() }
    },
  }

  async function explain(filter: SearchLogs, window: TimeWindow, signal?: AbortSignal): Promise<NonNullable<LogResultPage['nothing']>> {
    const query = filter as SearchQuery
    const [without, health] = await Promise.all([
      bestWithout(query, conditionsOf(query, ['text', ...logConditions]), async fewer => (await logs.search(toLogQuery(fewer as LogFilter, window, 1), signal)).total),
      logs.check({ signal }),
    ])
    return { without, lastReceived: health.lastReceived?.toISOString() }
  }
}

function toSentLine({ id, nanos, at, level, service, body, traceId, spanId }: LogLine): SentLogLine {
  return { id, nanos, at: at.toISOString(), level, service, body, traceId, spanId }
}

/** Every column of the window, also those in which nothing was written. */
function toColumns({ steps, step }: LogHistogram, window: TimeWindow): { from: string, step: Millis, counts: Record<string, number[]> } {
  const first = Math.floor(window.from.getTime() / step) * step
  const columns = Math.max(1, Math.ceil((window.to.getTime() - first) / step))
  const counts: Record<string, number[]> = {}
  for (const { at, counts: byLevel } of steps) {
    const column = Math.min(columns - 1, Math.max(0, Math.floor((at.getTime() - first) / step)))
    for (const [level, count] of Object.entries(byLevel)) {
      if (count) (counts[level] ??= Array.from({ length: columns }, () => 0))[column]! += count
    }
  }
  return { from: new Date(first).toISOString(), step, counts }
}
