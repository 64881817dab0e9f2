import type { Micros, Millis } from '../units'
import type { ScatterColumns } from './scatter'

export interface ScatterRow {
  /** Milliseconds from the window's start. */
  at: Millis
  ok: number
  clientError: number
  failed: number
  median?: Micros
  slowest?: Micros
}

/** The same points as figures, for those who do not see them: a row for each part of the window. */
export function scatterTable(points: ScatterColumns, length: Millis, step: Millis): ScatterRow[] {
  const parts: { row: ScatterRow, durations: Micros[] }[] = Array.from({ length: Math.ceil(length / step) }, (_, i) => ({ row: { at: i * step, ok: 0, clientError: 0, failed: 0 }, durations: [] }))
  points.at.forEach((at, i) => {
    const part = parts[Math.min(parts.length - 1, Math.floor(at / step))]
    if (!part) return
    part.durations.push(points.duration[i]!)
    part.row[points.outcome[i] === 'f' ? 'failed' : points.outcome[i] === 'c' ? 'clientError' : 'ok']++
  })
  return parts.map(({ row, durations }) => {
    durations.sort((a, b) => a - b)
    return { ...row, median: durations[durations.length >> 1], slowest: durations.at(-1) }
  })
}
