import { describe, expect, it } from 'vitest'
import { countScale, stackedColumns } from '#shared/chart/stacked-columns'

describe('stacked columns', () => {
  it('stand on each other and end where the counts end', () => {
    expect(stackedColumns([[2, 0], [2, 4]], { width: 20, height: 10, max: 4 })).toEqual(['M0 5h9v5h-9z', 'M0 0h9v5h-9zM10 0h9v10h-9z'])
  })

  it.each([[0, 1], [1, 2], [7, 8], [215, 400], [1_000, 1_000], [1_281, 2_000]])('a top for %i is %i', (most, max) => expect(countScale(most).max).toBe(max))
})
