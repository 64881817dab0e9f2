import { describe, expect, it } from 'vitest'
import { readTraceCondition } from '#shared/search/trace-conditions'

describe('a condition as it is typed', () => {
  it.each([
    ['service = api-gateway', 'service', 'api-gateway'],
    ['서비스: api-gateway', 'service', 'api-gateway'],
    ['consumer=partner-shop', 'consumer', 'partner-shop'],
    ['operation = Token Validation', 'operation', 'Token Validation'],
    ['POST /api/v1/process', 'endpoint', 'POST /api/v1/process'],
    ['endpoint = get /orders/{id}', 'endpoint', 'GET /orders/{id}'],
    ['> 100 ms', 'min', '100ms'],
    ['>=1.5s', 'min', '1500ms'],
    ['< 2s', 'max', '2s'],
    ['1초 이상', 'min', '1s'],
    ['300 ms 이하', 'max', '300ms'],
    ['min=8s', 'min', '8s'],
    ['failed', 'failed', 'true'],
    ['실패', 'failed', 'true'],
    ['4XX', 'status', '4xx'],
    ['상태 = 5xx', 'status', '5xx'],
    ['status = 502', 'attribute', 'http.response.status_code=502'],
    ['api.tier = gold', 'attribute', 'api.tier=gold'],
    ['db.statement = "SELECT a = 1"', 'attribute', 'db.statement=SELECT a = 1'],
    ['url = http://x:80/a=b', 'attribute', 'url=http://x:80/a=b'],
  ])('%s', (typed, key, value) => expect(readTraceCondition(typed)).toEqual({ key, value }))

  it.each(['', 'api-gateway', 'status = fine', 'min = soon', 'GET', '= 5', '> x'])('does not guess at %j', typed => expect(readTraceCondition(typed)).toBeUndefined())
})
