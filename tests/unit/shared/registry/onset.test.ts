import { describe, expect, it } from 'vitest'
import { onsetOf } from '#shared/registry/onset'

describe('the onset of trouble', () => {
  it.each([
    [[0, 0, 5, 6], 2], [[5, 0, 5, null, 6], 2], [[0, null, null, 6], 3], [[6, 6], 0], [[6, 0], 2], [[null, null], 2], [[], 0],
  ])('in %j is at step %i', (values, onset) => {
    expect(onsetOf(values, 1)).toBe(onset)
  })
})
