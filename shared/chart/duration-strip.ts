import type { Micros } from '../units'

/** Durations as columns on a logarithm, drawn in a box of 100 by 100 that is stretched to its place. */
export interface DurationStrip {
  columns: string
  low: Micros
  high: Micros
  /** 0 to 100 from the left. */
  x: (duration: Micros) => number
}

/** A class as wide as others but with half their calls is half as high; one of few calls can still be seen. */
const LEAST = 3

/** With room for `value`, wherever it lies. */
export function durationStrip(classes: readonly { from: Micros, to: Micros, requests: number }[], value: Micros): DurationStrip {
  const low = Math.min(value, classes[0]?.from ?? value)
  const high = Math.max(value, classes.at(-1)?.to ?? value)
  const start = Math.log1p(low)
  const length = Math.log1p(high) - start || 1
  const x = (duration: Micros) => Math.min(100, Math.max(0, (Math.log1p(duration) - start) / length * 100))
  const bars = classes.map(({ from, to, requests }) => {
    const left = x(from)
    // All calls of less than a microsecond are a class without a width.
    const width = Math.max(x(to) - left, 0.6)
    return { left: Math.min(left, 100 - width), width, density: requests / width }
  })
  const most = Math.max(...bars.map(bar => bar.density))
  const columns = bars.map(({ left, width, density }) => {
    const height = Math.max(LEAST, density / most * 100)
    return `M${round(left)} 100v${round(-height)}h${round(Math.max(width - 0.25, 0.35))}v${round(height)}z`
  }).join('')
  return { columns, low, high, x }
}

const round = (value: number) => Math.round(value * 100) / 100
