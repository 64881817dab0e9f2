import { describe, expect, it } from 'vitest'
import { sparkline } from '#shared/chart/sparkline'

const size = { width: 20, height: 10, top: 10 }

describe('sparkline', () => {
  it('draws from the base, its scale starting at 0', () => {
    expect(sparkline([0, 5, 10], size)).toEqual({ line: 'M0 10L10 5L20 0', area: 'M0 10L0 10L10 5L20 0V10Z' })
  })

  it('leaves missing steps blank at their place', () => {
    expect(sparkline([5, 5, null, 5, 5], size).line).toBe('M0 5L5 5M15 5L20 5')
  })

  it('shows a value that stands alone', () => {
    expect(sparkline([null, 5, null], size).line).toBe('M10 5L12 5')
  })

  it('draws nothing from nothing, and stays within its height', () => {
    expect(sparkline([null, null], size)).toEqual({ line: '', area: '' })
    expect(sparkline([20, 0], { ...size, top: 0 }).line).toBe('M0 10L20 10')
    expect(sparkline([20, 20], size).line).toBe('M0 0L20 0')
  })
})
