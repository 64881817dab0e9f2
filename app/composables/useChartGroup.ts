import { formatBytes, formatDuration, formatRate, formatRatio } from '#shared/text/format'

export type ChartUnit = 'rate' | 'ratio' | 'duration' | 'count' | 'seconds' | 'bytes' | 'number'

/** Figures of an axis are short: `25%`, not `25.0%`. */
export function formatChart(unit: ChartUnit, value: number): string {
  if (value === 0) return unit === 'ratio' ? '0%' : '0'
  if (unit === 'ratio') return `${Number((value * 100).toPrecision(3))}%`
  if (unit === 'number') return formatAmount(value)
  if (unit === 'bytes') return formatBytes(value)
  if (unit === 'seconds') return formatChart('duration', value * 1e6)
  if (unit === 'rate' || unit === 'count') return String(Number(value.toPrecision(3)))
  return formatDuration(value).replace(/(\.\d*?)0+ /, '$1 ').replace('. ', ' ')
}

/** The same with its digits, for a tooltip. */
export function formatExact(unit: ChartUnit, value: number): string {
  return { rate: formatRate, ratio: formatRatio, duration: formatDuration, count: String, number: formatAmount, bytes: formatBytes, seconds: (s: number) => formatDuration(s * 1e6) }[unit](value)
}

/** Any number, in three digits; what is very large or very small with a power of ten. */
function formatAmount(value: number): string {
  const size = Math.abs(value)
  if (size >= 1e15 || (size > 0 && size < 1e-4)) return value.toExponential(2)
  if (size >= 1e9) return `${Number((value / 1e9).toPrecision(3))}G`
  if (size >= 1e6) return `${Number((value / 1e6).toPrecision(3))}M`
  if (size >= 1e4) return `${Number((value / 1e3).toPrecision(3))}k`
  return String(Number(value.toPrecision(3)))
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
