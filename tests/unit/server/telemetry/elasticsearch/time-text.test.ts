import { expect, it } from 'vitest'
import { nanosOf } from '#server/telemetry/elasticsearch/time-text'

const at = 1_795_411_800_123_000_000n

it.each<[string, unknown, bigint | undefined]>([
  ['nine digits', '2026-11-23T05:30:00.123456789Z', at + 456_789n],
  ['milliseconds', '2026-11-23T05:30:00.123Z', at],
  ['no fraction', '2026-11-23T05:30:00Z', at - 123_000_000n],
  ['a zone', '2026-11-23T14:30:00.123+09:00', at],
  ['a zone without a colon', '2026-11-23T14:30:00,123+0900', at],
  ['no zone, which is UTC', '2026-11-23 05:30:00.123', at],
  ['more digits than there are nanoseconds', '2026-11-23T05:30:00.1234567899Z', at + 456_789n],
  ['milliseconds with nanoseconds behind the point', '1795411800123.456789', at + 456_789n],
  ['milliseconds as a number', 1_795_411_800_123, at],
  ['seconds', '1795411800', at - 123_000_000n],
  ['seconds with a fraction', '1795411800.123', at],
  ['microseconds', '1795411800123000', at],
  ['nanoseconds', '1795411800123000000', at],
  ['a day only', '2026-11-23', undefined],
  ['a day that does not exist', '2026-13-40T00:00:00Z', undefined],
  ['words', 'yesterday', undefined],
  ['nothing', undefined, undefined],
  ['an object', { at: 1 }, undefined],
])('reads a time written with %s', (_, value, expected) => {
  expect(nanosOf(value)).toBe(expected)
})
