import type { Micros, TimeWindow } from '../units'

/** A part of a chart that a reader drew: a time, and on the scatter also a range of durations. */
export interface Area extends TimeWindow {
  min?: Micros
  max?: Micros
}

/** `from-to` in milliseconds, with `-min-max` in microseconds where durations are bounded. */
export function areaText({ from, to, min, max }: Area): string {
  const parts = [from.getTime(), to.getTime(), ...(min !== undefined && max !== undefined ? [min, max] : [])]
  return parts.map(Math.round).join('-')
}

export function parseArea(text: string | undefined): Area | undefined {
  if (!text || !/^\d{1,15}-\d{1,15}(-\d{1,15}-\d{1,15})?$/.test(text)) return undefined
  const [from, to, min, max] = text.split('-').map(Number) as [number, number, number?, number?]
  if (from >= to || (min !== undefined && min > max!)) return undefined
  return { from: new Date(from), to: new Date(to), ...(min !== undefined && { min, max }) }
}
