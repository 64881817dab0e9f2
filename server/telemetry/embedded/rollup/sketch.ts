import { MalformedBody, WireReader } from '../otlp/wire'
import type { WireWriter } from '../otlp/wire-writer'

/**
 * Durations by logarithmic class: each class is 9 % wider than the one before, so that any value read back is within
 * 4.4 % of what went in. Counts are kept in eighths of a request, which lets samples of ratio 0.3 be taken back
 * exactly. Two sketches add up by class, so steps of time merge in any order.
 */
const ratio = 1.09
const logRatio = Math.log(ratio)
const version = 1
export const classes = 400
export const unit = 8

/** Class of a duration in whole microseconds: 0 for none, i for what is above ratio^(i-2) and up to ratio^(i-1). */
export function classOf(duration: number): number {
  return duration < 1 ? 0 : Math.min(classes - 1, Math.ceil(Math.log(duration) / logRatio - 1e-9) + 1)
}

/** The duration a class stands for: off by the same share at both of its ends. */
export function durationOf(index: number): number {
  return index === 0 ? 0 : 2 * ratio ** (index - 1) / (ratio + 1)
}

/** What a class holds: durations above `from` and up to `to`. */
export function boundsOf(index: number): { from: number, to: number } {
  return index === 0 ? { from: 0, to: 0 } : { from: ratio ** (index - 2), to: ratio ** (index - 1) }
}

/** Counts from the lowest class in use to the highest. */
export class Sketch {
  low = 0
  counts: number[] = []

  add(index: number, count: number): void {
    const { counts } = this
    if (counts.length === 0) this.low = index
    while (index < this.low) {
      counts.unshift(0)
      this.low--
    }
    while (index >= this.low + counts.length) counts.push(0)
    counts[index - this.low]! += count
  }

  write(writer: WireWriter): void {
    const { counts } = this
    const whole = counts.every(count => count % unit === 0)
    const scale = whole ? unit : 1
    writer.byte(version)
    writer.byte(scale)
    writer.varint(this.low)
    writer.varint(counts.length)
    for (let i = 0; i < counts.length; i++) {
      const count = Math.max(0, counts[i]!) / scale
      writer.varint(count)
      if (count > 0) continue
      // Empty classes in a row are one number.
      let run = 1
      while (i + run < counts.length && counts[i + run]! <= 0) run++
      writer.varint(run)
      i += run - 1
    }
  }

  /** Adds what was written. */
  merge(bytes: Uint8Array): this {
    const reader = new WireReader(bytes)
    if (reader.varint() !== version) throw new MalformedBody('sketch of another release')
    const scale = reader.varint()
    const low = reader.varint()
    const length = reader.varint()
    for (let i = 0; i < length; i++) {
      const count = reader.varint()
      if (count > 0) this.add(low + i, count * scale)
      else i += reader.varint() - 1
    }
    return this
  }

  /** How many counts stand above a duration; of the class it falls into, in proportion. */
  above(duration: number): number {
    return this.counts.reduce((sum, count, i) => {
      const { from, to } = boundsOf(this.low + i)
      return sum + (from >= duration ? count : to > duration ? count * (to - duration) / (to - from) : 0)
    }, 0)
  }

  /** Undefined where nothing was counted. */
  quantile(q: number): number | undefined {
    const { counts, low } = this
    let total = 0
    for (const count of counts) total += count
    if (total <= 0) return undefined
    let passed = 0
    for (let i = 0; i < counts.length; i++) {
      passed += counts[i]!
      if (counts[i]! > 0 && passed >= q * total) return Math.round(durationOf(low + i))
    }
    return undefined
  }
}
