import { describe, expect, it } from 'vitest'
import { changeOf, expectationOf, faultNames, faults, isFault } from '../../../demo/faults.ts'
import { around } from '../../../demo/platform/spans.ts'

describe('the demo\'s faults', () => {
  it('are those that the README promises, the first ones first', () => {
    expect(faultNames).toEqual(['external-timeout', 'jwt-cache-off', 'slow-query', 'version-errors', 'bad-consumer', 'queue-lag', 'slow-code', 'n-plus-one', 'slow-grants', 'transfer-errors', 'retry-storm', 'slow-host', 'slow-partner'])
    expect(isFault('external-timeout')).toBe(true)
    expect(isFault('toString')).toBe(false)
  })

  it('say in a sentence each what happens and what to expect', () => {
    for (const name of faultNames) {
      expect(faults[name].happens).toMatch(/\.$/)
      expect(faults[name].expect).toMatch(/\.$/)
    }
  })

  it('say which of them need a past to be told', () => {
    expect(faultNames.filter(name => expectationOf(name).includes('five minutes of healthy traffic'))).toEqual(['jwt-cache-off', 'slow-query', 'slow-code', 'n-plus-one', 'slow-grants', 'slow-host', 'slow-partner'])
  })

  it('announce a change of configuration on the way there and on the way back', () => {
    expect(changeOf('external-timeout', true)).toEqual({ kind: 'configuration', service: 'business-service', key: 'external.timeout', oldValue: '3 s', newValue: '8 s', author: 'demo' })
    expect(changeOf('external-timeout', false)).toMatchObject({ oldValue: '8 s', newValue: '3 s' })
  })

  it('announce a deployment by its version, and nothing where nothing was changed', () => {
    expect(changeOf('version-errors', true)).toEqual({ kind: 'deployment', service: 'business-service', version: '2.9.0', author: 'demo' })
    expect(changeOf('version-errors', false)).toMatchObject({ version: '2.8.0' })
    expect(changeOf('slow-query', true)).toBeUndefined()
  })
})

describe('times in the demo', () => {
  it('lie around their median, with a tail that ends', () => {
    const sorted = Array.from({ length: 4_001 }, () => around(100, 0.3)).sort((a, b) => a - b)
    expect(sorted[2_000]).toBeGreaterThan(95)
    expect(sorted[2_000]).toBeLessThan(105)
    expect(sorted.at(-1)).toBeLessThanOrEqual(100 * Math.exp(2.5 * 0.3))
    expect(sorted[0]).toBeGreaterThan(0)
  })
})
