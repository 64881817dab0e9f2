import { expect, it } from 'vitest'
import { onsetOf, type Level } from '#shared/status/limits'
import { packStates, unpackStates } from '#shared/status/packed-states'
import { states } from '#shared/status/state'

const read = (drawn: string): (Level | null)[] => [...drawn].map(letter => (({ h: 'healthy', d: 'degraded', c: 'critical' } as const)[letter] ?? null))

it.each([
  ['hhhh', null],
  ['hhdd', 2],
  ['ddhd', 3],
  ['hdch', null],
  ['cccc', 0],
  ['hd-d', 1],
  ['hh-d', 3],
  ['hhd-', 2],
  ['----', null],
  ['', null],
])('finds where the trouble of %s began', (drawn, at) => {
  expect(onsetOf(read(drawn))).toBe(at)
})

it('packs states into letters and back', () => {
  expect(packStates(states)).toBe('hdcu')
  expect(unpackStates(packStates(states))).toEqual([...states])
})
