import { describe, expect, it } from 'vitest'
import { spanAt } from '#shared/trace/span-at'

describe('the span that began at a moment', () => {
  const trace = { base: 1_000_000, tick: 1, count: 4, start: Uint32Array.of(0, 200, 200, 500), skewOf: (span: number) => span === 3 ? { service: 's', ahead: 50, calls: 1 } : undefined }

  it.each([
    ['the root', 1_000_000, 0],
    ['of several the one furthest down', 1_000_200, 2],
    ['one whose clock was corrected, by the clock of its sender', 1_000_550, 3],
    ['none, where nothing began then', 1_000_300, -1],
  ])('is %s', (_, at, span) => expect(spanAt(trace, at)).toBe(span))
})
