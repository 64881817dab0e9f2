import type { z } from 'zod'
import type { Clock } from '#server/clock'
import type { MetricSource, PromqlAnswer, PromqlSource } from '#server/telemetry/ports'
import { AppError } from '#shared/errors'
import type { metricLabels, metricNames, metricsAbout, metricsAnswer, runQuery } from '#shared/schemas/metrics'
import { toAnsweredWindow, toSentWarning, windowOf } from '#shared/schemas/time-range'
import { HOUR, MINUTE, SECOND, type Millis, type TimeWindow } from '#shared/units'
import { checkRange, fitStep, limits } from './explorer-guard'
import { createLastValues } from './last-values'
import { selectorsOf } from './promql-selectors'

type Answered = z.input<typeof metricsAnswer>
type Series = Answered['series'][number]

const mostNames = 5_000
const mostValues = 500
/** How often within a range its series are counted: they come and go. */
const looks = 4

/** Queries as people write them, within what the backend can bear, and what completes them. */
export function createExplorer({ clock, metrics }: { clock: Clock, metrics: MetricSource }) {
  const names = createLastValues<z.input<typeof metricNames>>({ clock, fresh: MINUTE, usable: 10 * MINUTE })
  const labels = createLastValues<z.input<typeof metricLabels>>({ clock, fresh: MINUTE, usable: 10 * MINUTE })

  function promql(): PromqlSource {
    if (!metrics.promql) throw new AppError('source.unsupported', { source: metrics.name, capability: 'PromQL' })
    return metrics.promql
  }

  /** How many series a query reads; unknown where its language is larger than our grammar. */
  async function countSeries(query: string, { from, to }: TimeWindow, signal?: AbortSignal): Promise<number | undefined> {
    const selectors = selectorsOf(query)
    if (!selectors?.length) return selectors && 0
    const step = Math.ceil((to.getTime() - from.getTime()) / looks)
    const counts = await Promise.all(selectors.map(async (selector) => {
      const { series } = await promql().range(`count(${selector})`, { from, to, step }, signal)
      return Math.max(0, ...series[0]?.points.map(({ value = 0 }) => value) ?? [])
    }))
    return counts.reduce((sum, count) => sum + count, 0)
  }

  const recently = () => ({ from: new Date(clock.now().getTime() - HOUR), to: clock.now() })

  return {
    async about(): Promise<z.input<typeof metricsAbout>> {
      return { source: metrics.name, promql: metrics.promql !== undefined, limits, examples: await metrics.promql?.examples().catch(() => []) ?? [] }
    },

    async run({ query, mode, step: asked, ...range }: z.output<typeof runQuery>, signal?: AbortSignal): Promise<Answered> {
      const source = promql()
      const now = clock.now()
      const began = clock.monotonic()
      const window = windowOf(range, now, '1h')
      if (mode === 'instant') {
        const answer = await source.instant(query, window.to, signal)
        return { mode, at: now.toISOString(), window: toAnsweredWindow(window), step: null, start: window.to.toISOString(), took: clock.monotonic() - began, guard: null, ...toSent(answer, answer.series.map(readInstant)) }
      }
      const wanted = asked === undefined ? undefined : asked * SECOND
      checkRange(window, wanted)
      const { step, guard } = fitStep(window, wanted, await countSeries(query, window, signal))
      // On the step's own grid: asked again a moment later, the same steps hold the same values.
      const from = Math.ceil(window.from.getTime() / step) * step
      const steps = Math.floor((window.to.getTime() - from) / step) + 1
      const answer = await source.range(query, { from: new Date(from), to: new Date(from + (steps - 1) * step), step }, signal)
      const series = answer.series.map(each => readRange(each, from, steps, step))
      return {
        mode, at: now.toISOString(), window: toAnsweredWindow(window), step, start: new Date(from).toISOString(), took: clock.monotonic() - began, guard: guard ?? null, ...toSent(answer, series),
      }
    },

    format: async (query: string, signal?: AbortSignal) => ({ query: await promql().format(query, signal) }),

    /** Where there is no language there is nothing to complete. */
    async names(): Promise<z.input<typeof metricNames>> {
      const source = metrics.promql
      if (!source) return { names: [], more: false }
      const { value } = await names.get('all', async () => {
        const [held, described] = await Promise.all([source.labelValues('__name__', { ...recently(), limit: mostNames + 1 }), source.metadata(mostNames).catch(() => [])])
        const known = new Map(described.map(({ name, type, help }) => [name, { type, help }]))
        const about = (name: string) => known.get(name) ?? known.get(name.replace(/_(?:bucket|sum|count|total)$/, '')) ?? { type: '', help: '' }
        return { names: held.slice(0, mostNames).map(name => ({ name, ...about(name) })), more: held.length > mostNames }
      })
      return value
    },

    async labels({ metric, label }: { metric?: string, label?: string }): Promise<z.input<typeof metricLabels>> {
      const source = metrics.promql
      if (!source) return { values: [], more: false }
      const chosen = { ...recently(), limit: mostValues + 1, ...(metric !== undefined && { match: `{__name__=${JSON.stringify(metric)}}` }) }
      const { value } = await labels.get(JSON.stringify([metric, label]), async () => {
        const values = label === undefined ? await source.labelNames(chosen) : await source.labelValues(label, chosen)
        return { values: values.slice(0, mostValues), more: values.length > mostValues }
      })
      return value
    },
  }
}

/** The largest first, so that what is left out is the least. */
function toSent({ series: { length }, warnings, series: all }: PromqlAnswer, series: (Series & { top: number })[]) {
  return {
    series: series.sort((a, b) => b.top - a.top).slice(0, limits.series).map(({ top: _, ...rest }) => rest),
    total: length,
    points: all.reduce((sum, { points }) => sum + points.length, 0),
    histograms: all.some(({ points }) => points.some(({ histogram }) => histogram)),
    warnings: warnings.map(toSentWarning),
  }
}

function readInstant({ labels, points: [point] }: PromqlAnswer['series'][number]): Series & { top: number } {
  const value = point?.histogram?.count ?? point?.value
  const finite = value !== undefined && Number.isFinite(value)
  return { labels, values: [finite ? value : null], ...(!finite && { text: value === undefined ? 'NaN' : value > 0 ? '+Inf' : '-Inf' }), top: value ?? -Infinity }
}

function readRange({ labels, points }: PromqlAnswer['series'][number], from: number, steps: number, step: Millis): Series & { top: number } {
  const values: (number | null)[] = Array.from({ length: steps }, () => null)
  let top = -Infinity
  for (const { at, value, histogram } of points) {
    const i = Math.round((at * 1000 - from) / step)
    const read = histogram?.count ?? value
    if (read === undefined || !Number.isFinite(read) || i < 0 || i >= steps) continue
    values[i] = Number(read.toPrecision(6))
    top = Math.max(top, read)
  }
  return { labels, values, top }
}
