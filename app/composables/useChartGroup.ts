import { formatDuration, formatRate, formatRatio } from '#shared/text/format'

export type ChartUnit = 'rate' | 'ratio' | 'duration' | 'count'

/** Figures of an axis are short: `25%`, not `25.0%`. */
export function formatChart(unit: ChartUnit, value: number): string {
  if (value === 0) return unit === 'ratio' ? '0%' : '0'
  if (unit === 'ratio') return `${Number((value * 100).toPrecision(3))}%`
  if (unit === 'rate' || unit === 'count') return String(Number(value.toPrecision(3)))
  return formatDuration(value).replace(/(\.\d*?)0+ /, '$1 ').replace('. ', ' ')
}

/** The same with its digits, for a tooltip. */
export function formatExact(unit: ChartUnit, value: number): string {
  return { rate: formatRate, ratio: formatRatio, duration: formatDuration, count: String }[unit](value)
}

interface ChartGroup {
  id: string
  live: Readonly<Ref<boolean>>
  wake: () => void
}

const key = Symbol('chart group') as InjectionKey<ChartGroup>

/** Charts on one time axis come to life together and share their crosshair. */
export function provideChartGroup(): ChartGroup {
  const live = ref(false)
  const group = { id: useId(), live, wake: () => void (live.value = true) }
  provide(key, group)
  return group
}

/** The group around a chart, else one of its own. */
export function useChartGroup(): ChartGroup {
  return inject(key, undefined) ?? provideChartGroup()
}
