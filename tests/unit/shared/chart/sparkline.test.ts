import { describe, expect, it } from 'vitest'
import { packTrend, packTrends } from '#shared/chart/packed-trend'
import { sparkline } from '#shared/chart/sparkline'

describe('sparkline', () => {
  it('goes a step to the right for each value, up and down by what is packed', () => {
    expect(sparkline('0iz0').calm).toBe('M0 35l1-18 1-17 1 35')
  })

  it('draws what goes on straight as one step', () => {
    expect(sparkline('555').calm).toBe('M0 30l2 0')
    expect(sparkline('0242000').calm).toBe('M0 35l2-4 2 4 2 0')
  })

  it('leaves holes at their place, and a lone value a dash', () => {
    expect(sparkline('z-zz').calm).toBe('M0 0h1M2 0l1 0')
    expect(sparkline('zz-z').calm).toBe('M0 0l1 0M3 0h1')
  })

  it('divides the line at the onset without tearing it', () => {
    const { calm, hot, area } = sparkline('00zz', 2)
    expect([calm, hot, area]).toEqual(['M0 35l1 0', 'M1 35l1-35 1 0', 'M2 35V0L3 0V35z'])
  })

  it('closes the field at a hole', () => {
    expect(sparkline('z-zz', 0).area).toBe('M0 35V0V35zM2 35V0L3 0V35z')
  })

  it('has nothing to draw where nothing came', () => {
    expect(sparkline('--')).toEqual({ calm: '', hot: '', area: '' })
    expect(sparkline('')).toEqual({ calm: '', hot: '', area: '' })
  })
})

describe('packed trend', () => {
  it('keeps zero, top and holes, and the shape between', () => {
    expect(packTrend([0, 50, null, 100])).toBe('0i-z')
  })

  it('keeps noise below its floor small', () => {
    expect(packTrend([0.001, 0.002], 0.01)).toBe('47')
  })

  it('draws zeroes at the foot rather than divide by them', () => {
    expect(packTrend([0, 0])).toBe('00')
  })

  it('packs errors as their share of the requests, a hole where nobody called', () => {
    expect(packTrends({ requests: [10, 0, 10], failed: [5, 0, 10], p95: [1, null, 2] })).toEqual({ requests: 'z0z', errors: 'i-z', p95: 'i-z' })
  })
})
