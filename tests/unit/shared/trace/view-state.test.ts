import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { axisTicks } from '../../../../shared/trace/time-axis'
import { readViewState, startState, writeViewState, type TraceViewState } from '../../../../shared/trace/view-state'

describe('the view in the URL', () => {
  it('is empty at the start', () => {
    expect(Object.values(writeViewState(startState)).filter(value => value !== undefined)).toEqual([])
  })

  it('comes back as it was written', () => {
    const key = fc.stringMatching(/^[0-9a-f]{16}(-server)?$/)
    const keys = fc.array(key, { maxLength: 5 })
    fc.assert(fc.property(fc.record({
      fold: keys, open: keys, groups: keys, repeats: fc.boolean(), path: fc.boolean(), errorLogs: fc.boolean(), raw: fc.boolean(), logs: fc.boolean(), find: fc.string(),
      span: fc.option(key, { nil: undefined }), level: fc.option(fc.integer({ min: 1, max: 99 }), { nil: undefined }), hide: fc.option(fc.constantFrom(0, 1, 2.5), { nil: undefined }),
      only: fc.option(fc.constantFrom('errors' as const, 'path' as const), { nil: undefined }), zoom: fc.option(fc.tuple(fc.nat(1_000), fc.integer({ min: 1_001, max: 9_000 })), { nil: undefined }),
    }), (state) => {
      const set = Object.fromEntries(Object.entries(state).filter(([, value]) => value !== undefined)) as unknown as TraceViewState
      expect(readViewState(writeViewState(set))).toEqual(set)
    }))
  })

  it.each([
    ['a window that ends before it begins', { zoom: '9-3' }],
    ['a level that is none', { level: 'x' }],
    ['what nobody knows', { only: 'mine', repeats: 'perhaps', nonsense: '1' }],
    ['a value sent twice', { span: ['a', 'b'] }],
  ])('starts afresh from %s', (_, query) => {
    expect(readViewState(query)).toEqual(startState)
  })
})

describe('the time axis', () => {
  it.each([
    [0, 11_742_000, 6, [0, 2_000_000, 4_000_000, 6_000_000, 8_000_000, 10_000_000]],
    [100_000, 700_000, 6, [100_000, 200_000, 300_000, 400_000, 500_000, 600_000, 700_000]],
    [0, 200_000_000, 6, [0, 60_000_000, 120_000_000, 180_000_000]],
    [0, 3, 6, [0, 1, 2, 3]],
  ])('has round times between %i and %i µs', (from, to, most, ticks) => {
    expect(axisTicks(from, to, most)).toEqual(ticks)
  })
})
