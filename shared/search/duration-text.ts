import type { Micros } from '../units'

const units = new Map([['us', 1], ['µs', 1], ['ms', 1_000], ['s', 1_000_000], ['초', 1_000_000], ['m', 60_000_000], ['min', 60_000_000], ['분', 60_000_000]])

/** `100 ms`, `1.5s`, `2m`; a bare number is milliseconds. Undefined where it is no duration. */
export function parseDuration(text: string): Micros | undefined {
  const [, number, unit] = /^\s*(\d{1,9}(?:\.\d{1,6})?)\s*([a-zµ초분]*)\s*$/iu.exec(text) ?? []
  if (number === undefined) return undefined
  const factor = units.get(unit!.toLowerCase() || 'ms')
  return factor === undefined ? undefined : Math.round(Number(number) * factor)
}

/** The shortest text that reads back as the same duration, for URLs. */
export function durationText(duration: Micros): string {
  if (duration % 1_000_000 === 0) return `${duration / 1_000_000}s`
  if (duration % 1_000 === 0) return `${duration / 1_000}ms`
  return `${duration}us`
}
