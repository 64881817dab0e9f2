import type { Micros } from '#shared/units'

/** What decides how a trace is drawn. */
export interface Drawable {
  failed: boolean
  duration: Micros
}

export interface Drawn<T> {
  item: T
  stratum: number
}

/** Of those that did not fail, the slowest are a stratum of their own: the tenth part. */
const SLOW = 0.1

/**
 * Failed, slow and other ones, each with the same right to the places there are; what one does not need goes to the
 * others. The answer is in the order of reading: whenever that ends, every stratum was read in proportion and evenly
 * over its time.
 */
export function drawStrata<T extends Drawable>(items: readonly T[], limit: number): { drawn: Drawn<T>[], sizes: number[] } {
  const calm = items.filter(({ failed }) => !failed)
  const from = calm.map(({ duration }) => duration).sort((a, b) => a - b)[Math.floor(calm.length * (1 - SLOW))] ?? Infinity
  const strata: T[][] = [items.filter(({ failed }) => failed), [], []]
  for (const item of calm) strata[item.duration >= from ? 1 : 2]!.push(item)
  const places = sharePlaces(strata.map(stratum => stratum.length), limit)
  const drawn = strata.flatMap((stratum, index) => evenly(stratum).slice(0, places[index]).map((item, i) => ({ item, stratum: index, turn: (i + 0.5) / places[index]! })))
  return { drawn: drawn.sort((a, b) => a.turn - b.turn), sizes: strata.map(stratum => stratum.length) }
}

/** How many requests each trace of a stratum stands for, once it is known how many were read. */
export function stratumWeights(sizes: readonly number[], read: readonly number[]): number[] {
  return sizes.map((size, stratum) => read[stratum] ? size / read[stratum]! : 1)
}

function sharePlaces(wanted: readonly number[], limit: number): number[] {
  const places = wanted.map(() => 0)
  let left = limit
  for (let open = wanted.map((_, i) => i).filter(i => wanted[i]! > 0); left > 0 && open.length > 0;) {
    const each = Math.max(1, Math.floor(left / open.length))
    for (const i of open) {
      const more = Math.min(each, wanted[i]! - places[i]!, left)
      places[i]! += more
      left -= more
    }
    open = open.filter(i => places[i]! < wanted[i]!)
  }
  return places
}

/** In an order of which every beginning is spread over the whole: by the fractional part of multiples of the golden ratio. */
function evenly<T>(items: readonly T[]): T[] {
  const golden = (Math.sqrt(5) - 1) / 2
  return items.map((item, i) => ({ item, at: (i * golden) % 1 })).sort((a, b) => a.at - b.at).map(({ item }) => item)
}
