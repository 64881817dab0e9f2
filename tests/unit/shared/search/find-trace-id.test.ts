import { describe, expect, it } from 'vitest'
import { findTraceId } from '#shared/search/find-trace-id'

const traceId = '7f3c9a1e5b8d42060a1b2c3d4e35d812'
const spanId = 'a41d07c2e9b85f36'

describe('a trace id from anywhere', () => {
  it.each([
    ['the id alone', traceId, { traceId }],
    ['in capitals, with blanks around it', `  ${traceId.toUpperCase()}\n`, { traceId }],
    ['a traceparent', `00-${traceId}-${spanId}-01`, { traceId, spanId }],
    ['a traceparent inside a header line', `traceparent: 00-${traceId}-${spanId}-01`, { traceId, spanId }],
    ['a B3 header', `${traceId}-${spanId}-1-05e3ac9a4f6e3b90`, { traceId, spanId }],
    ['a short B3 header', `80f198ee56343ba8-${spanId}`, { traceId: '80f198ee56343ba8', spanId }],
    ['one of our links', `https://bongsu.example/traces/${traceId}?range=5m&span=${spanId}`, { traceId, spanId }],
    ['a link of Jaeger', `http://jaeger:16686/trace/${traceId}`, { traceId }],
    ['a log line in text', `2026-11-23 ERROR [trace_id=${traceId} span_id=${spanId}] external call failed`, { traceId, spanId }],
    ['a log line in JSON', `{"level":"error","traceId":"${traceId}","spanId":"${spanId}","msg":"x"}`, { traceId, spanId }],
    ['a line whose other long number is not the trace', `req=${'b'.repeat(32)} trace_id=${traceId}`, { traceId }],
    ['X-Ray', 'Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1', { traceId: '5759e988bd862e3fe1be46a994272793' }],
    ['written like a UUID', '7f3c9a1e-5b8d-4206-0a1b-2c3d4e35d812', { traceId }],
    ['sixteen digits alone', '80f198ee56343ba8', { traceId: '80f198ee56343ba8' }],
  ])('is found in %s', (_, pasted, found) => {
    expect(findTraceId(pasted)).toEqual(found)
  })

  it.each([
    ['a condition', 'service=api-gateway'],
    ['a number of other length', 'abcdef0123456789ab'],
    ['sixteen digits among words', 'order 80f198ee56343ba8 failed'],
    ['the id that means none', '0'.repeat(32)],
    ['nothing', ''],
  ])('is not seen in %s', (_, pasted) => {
    expect(findTraceId(pasted)).toBeUndefined()
  })

  it('stays quick on hostile input', () => {
    const started = performance.now()
    findTraceId('trace_id='.repeat(2_000) + '0-'.repeat(5_000))
    expect(performance.now() - started).toBeLessThan(200)
  })
})
