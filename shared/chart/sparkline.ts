import { areaPath, linePath, round } from './line-path'

/** A small line of a figure's course: paths for the template, relative and in whole pixels, because a board has dozens. */
export interface Sparkline {
  /** Up to the onset, and after it. */
  calm: string
  hot: string
  /** The field below the hot part. */
  area: string
}

export interface SparklineShape {
  width: number
  height: number
  /** Top of the scale is never lower, so that noise does not look like an outage. */
  floor?: number
  /** From this value on the line is drawn as trouble. */
  onset?: number | null
}

/** Scale from 0; a hole stays a hole at its place. */
export function sparkline(values: readonly (number | null)[], { width, height, floor = 0, onset = null }: SparklineShape): Sparkline {
  const top = Math.max(floor, ...values.map(value => value ?? 0)) || 1
  const x = (i: number) => round(values.length < 2 ? 0 : i / (values.length - 1) * width)
  const y = (value: number) => round(height - value / top * height)
  const turn = onset ?? values.length
  return {
    calm: linePath(values, x, y, 0, turn),
    // Begins one step earlier, so that the line is not torn at the onset.
    hot: turn < values.length ? linePath(values, x, y, Math.max(0, turn - 1)) : '',
    area: areaPath(values, x, y, height, turn),
  }
}
