import { BadAnswer } from './bad-answer'

const QUOTE = 0x22
const BACKSLASH = 0x5C
const OPEN_LIST = 0x5B
const CLOSE_LIST = 0x5D
const OPEN_OBJECT = 0x7B
const CLOSE_OBJECT = 0x7D

/** Of one span; a larger one is passed over and counted as bad. */
const largestSpan = 8 * 1024 * 1024

export interface Splitting {
  /** The JSON of one span; a view that may be kept. */
  span: (json: Buffer) => void
  /** A span too large to be one. */
  tooLarge: () => void
  /** A list of spans ended; called for lists in a list only. */
  traceEnd?: () => void
}

/**
 * Cuts `[{…},{…}]`, or `[[{…},{…}],[{…}]]` where `lists` is 2, into its objects while the bytes arrive. Looks at
 * brackets and strings only: what is inside an object is judged by whoever reads it. Nothing is held but the object
 * that the end of a chunk cut in two.
 */
export function createSpanSplitter(lists: 1 | 2, on: Splitting) {
  let listDepth = 0
  let depth = 0
  let inString = false
  /** Backslashes at the end of the last chunk, where it ended in a string. */
  let pending = 0
  let begun: Buffer[] = []
  let begunBytes = 0
  let ended = false

  function close(last: Buffer) {
    const bytes = begunBytes + last.length
    if (bytes > largestSpan) on.tooLarge()
    else on.span(begun.length ? Buffer.concat([...begun, last]) : last)
    begun = []
    begunBytes = 0
  }

  /** From `at` in a string to behind its closing quote; the chunk's length where it does not end here. */
  function endOfString(chunk: Buffer, at: number): number {
    for (let from = at; ;) {
      const quote = chunk.indexOf(QUOTE, from)
      const stop = quote < 0 ? chunk.length : quote
      let slashes = 0
      while (stop - slashes > at && chunk[stop - slashes - 1] === BACKSLASH) slashes++
      if (stop - slashes === at) slashes += pending
      if (quote < 0) {
        pending = slashes
        return chunk.length
      }
      if (slashes % 2 === 0) {
        pending = 0
        inString = false
        return quote + 1
      }
      // An escaped quote: what comes after it is no longer at the string's beginning.
      pending = 0
      from = quote + 1
    }
  }

  return {
    push(chunk: Buffer): void {
      let start = 0
      for (let i = 0; i < chunk.length;) {
        if (inString) {
          i = endOfString(chunk, i)
          continue
        }
        const byte = chunk[i++]!
        if (byte === QUOTE) {
          if (depth === 0) throw new BadAnswer('text outside of a span')
          inString = true
        }
        else if (byte === OPEN_OBJECT) {
          if (depth === 0) {
            if (listDepth !== lists) throw new BadAnswer('an object outside of a list')
            start = i - 1
          }
          depth++
        }
        else if (byte === CLOSE_OBJECT) {
          if (depth === 0) throw new BadAnswer('an end without a beginning')
          if (--depth === 0) close(chunk.subarray(start, i))
        }
        else if (depth === 0 && byte > 0x20) {
          if (byte === OPEN_LIST && listDepth < lists && !ended) listDepth++
          else if (byte === CLOSE_LIST && listDepth > 0) {
            if (listDepth === 2) on.traceEnd?.()
            if (--listDepth === 0) ended = true
          }
          else if (byte !== 0x2C) throw new BadAnswer('not a list of spans')
        }
      }
      if (depth === 0) return
      const rest = begun.length || start > 0 ? chunk.subarray(start) : chunk
      begunBytes += rest.length
      // Of a span that is too large anyway, nothing is kept but its length.
      if (begunBytes <= largestSpan) begun.push(rest)
      else begun = []
    },

    /** To be called when nothing more comes. */
    end(): void {
      if (!ended) throw new BadAnswer('ended early')
    },
  }
}
