import { describe, expect, it } from 'vitest'
import { isLive, nextLifecycle } from '#shared/registry/lifecycle'

describe('lifecycle', () => {
  it.each([
    ['draft', 'activate', 'active'], ['draft', 'deprecate', undefined], ['draft', 'retire', 'retired'], ['draft', 'restore', undefined],
    ['active', 'activate', undefined], ['active', 'deprecate', 'deprecated'], ['active', 'retire', 'retired'], ['active', 'restore', undefined],
    ['deprecated', 'activate', undefined], ['deprecated', 'deprecate', undefined], ['deprecated', 'retire', 'retired'], ['deprecated', 'restore', 'active'],
    ['retired', 'activate', undefined], ['retired', 'deprecate', undefined], ['retired', 'retire', undefined], ['retired', 'restore', 'active'],
  ] as const)('%s, %s: %s', (state, verb, next) => {
    expect(nextLifecycle(verb, state, true)).toBe(next)
  })

  it('brings a retired draft back as a draft, since it never was live', () => {
    expect(nextLifecycle('restore', 'retired', false)).toBe('draft')
  })

  it('counts a deprecated endpoint as live: it still answers', () => {
    expect(['draft', 'active', 'deprecated', 'retired'].filter(state => isLive(state as 'draft'))).toEqual(['active', 'deprecated'])
  })
})
