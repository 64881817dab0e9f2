import type { Micros, Millis } from '../units'

/** Points by column, as they are sent: milliseconds from the window's start, durations, one letter of outcome each. */
export interface ScatterColumns {
  at: Millis[]
  duration: Micros[]
  /** `o` answered, `c` refused with 4xx, `f` failed. */
  outcome: string
}

export interface Scale { min: Micros, max: Micros, ticks: Micros[] }

/** A logarithmic scale over whole decades where there are several, over 1-2-5 steps where there is one. */
export function durationScale(durations: readonly Micros[]): Scale {
  let [least, most] = [Infinity, 1]
  for (const duration of durations) {
    if (duration < least) least = duration
    if (duration > most) most = duration
  }
  least = Math.max(1, Math.min(least, most))
  const min = Math.max(1, floorStep(least))
  const max = Math.max(ceilStep(most * 1.15), min * 10)
  const decades = stepsBetween(min, max, [1])
  return { min, max, ticks: decades.length > 2 ? decades : stepsBetween(min, max, [1, 2, 5]) }
}

/** 0 at the scale's foot, 1 at its top. */
export function onScale(duration: Micros, { min, max }: Scale): number {
  return Math.log(Math.min(max, Math.max(min, duration)) / min) / Math.log(max / min)
}

export function fromScale(position: number, { min, max }: Scale): Micros {
  return min * (max / min) ** position
}

/**
 * All points of one kind as one path: dots are strokes of no length with round ends. Two thousand points cost the
 * page three elements.
 */
export function scatterPaths(points: ScatterColumns, { width, height, length, scale }: { width: number, height: number, length: Millis, scale: Scale }) {
  const paths = { ok: '', clientError: '', failed: '' }
  points.at.forEach((at, i) => {
    const x = round(at / length * width)
    const y = round((1 - onScale(points.duration[i]!, scale)) * height)
    if (points.outcome[i] === 'f') paths.failed += `M${round(x - 3)} ${round(y - 3)}l6 6m0-6l-6 6`
    else if (points.outcome[i] === 'c') paths.clientError += `M${x} ${round(y - 4)}l4 4-4 4-4-4z`
    else paths.ok += `M${x} ${y}h0`
  })
  return paths
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}

function floorStep(value: number): number {
  const decade = 10 ** Math.floor(Math.log10(value))
  return ([5, 2, 1].find(step => step * decade <= value) ?? 1) * decade
}

function ceilStep(value: number): number {
  const decade = 10 ** Math.floor(Math.log10(value))
  return ([1, 2, 5, 10].find(step => step * decade >= value) ?? 10) * decade
}

function stepsBetween(min: number, max: number, of: number[]): number[] {
  const found: number[] = []
  for (let decade = 10 ** Math.floor(Math.log10(min)); decade <= max; decade *= 10) {
    for (const step of of) if (step * decade >= min * 0.999 && step * decade <= max * 1.001) found.push(step * decade)
  }
  return found
}
