import { withQuery } from 'ufo'
import type { Sparkline } from '#shared/chart/sparkline'
import { packedTop } from '#shared/chart/packed-trend'
import { sparkline } from '#shared/chart/sparkline'
import type { BoardService } from '#shared/schemas/status'
import { beaconTicks, type BeaconTicks } from '#shared/status/beacon-strip'
import type { Level } from '#shared/status/limits'
import type { State } from '#shared/status/state'
import { formatDuration, formatRate, formatRatio } from '#shared/text/format'

/** A figure as it stands in its cell: all words, so that the table is plain elements whatever the number of rows. */
export interface FigureCell {
  kind: 'rate' | 'errors' | 'median' | 'p95'
  value: string
  /** Colour and weight of the value. */
  tone: string
  note?: string
  /** To the traces behind it, for those who may read them. */
  href?: string
  /** What names the figure where there are no headings. */
  before?: string
  after?: string
  trend?: { paths: Sparkline, viewBox: string, colour: string }
}

export interface ServiceRow {
  name: string
  href: string
  colour: number
  state: State
  word: string
  reason: string
  label: string
  strip: BeaconTicks[]
  cells: FigureCell[]
}

const tones: Record<Level, string> = { healthy: 'text-highlighted', degraded: 'text-warning font-semibold', critical: 'text-error font-semibold' }

/** Services of the board in the words of their reader; figures of `seconds` of traffic, links keep the `range`. */
export function useServiceRows(list: MaybeRefOrGetter<readonly BoardService[]>, { seconds, range }: { seconds: () => number, range: () => Record<string, string> }) {
  const text = useText()
  const mayTrace = useAccount().can('traces:read')
  const none = text('app.none')
  const perSecond = text('app.unit.perSecond')

  function tracesOf({ name }: BoardService, which: Record<string, string>) {
    return mayTrace ? withQuery('/traces', { ...range(), service: name, ...which }) : undefined
  }

  function trendOf(packed: string, onset: number | null = null, level: Level = 'healthy') {
    return {
      paths: sparkline(packed, onset),
      viewBox: `0 0 ${packed.length - 1} ${packedTop}`,
      colour: level === 'critical' ? 'var(--fire-3)' : 'var(--fire-2)',
    }
  }

  function rate({ requests, trend }: BoardService): FigureCell {
    return { kind: 'rate', value: requests ? formatRate(requests / seconds()) : none, tone: requests ? tones.healthy : 'text-muted', after: perSecond, trend: trendOf(trend.requests) }
  }

  function errors(service: BoardService): FigureCell {
    const { requests, failed, trend, onset, levels, state } = service
    return {
      kind: 'errors',
      value: requests ? formatRatio(failed / requests) : none,
      tone: requests ? tones[levels.errors] : 'text-muted',
      note: requests ? text('monitoring.board.of', { failed: Math.round(failed), total: Math.round(requests) }) : text('monitoring.board.none'),
      href: failed ? tracesOf(service, { failed: 'true' }) : undefined,
      trend: trendOf(trend.errors, onset.errors, state === 'critical' && levels.errors === 'critical' ? 'critical' : 'degraded'),
    }
  }

  function median({ p50, p99 }: BoardService): FigureCell {
    return { kind: 'median', before: 'p50 ', value: p50 === null ? none : formatDuration(p50), tone: 'text-toned', note: p99 === null ? undefined : `p99 ${formatDuration(p99)}` }
  }

  function p95(service: BoardService): FigureCell {
    const { p95, usual, trend, onset, levels } = service
    const course = trendOf(trend.p95, onset.latency, levels.latency)
    if (p95 === null) return { kind: 'p95', before: 'p95', value: none, tone: 'text-muted', trend: course }
    return {
      kind: 'p95', before: 'p95', value: formatDuration(p95), tone: tones[levels.latency], trend: course,
      note: usual ? text('monitoring.board.usual', { value: formatDuration(usual.p95) }) : text('monitoring.board.no_usual'),
      // The slowest twentieth.
      href: tracesOf(service, { min: `${Math.max(1, Math.floor(p95 / 1_000))}ms` }),
    }
  }

  function rowOf(service: BoardService): ServiceRow {
    return {
      name: service.name,
      href: withQuery(`/services/${encodeURIComponent(service.name)}`, range()),
      colour: service.colour,
      state: service.state,
      word: text(`app.state.${service.state}`),
      reason: text.sentence(service.reason),
      label: text('monitoring.board.strip', { name: service.name }),
      strip: beaconTicks(service.states),
      cells: [rate(service), errors(service), median(service), p95(service)],
    }
  }

  return computed<ServiceRow[]>(() => {
    const services = toValue(list)
    const reader = JSON.stringify([text.language, text.zone, mayTrace, seconds(), range()])
    let rows = written.get(services)?.get(reader)
    if (!rows) {
      rows = services.map(rowOf)
      written.set(services, (written.get(services) ?? new Map()).set(reader, rows))
    }
    return rows
  })
}

/** While a board is the newest, all who read it in one language share its words. */
const written = new WeakMap<readonly BoardService[], Map<string, ServiceRow[]>>()
