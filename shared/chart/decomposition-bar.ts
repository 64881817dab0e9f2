import type { SentDecompositionRow } from '../schemas/diagnosis'
import type { Micros } from '../units'

export interface DecompositionRow extends Pick<SentDecompositionRow, 'kind' | 'service' | 'operation' | 'remote' | 'note'> {
  change: Micros
  /** Per cent of the whole change to one decimal; all rows together make exactly 100. */
  share: number
  /** What of the share comes from each call taking longer, and from calling more often; they sum to it. */
  longer: number
  oftener: number
}

export interface DecompositionBar {
  before: Micros
  after: Micros
  change: Micros
  rows: DecompositionRow[]
  longer: number
  oftener: number
  /** What grew, from left to right, in per cent of the bar: a row's plain part, then its hatched one. */
  parts: { row: number, kind: 'longer' | 'oftener', left: number, width: number }[]
}

/**
 * Where the time of a request that grew went. What comes from longer and more calls together is halved between both,
 * as the mean of asking in either order. Undefined where nothing was added, and nothing could be split.
 */
export function decompositionBar({ before, after, rows }: { before: Micros, after: Micros, rows: readonly SentDecompositionRow[] }): DecompositionBar | undefined {
  const change = after - before
  if (!(change > 0) || !rows.length) return undefined
  const places = byPlace(rows)
  const halves = places.flatMap(({ duration, rate, product }) => [duration + product / 2, rate + product / 2])
  const shares = wholeTenths(halves.map(half => half / change * 100))
  const drawn = places.map(({ kind, service, operation, remote, note, change }, i): DecompositionRow => ({
    kind, service, operation, remote, note, change,
    share: round(shares[2 * i]! + shares[2 * i + 1]!), longer: shares[2 * i]!, oftener: shares[2 * i + 1]!,
  }))

  const grown = halves.reduce((sum, half) => sum + Math.max(0, half), 0)
  let left = 0
  const parts = halves.flatMap((half, i) => {
    const width = Math.max(0, half) / grown * 100
    const part = { row: i >> 1, kind: i % 2 ? 'oftener' as const : 'longer' as const, left: round(left, 100), width: round(width, 100) }
    left += width
    return width > 0 ? [part] : []
  })
  const sum = (pick: (row: DecompositionRow) => number) => round(drawn.reduce((total, row) => total + pick(row), 0))
  return { before, after, change, rows: drawn, longer: sum(row => row.longer), oftener: sum(row => row.oftener), parts }
}

/** One row a place, whatever the number of operations in it: the largest speaks for it. Largest first, the rest last. */
export function byPlace(rows: readonly SentDecompositionRow[]): SentDecompositionRow[] {
  const places = new Map<string, SentDecompositionRow>()
  for (const row of rows.toSorted((a, b) => Math.abs(b.change) - Math.abs(a.change))) {
    const place = row.kind === 'rest' ? '' : (row.remote ?? row.service).toLowerCase()
    const held = places.get(place)
    places.set(place, held
      ? { ...held, change: held.change + row.change, duration: held.duration + row.duration, rate: held.rate + row.rate, product: held.product + row.product }
      : row)
  }
  return [...places.values()].toSorted((a, b) => Number(a.kind === 'rest') - Number(b.kind === 'rest') || b.change - a.change)
}

/** Rounded to tenths so that they still sum to 100: those that lost most get the tenths that are left. */
function wholeTenths(values: readonly number[]): number[] {
  const floors = values.map(value => Math.floor(value * 10))
  const missing = 1_000 - floors.reduce((sum, floor) => sum + floor, 0)
  const order = [...values.keys()].sort((a, b) => (values[b]! * 10 - floors[b]!) - (values[a]! * 10 - floors[a]!))
  for (let i = 0; i < missing; i++) floors[order[i % order.length]!]!++
  return floors.map(floor => floor / 10)
}

const round = (value: number, steps = 10) => Math.round(value * steps) / steps
