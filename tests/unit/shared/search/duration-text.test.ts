import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { durationText, parseDuration } from '#shared/search/duration-text'

describe('durations as people write them', () => {
  it.each([
    ['100 ms', 100_000], ['100', 100_000], ['1.5s', 1_500_000], ['8 s', 8_000_000], ['2m', 120_000_000], ['750us', 750], ['3초', 3_000_000], ['0', 0],
  ])('reads %s', (text, micros) => expect(parseDuration(text)).toBe(micros))

  it.each(['', 'fast', '-1s', '1 s 5', '1e9', 'Infinity', '1 parsec', '1constructor'])('refuses %j', text => expect(parseDuration(text)).toBeUndefined())

  it('reads back what it wrote', () => {
    fc.assert(fc.property(fc.integer({ min: 0, max: 900_000_000 }), duration => parseDuration(durationText(duration)) === duration))
  })
})
