import { describe, expect, it } from 'vitest'
import { pileUp } from '#shared/chart/pile-up'

describe('where durations pile up', () => {
  /** Spread like real ones: log-normal, always the same draw. */
  function spread(count: number, median: number, sigma: number): number[] {
    let state = 11
    const random = () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647
    return Array.from({ length: count }, () => median * Math.exp(sigma * Math.sqrt(-2 * Math.log(random())) * Math.cos(2 * Math.PI * random())))
  }

  it('is the limit that many calls wait for', () => {
    const cut = Array.from({ length: 150 }, (_, i) => 8_000_000 + i * 2_000)
    expect(pileUp([...spread(370, 650_000, 0.4), ...cut])).toBeCloseTo(8_000_000, -5)
  })

  it('is nowhere when durations only spread', () => {
    for (const count of [5, 50, 500, 2_000]) expect(pileUp(spread(count, 650_000, 0.4))).toBeUndefined()
  })

  it('is nowhere when only a few are alike', () => {
    expect(pileUp([...spread(400, 650_000, 0.4), ...Array.from({ length: 8 }, () => 8_000_000)])).toBeUndefined()
  })

  it('takes no notice of a fast majority', () => {
    expect(pileUp([...Array.from({ length: 300 }, (_, i) => 2_000 + i % 40), ...spread(200, 650_000, 0.4)])).toBeUndefined()
  })
})
