import { describe, expect, it } from 'vitest'
import { readLogCondition } from '#shared/search/log-conditions'

const traceId = '7f3c9a1e5b8d42060a1b2c3d4e35d812'

describe('a condition on logs as it is typed', () => {
  it.each([
    ['service = business-service', 'service', 'business-service'],
    ['warn', 'level', 'warn'],
    ['WARNING', 'level', 'warn'],
    ['INFO 이상', 'level', 'info'],
    ['수준 = error', 'level', 'error'],
    [`trace_id=${traceId}`, 'trace', traceId],
    [`00-${traceId}-a41d07c2e9b85f36-01`, 'trace', traceId],
    ['api.client.id = partner-shop', 'attribute', 'api.client.id=partner-shop'],
  ])('%s', (typed, key, value) => expect(readLogCondition(typed)).toEqual({ key, value }))

  it.each(['', 'timeout', 'level = loud'])('does not guess at %j', typed => expect(readLogCondition(typed)).toBeUndefined())
})
