import { describe, expect, it } from 'vitest'
import { judge, limitsOf, worse, type Counted } from '#server/monitoring/state-rules'

const counted = (requests: number, failed = 0, p95Millis = 100): Counted => ({ spans: requests, requests, failed, p95: p95Millis * 1_000 })
const limits = limitsOf(undefined)

describe('judge', () => {
  it.each([
    ['no failure at all', counted(1_000), 'healthy'],
    ['1 % exactly is still healthy', counted(1_000, 10), 'healthy'],
    ['more than 1 % is degraded', counted(1_000, 11), 'degraded'],
    ['just below 20 % is degraded', counted(1_000, 199), 'degraded'],
    ['20 % is critical', counted(1_000, 200), 'critical'],
    ['p95 at the limit is healthy', counted(1_000, 0, 2_000), 'healthy'],
    ['p95 above the limit is degraded', counted(1_000, 0, 2_001), 'degraded'],
    ['p95 just below four times the limit is degraded', counted(1_000, 0, 7_999), 'degraded'],
    ['p95 at four times the limit is critical', counted(1_000, 0, 8_000), 'critical'],
    ['the worse of both counts', counted(1_000, 11, 8_000), 'critical'],
  ])('%s', (_, minute, state) => {
    expect(judge(minute, counted(5_000), limits).state).toBe(state)
  })

  it('needs 20 requests within the minute, else it looks at five', () => {
    expect(judge(counted(20, 4), counted(100, 4), limits)).toMatchObject({ state: 'critical', basis: { window: 60_000 } })
    expect(judge(counted(19, 4), counted(100, 4), limits)).toMatchObject({ state: 'degraded', basis: { window: 300_000 }, few: false })
  })

  it('never calls anything critical by fewer than 20 requests, and says how few they are', () => {
    expect(judge(counted(3, 3), counted(19, 19, 60_000), limits)).toMatchObject({ state: 'degraded', few: true, basis: { spans: 19 } })
    expect(judge(counted(1), counted(1), limits)).toMatchObject({ state: 'healthy', few: true })
  })

  it('knows nothing after five minutes of silence: neither green nor zero', () => {
    expect(judge(undefined, undefined, limits)).toEqual({ state: 'unknown', errors: 'healthy', latency: 'healthy', few: false })
    expect(judge(counted(0), counted(0), limits).state).toBe('unknown')
  })

  it('counts what was seen, not what it stands for, when it asks whether that is enough', () => {
    const sampled: Counted = { spans: 4, requests: 400, failed: 100, p95: 1_000 }
    expect(judge(sampled, sampled, limits)).toMatchObject({ state: 'degraded', few: true })
  })

  it('takes the minute where the long window has not caught up with it', () => {
    expect(judge(counted(5, 0), undefined, limits)).toMatchObject({ state: 'healthy', basis: { spans: 5 } })
  })
})

describe('limits', () => {
  const own = { latencyObjective: 1_000, errorDegraded: 0.05, errorCritical: 0.5 }
  const none = { latencyObjective: null, errorDegraded: null, errorCritical: null }
  it.each([
    ['the endpoint first', { latencyThreshold: 3_000 }, own, { latency: 1_000, errorDegraded: 0.05, errorCritical: 0.5 }],
    ['then the service', { latencyThreshold: 3_000 }, none, { latency: 3_000, errorDegraded: 0.01, errorCritical: 0.2 }],
    ['then 2 s', { latencyThreshold: null }, none, { latency: 2_000, errorDegraded: 0.01, errorCritical: 0.2 }],
    ['critical never before degraded', undefined, { ...none, errorDegraded: 0.3 }, { latency: 2_000, errorDegraded: 0.3, errorCritical: 0.3 }],
  ])('%s', (_, service, endpoint, expected) => {
    expect(limitsOf(service, endpoint)).toEqual(expected)
  })
})

it('unknown stands between degraded and healthy', () => {
  expect([worse('unknown', 'degraded'), worse('healthy', 'unknown'), worse('critical', 'degraded')]).toEqual(['degraded', 'unknown', 'critical'])
})
