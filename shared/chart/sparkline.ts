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
    calm: lines(values, 0, turn, x, y),
    // Begins one step earlier, so that the line is not torn at the onset.
    hot: lines(values, Math.max(0, turn - 1), values.length, x, y, turn),
    area: areas(values, turn, x, y, height),
  }
}

type Scale = (value: number) => number

/** Pieces without holes; one that has a single point is drawn as a dash of one pixel. `from` only leads in to `first`. */
function lines(values: readonly (number | null)[], from: number, to: number, x: Scale, y: Scale, first = from): string {
  let path = ''
  let at: [number, number] | undefined
  for (let i = from; i < to; i++) {
    const value = values[i]
    if (value === null || value === undefined) {
      at = undefined
      continue
    }
    const next: [number, number] = [x(i), y(value)]
    if (!at) path += `M${next[0]} ${next[1]}${alone(values, i, to) && i >= first ? 'h1' : ''}`
    else path += `l${round(next[0] - at[0])} ${round(next[1] - at[1])}`
    at = next
  }
  return path
}

function alone(values: readonly (number | null)[], i: number, to: number): boolean {
  return i + 1 >= to || values[i + 1] === null
}

function areas(values: readonly (number | null)[], from: number, x: Scale, y: Scale, foot: number): string {
  let path = ''
  let open = false
  for (let i = from; i <= values.length; i++) {
    const value = values[i] ?? null
    if (value === null) {
      if (open) path += `V${foot}z`
      open = false
    }
    else {
      path += open ? `L${x(i)} ${y(value)}` : `M${x(i)} ${foot}V${y(value)}`
      open = true
    }
  }
  return path
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}
