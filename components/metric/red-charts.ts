import type { ChartModel } from '#shared/chart/chart-model'
import { valueScale } from '#shared/chart/value-scale'
import type { EndpointAnalysis } from '#shared/schemas/endpoint-analysis'

export interface RedChartWords { ok: string, failed: string, limit: string }

/** Three charts of one analysis on one time axis. */
export function redCharts(analysis: EndpointAnalysis, words: RedChartWords, changes: ChartModel['changes']): { rate: ChartModel, ratio: ChartModel, duration: ChartModel } {
  const { series, window, state, since, limit, traces } = analysis
  const [from, to] = [Date.parse(window.from), Date.parse(window.to)]
  const trouble = (state === 'critical' || state === 'degraded') && since && Date.parse(since) < to
  const frame = {
    from, to, start: Date.parse(series.from), step: series.step, changes,
    ...(trouble && { band: { from: Math.max(from, Date.parse(since)), to } }),
  }
  const perSecond = (value: number | null) => (value === null ? null : value / series.step * 1_000)
  const failed = series.failed.map(perSecond)
  const ok = series.requests.map((count, i) => (count === null ? null : perSecond(count)! - (failed[i] ?? 0)))
  const ratio = series.requests.map((count, i) => (count ? (series.failed[i] ?? 0) / count : null))
  const top = (...columns: (number | null)[][]) => Math.max(...columns.flatMap(column => column.map(value => value ?? 0)), 0)
  const exemplars = (traces?.exemplars ?? []).map(({ at, duration, traceId, failed }) => ({ at: Date.parse(at), value: duration, traceId, failed }))
  const rateScale = valueScale(Math.max(...series.requests.map(count => perSecond(count) ?? 0), 0))
  const ratioScale = valueScale(Math.max(0.01, top(ratio)))
  const durationScale = valueScale(Math.max(top(series.p95), limit * 1.1))
  return {
    rate: {
      ...frame, kind: 'columns', ...rateScale,
      series: [{ key: 'ok', name: words.ok, colour: 'var(--calm)', values: ok }, { key: 'failed', name: words.failed, colour: 'var(--fire-3)', values: failed }],
    },
    ratio: {
      ...frame, kind: 'lines', max: Math.min(1, ratioScale.max), ticks: ratioScale.ticks.filter(tick => tick <= 1),
      series: [{ key: 'ratio', name: words.failed, colour: 'var(--fire-3)', values: ratio, area: true }],
    },
    duration: {
      ...frame, kind: 'lines', ...durationScale, objective: limit, points: exemplars,
      series: [{ key: 'p50', name: 'p50', colour: 'var(--service-1)', values: series.p50 }, { key: 'p95', name: 'p95', colour: 'var(--service-4)', values: series.p95 }],
    },
  }
}
