import { describe, expect, it } from 'vitest'
import { coursePaths, onsetOf } from '#shared/registry/course'

const size = { width: 20, height: 10, top: 10 }

describe('the course of a figure', () => {
  it('draws from the base, its scale starting at 0', () => {
    expect(coursePaths([0, 5, 10], size)).toEqual({ line: 'M0 10L10 5L20 0', area: 'M0 10L0 10L10 5L20 0V10Z' })
  })

  it('leaves missing steps blank at their place', () => {
    expect(coursePaths([5, 5, null, 5, 5], size).line).toBe('M0 5L5 5M15 5L20 5')
  })

  it('shows a value that stands alone', () => {
    expect(coursePaths([null, 5, null], size).line).toBe('M10 5L12 5')
  })

  it('draws nothing from nothing, and stays within its height', () => {
    expect(coursePaths([null, null], size)).toEqual({ line: '', area: '' })
    expect(coursePaths([20, 0], { ...size, top: 0 }).line).toBe('M0 10L20 10')
    expect(coursePaths([20, 20], size).line).toBe('M0 0L20 0')
  })
})

describe('the onset of trouble', () => {
  it.each([
    [[0, 0, 5, 6], 2], [[5, 0, 5, null, 6], 2], [[0, null, null, 6], 3], [[6, 6], 0], [[6, 0], 2], [[null, null], 2], [[], 0],
  ])('in %j is at step %i', (values, onset) => {
    expect(onsetOf(values, 1)).toBe(onset)
  })
})
