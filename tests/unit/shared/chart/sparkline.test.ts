import { describe, expect, it } from 'vitest'
import { packTrend, unpackTrend } from '#shared/chart/packed-trend'
import { sparkline } from '#shared/chart/sparkline'

const size = { width: 30, height: 10 }

describe('sparkline', () => {
  it('scales from zero to the largest value', () => {
    expect(sparkline([0, 5, 10, 5], size).calm).toBe('M0 10l10-5 10-5 10 5')
  })

  it('keeps noise small below the floor of its scale', () => {
    expect(sparkline([1, 1, 1, 1], { ...size, floor: 10 }).calm).toBe('M0 9l10 0 10 0 10 0')
  })

  it('leaves holes at their place, and a lone value a dash', () => {
    expect(sparkline([10, null, 10, 10], size).calm).toBe('M0 0h1M20 0l10 0')
  })

  it('divides the line at the onset without tearing it', () => {
    const { calm, hot, area } = sparkline([0, 0, 10, 10], { ...size, onset: 2 })
    expect([calm, hot, area]).toEqual(['M0 10l10 0', 'M10 10l10-10 10 0', 'M20 10V0L30 0V10z'])
  })

  it('has nothing to draw where nothing came', () => {
    expect(sparkline([null, null], size)).toEqual({ calm: '', hot: '', area: '' })
    expect(sparkline([], size)).toEqual({ calm: '', hot: '', area: '' })
  })

  it('draws zeroes at the foot rather than divide by them', () => {
    expect(sparkline([0, 0], size).calm).toBe('M0 10l30 0')
  })
})

describe('packed trend', () => {
  it('keeps zero, top and holes, and the shape between', () => {
    expect(packTrend([0, 50, null, 100])).toBe('0i-z')
    expect(unpackTrend('0i-z')).toEqual([0, 18, null, 35])
  })

  it('keeps noise below its floor small', () => {
    expect(packTrend([0.001, 0.002], 0.01)).toBe('47')
  })
})
