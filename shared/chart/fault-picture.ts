import type { IncidentPicture } from '../schemas/full-incident'
import type { Micros } from '../units'
import { areaPath, linePath, round } from './line-path'
import { valueScale } from './value-scale'

export const pictureBox = { width: 340, height: 168, left: 26, right: 6, top: 14, bottom: 22 }
type Box = typeof pictureBox
type Durations = Extract<IncidentPicture, { kind: 'durations' }>
type Calls = Extract<IncidentPicture, { kind: 'calls' }>
type Origins = Extract<IncidentPicture, { kind: 'origins' }>

/** Two distributions on one logarithm, the usual one above the present one. */
export interface DrawnDurations {
  kind: 'durations'
  panels: { foot: number, columns: string, median: Micros | undefined, medianAt: number }[]
  /** Of the present ones: those that end at the limit, over the others. */
  pile?: { columns: string, x: number, share: number, limit: Micros }
  ticks: { x: number, value: Micros }[]
}

/** Parents and the calls they make, on one axis: a rise without one above it is the fault. */
export interface DrawnCalls {
  kind: 'calls'
  parents: string
  calls: string
  area: string
  lines: { y: number, value: number }[]
  onset?: number
  /** Where their last values stand, for their names. */
  ends: { parents?: number, calls?: number }
  from: number
  to: number
}

export interface DrawnOrigins {
  kind: 'origins'
  rows: { service: string, operation: string, error: string, count: number, guilty: boolean, width: number }[]
  total: number
}

export type DrawnPicture = DrawnDurations | DrawnCalls | DrawnOrigins

/** The picture of the kind of fault; `onset` in milliseconds since the epoch. Undefined where there is nothing to draw. */
export function drawPicture(picture: IncidentPicture, onset?: number, box: Box = pictureBox): DrawnPicture | undefined {
  if (picture.kind === 'durations') return drawDurations(picture, box)
  if (picture.kind === 'calls') return drawCalls(picture, onset, box)
  return drawOrigins(picture)
}

/** Durations this near to a limit were ended by it. */
const NEAR = 1.03

function drawDurations({ usual, now, limit }: Durations, box: Box): DrawnDurations | undefined {
  const all = [...usual, ...now].filter(({ requests }) => requests > 0)
  if (!all.length) return undefined
  const low = Math.min(...all.map(({ from, to }) => Math.max(1, from || to / 2)), ...(limit ? [limit / NEAR] : []))
  const high = Math.max(...all.map(({ to }) => to), ...(limit ? [limit * NEAR] : []))
  const left = 6
  const inner = box.width - left - box.right
  const x = (value: Micros) => left + Math.min(1, Math.max(0, Math.log(Math.max(value, low) / low) / Math.log(high / low || Math.E))) * inner
  const atLimit = ({ from, to }: { from: Micros, to: Micros }) => limit !== null && to > limit / NEAR && from < limit * NEAR
  const half = (box.height - box.top - box.bottom) / 2
  const feet = [box.top + half, box.height - box.bottom]
  const columnsOf = (classes: Durations['now'], foot: number, most: number, least = 1.5) => classes.filter(({ requests }) => requests > 0).map((one) => {
    const height = Math.max(1.5, density(one, x) / most * (half - 10))
    const width = Math.max(least, x(one.to) - x(one.from) - 0.8)
    return `M${round(x(one.from))} ${round(foot)}v${round(-height)}h${round(width)}v${round(height)}z`
  }).join('')
  const most = (classes: Durations['now']) => Math.max(1e-9, ...classes.map(one => density(one, x)))
  const cut = now.filter(atLimit)
  const total = now.reduce((sum, { requests }) => sum + requests, 0)
  const panel = (classes: Durations['now'], foot: number, scale: number) => {
    const median = medianOf(classes)
    return { foot, columns: columnsOf(classes, foot, scale), median, medianAt: round(x(median ?? low)) }
  }
  return {
    kind: 'durations',
    panels: [panel(usual, feet[0]!, most(usual)), { ...panel(now, feet[1]!, most(now)), columns: columnsOf(now.filter(one => !atLimit(one)), feet[1]!, most(now)) }],
    ...(limit !== null && cut.length && total > 0 && {
      pile: { columns: columnsOf(cut, feet[1]!, most(now), 5), x: round(x(limit)), share: cut.reduce((sum, { requests }) => sum + requests, 0) / total, limit },
    }),
    ticks: ticksOf(low, high, limit).map(value => ({ x: round(x(value)), value })),
  }
}

/** Calls per width on the axis, so that a wide class is no higher for its width. */
function density({ from, to, requests }: { from: Micros, to: Micros, requests: number }, x: (value: Micros) => number): number {
  return requests / Math.max(1.5, x(to) - x(from))
}

/** Round powers of ten inside, thinned to four, and the limit, which keeps its neighbours away. */
function ticksOf(low: Micros, high: Micros, limit: Micros | null): Micros[] {
  const decades: Micros[] = []
  for (let value = 10 ** Math.ceil(Math.log10(low)); value <= high; value *= 10) decades.push(value)
  const far = (value: Micros) => limit === null || Math.abs(Math.log(value / limit)) > Math.log(high / low) / 8
  const shown = decades.filter(far)
  return [...shown.slice(-4), ...(limit === null ? [] : [limit])]
}

/** On the logarithm within its class. */
function medianOf(classes: Durations['now']): Micros | undefined {
  let half = classes.reduce((sum, { requests }) => sum + requests, 0) / 2
  if (!half) return undefined
  for (const { from, to, requests } of [...classes].sort((a, b) => a.from - b.from)) {
    if (requests >= half) return Math.max(1, from) * (to / Math.max(1, from)) ** (half / requests)
    half -= requests
  }
  return undefined
}

function drawCalls({ from, step, parents, calls }: Calls, onset: number | undefined, box: Box): DrawnCalls | undefined {
  const known = [...parents, ...calls].filter(value => value !== null)
  if (!known.length) return undefined
  const { max, ticks } = valueScale(Math.max(...known), 2)
  const start = Date.parse(from)
  const end = start + Math.max(parents.length, calls.length) * step
  const inner = { width: box.width - box.left - box.right, height: box.height - box.top - box.bottom }
  const foot = box.top + inner.height
  const time = (at: number) => round(box.left + (at - start) / (end - start) * inner.width)
  const x = (i: number) => time(start + (i + 0.5) * step)
  const y = (value: number) => round(foot - value / max * inner.height)
  const last = (values: (number | null)[]) => values.findLast(value => value !== null)
  const lastY = (values: (number | null)[]) => last(values) === undefined ? undefined : y(last(values)!)
  return {
    kind: 'calls',
    parents: linePath(parents, x, y), calls: linePath(calls, x, y), area: areaPath(calls, x, y, foot),
    lines: ticks.map(value => ({ value, y: y(value) })),
    ...(onset !== undefined && onset > start && onset < end && { onset: time(onset) }),
    ends: { parents: lastY(parents), calls: lastY(calls) },
    from: start, to: end,
  }
}

function drawOrigins({ rows }: Origins): DrawnOrigins | undefined {
  const total = rows.reduce((sum, { count }) => sum + count, 0)
  const most = Math.max(...rows.map(({ count }) => count))
  return total ? { kind: 'origins', rows: rows.map(row => ({ ...row, width: round(row.count / most * 100) })), total } : undefined
}
