import { describe, expect, it } from 'vitest'
import { burnOf, holds, isReached, measure, subjectOfSeries, testOf } from '#server/alerting/rules/own-rule'
import type { Condition } from '#shared/schemas/alert-rule'
import { MINUTE } from '#shared/units'
import { conditions } from '../../../../support/alert-rule'

const figures = { spans: 100, requests: 100, failed: 25, clientErrors: 10, p50: 200_000, p95: 800_000, p99: 900_000 }
const usual = { p95: 200_000, failed: 0.05, rate: 5 }
type Measured = Parameters<typeof measure>[0]

describe('the figure of a rule', () => {
  it.each<[string, Condition, number | undefined]>([
    ['a p95 in µs', conditions.p95(), 800_000],
    ['a p50', conditions.p95({ measure: 'p50' }), 200_000],
    ['requests a second', conditions.p95({ measure: 'rate', window: 5 * MINUTE }), 100 / 300],
    ['a failed share', conditions.failed(), 0.25],
    ['a 4xx share', conditions.failed({ measure: 'client_errors' }), 0.1],
    ['times the usual p95', conditions.anomaly(), 4],
    ['times the usual failed share', conditions.anomaly({ measure: 'failed' }), 5],
    ['times the usual rate', conditions.anomaly({ measure: 'rate' }), 100 / 60 / 5],
    ['nothing with fewer requests than asked for', conditions.p95({ least: 101 }), undefined],
    ['nothing where nothing is usual', conditions.anomaly({ measure: 'p99' }), undefined],
  ])('is %s', (_, condition, value) => {
    expect(measure(condition as Measured, figures, usual)).toBe(value)
  })

  it('is unknown where nothing was counted, and not zero', () => {
    expect(measure(conditions.failed() as Measured, undefined)).toBeUndefined()
    expect(measure(conditions.p95({ measure: 'rate', comparator: 'below' }) as Measured, undefined)).toBeUndefined()
  })

  it.each([
    ['the slower of both windows', { requests: 100, failed: 20 }, { requests: 10, failed: 9 }, 20],
    ['none when the short window is calm again', { requests: 100, failed: 20 }, { requests: 10, failed: 0 }, 0],
  ])('is for a budget %s', (_, long, short, times) => {
    const burn = conditions.burn() as Extract<Condition, { kind: 'burn' }>
    expect(burnOf(burn, { ...figures, ...long }, { ...figures, ...short })).toBeCloseTo(times)
  })

  it.each([
    ['a limit in ms against a figure in µs', conditions.p95(), 700_000, false],
    ['beyond it', conditions.p95(), 700_001, true],
    ['below a floor', conditions.p95({ measure: 'rate', comparator: 'below', limit: 1 }), 0.5, true],
    ['a budget at its limit', conditions.burn(), 14.4, true],
  ])('is held against %s', (_, condition, value, odd) => {
    expect(holds(testOf(condition), value, { reached: isReached(condition) })).toBe(odd)
  })

  it('belongs to the service that a series names, else to the rule', () => {
    expect(subjectOfSeries({ __name__: 'lag', job: 'shop/Notification-Worker', queue: 'mail' }, 'queue-lag')).toEqual({ service: 'notification-worker', labels: { job: 'shop/Notification-Worker', queue: 'mail' } })
    expect(subjectOfSeries({}, 'queue-lag')).toEqual({ service: 'queue-lag' })
  })
})
