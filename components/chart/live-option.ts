import { chartBox, type ChartModel } from '#shared/chart/chart-model'
import { formatClock, formatDay, formatTick } from '#shared/text/format'
import type { Language } from '#shared/text/languages'
import { DAY } from '#shared/units'

interface Drawing {
  colourOf: (name: string) => string
  language: Language
  zone: string
  /** Width in pixels; the margins scale with it, as those of the static drawing do. */
  scale: number
  /** The frame that the static drawing uses, where it is not the usual one. */
  box?: typeof chartBox
  write: (value: number) => string
  exact: (value: number) => string
  changes: string
}

/** The model as the chart library wants it. */
export function liveOption(model: ChartModel, { colourOf, language, zone, scale, box = chartBox, write, exact, changes }: Drawing) {
  const factor = scale / box.width
  const muted = colourOf('var(--ui-text-muted)')
  const border = colourOf('var(--ui-border)')
  const axisText = { color: muted, fontSize: 11 * factor, fontFamily: 'inherit' }
  const day = (at: Date) => (model.to - model.from > 2 * DAY ? `${formatDay(at, zone, language, at)} ` : '')
  const clock = (at: number) => `${day(new Date(at))}${formatClock(new Date(at), zone, model.step < 60_000 ? 'second' : 'minute')}`
  const marks = {
    silent: true, symbol: ['none', 'none'], animation: false, label: { show: false },
    data: [
      ...model.changes.map(({ at, label }) => ({ xAxis: at, name: label, symbol: ['none', 'triangle'], symbolSize: 8 * factor, symbolRotate: 180, lineStyle: { color: colourOf('var(--ui-secondary)'), type: 'dashed' as const } })),
      ...(model.objective === undefined || model.objective > model.max ? [] : [{ yAxis: model.objective, lineStyle: { color: colourOf('var(--fire-2)'), type: 'dashed' as const } }]),
    ],
  }
  return {
    animation: false,
    grid: { left: box.left * factor, right: box.right * factor, top: box.top * factor, bottom: box.bottom * factor },
    tooltip: {
      trigger: 'axis' as const, renderMode: 'richText' as const, confine: true,
      backgroundColor: colourOf('var(--ui-bg)'), borderColor: colourOf('var(--ui-border-accented)'), textStyle: { color: colourOf('var(--ui-text-highlighted)'), fontSize: 12 },
      axisPointer: { type: 'line' as const, lineStyle: { color: colourOf('var(--line)') } },
      formatter: (hits: unknown) => tooltip(model, hits as Hit[], clock, exact, changes),
    },
    xAxis: {
      type: 'time' as const, min: model.from, max: model.to, splitNumber: 4, axisLine: { lineStyle: { color: border } }, axisTick: { show: false },
      axisLabel: { ...axisText, formatter: (at: number) => formatTick(new Date(at), model.to - model.from, { zone, language }), hideOverlap: true },
    },
    yAxis: {
      type: 'value' as const, min: model.min ?? 0, max: model.max, interval: model.ticks.length > 1 ? model.ticks[1]! - model.ticks[0]! : model.max,
      splitLine: { lineStyle: { color: border, type: 'dashed' as const } }, axisLabel: { ...axisText, formatter: write },
    },
    series: [
      ...model.series.map(({ name, colour, values, area }, i) => ({
        name, color: colourOf(colour), data: values.map((value, step) => [model.start + (step + 0.5) * model.step, value]),
        ...(model.kind === 'columns'
          ? { type: 'bar' as const, stack: 'all', barCategoryGap: '12%' }
          : { type: 'line' as const, showSymbol: false, lineStyle: { width: 1.5 * factor }, ...(area && { areaStyle: { opacity: 0.14 } }) }),
        ...(i === 0 && {
          markLine: marks,
          ...(model.band && { markArea: { silent: true, itemStyle: { color: colourOf('var(--ui-error)'), opacity: 0.07 }, data: [[{ xAxis: model.band.from }, { xAxis: model.band.to }]] } }),
        }),
      })),
      ...(model.points?.length
        ? [{
            name: 'traces', type: 'scatter' as const, symbolSize: 7 * factor, cursor: 'pointer', tooltip: { show: false },
            data: model.points.map(({ at, value, traceId, failed }) => ({ value: [at, Math.min(value, model.max)], traceId, itemStyle: { color: colourOf(failed ? 'var(--fire-3)' : 'var(--ui-bg)'), borderColor: colourOf(failed ? 'var(--ui-bg)' : 'var(--line)'), borderWidth: 1.2 } })),
          }]
        : []),
    ],
  }
}

const mostTold = 7

interface Hit { seriesName?: string, value?: unknown }

/** Plain text: the library draws it on the canvas, so nothing a sender wrote becomes markup. */
function tooltip(model: ChartModel, hits: Hit[], clock: (at: number) => string, exact: (value: number) => string, changes: string): string {
  const at = (hits[0]?.value as [number, number] | undefined)?.[0]
  if (at === undefined) return ''
  const from = at - model.step / 2
  const figures = hits.flatMap(({ seriesName, value }) => {
    const figure = (value as [number, number | null])[1]
    return figure === null || seriesName === 'traces' ? [] : [{ seriesName, figure }]
  })
  // More than this would be cut off by the chart: of many, the largest.
  const told = figures.length > mostTold ? figures.toSorted((a, b) => b.figure - a.figure).slice(0, mostTold) : figures
  const lines = told.map(({ seriesName, figure }) => `${seriesName}  ${exact(figure)}`)
  const changed = model.changes.filter(change => change.at >= from && change.at < from + model.step).map(({ label }) => `${changes}: ${label}`)
  return [`${clock(from)}–${clock(from + model.step)}`, ...lines, ...changed].join('\n')
}
