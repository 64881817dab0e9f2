import { describe, expect, it } from 'vitest'
import { href } from '#shared/href'

describe('href', () => {
  it('leaves out what is not set, and the question mark with it', () => {
    expect(href('/traces', { service: undefined, failed: null })).toBe('/traces')
  })

  it('keeps what callers named from becoming part of the query', () => {
    const address = href('/traces', { service: 'a&b=c #1', min: 5 })
    expect(Object.fromEntries(new URL(address, 'http://x').searchParams)).toEqual({ service: 'a&b=c #1', min: '5' })
  })

  it('repeats a name for each of its values', () => {
    expect(href('/logs', { severity: ['warn', null, 'error'] })).toBe('/logs?severity=warn&severity=error')
  })
})
