import { describe, expect, it } from 'vitest'
import type { PromqlSource } from '#server/telemetry/ports'
import { AppError } from '#shared/errors'
import { DAY, MINUTE, SECOND } from '#shared/units'
import { conditions, ruleFields, targets } from '../../../../support/alert-rule'
import { createTestAlerting, route } from '../../../../support/alerting'

const process = route('11111111-1111-4111-8111-111111111111', 'POST', '/api/v1/process')
const health = route('22222222-2222-4222-8222-222222222222', 'GET', '/health')

function promqlOf(answer: () => { labels: Record<string, string>, value?: number }[]): PromqlSource {
  const unasked = () => Promise.reject(new Error('nobody expected this'))
  return {
    instant: async () => ({ kind: 'vector', series: answer().map(({ labels, value }) => ({ labels, points: [{ at: 0, ...(value !== undefined && { value }) }] })), warnings: [] }),
    range: unasked, labelNames: unasked, labelValues: unasked, format: unasked, examples: unasked, metadata: unasked,
  }
}

describe('rules of one’s own', () => {
  it('fire for what is beyond their limit, with figures, and end when it is back', async () => {
    const room = createTestAlerting()
    const { alerting, clock, operator } = room
    const rule = alerting.rules.create(operator, ruleFields({ condition: conditions.failed(), severity: 'critical' }))
    room.call({ status: 503 }, 6)
    room.call({}, 4)
    await room.judge()
    expect(alerting.firing()).toMatchObject([{
      rule: rule.id, origin: 'own', severity: 'critical', subject: { service: 'api-gateway' },
      reason: { code: 'alerting.own.failed.above', params: { value: { ratio: 0.6 }, limit: { ratio: 0.2 }, count: 10 } },
    }])
    clock.advance(MINUTE)
    room.call()
    await room.judge()
    expect(alerting.firing()).toEqual([])
  })

  it('wait, and remember since when', async () => {
    const room = createTestAlerting()
    room.alerting.rules.create(room.operator, ruleFields({ condition: conditions.failed(), for: 30 * SECOND }))
    const seen: string[] = []
    for (let i = 0; i < 3; i++) {
      room.call({ status: 500 })
      await room.judge()
      seen.push(...room.standing())
      room.clock.advance(15 * SECOND)
    }
    expect(seen).toEqual(['api-gateway: pending', 'api-gateway: pending', 'api-gateway: firing'])
    expect(room.alerting.firing()[0]!.onset).toEqual(new Date('2026-11-29T10:00:00Z'))
  })

  it('ask once for a window, however many they are', async () => {
    const room = createTestAlerting({ endpoints: [process] })
    room.call()
    for (let i = 0; i < 40; i++) room.alerting.rules.create(room.operator, ruleFields({ name: `rule ${i}`, condition: i % 2 ? conditions.failed() : conditions.p95(), target: targets.service(i % 3 ? null : `service-${i}`) }))
    room.alerting.rules.create(room.operator, ruleFields({ name: 'on an endpoint', target: targets.endpoint() }))
    room.metrics.asked.requests = 0
    await room.judge()
    // One of services, one of routes; what detection asks for itself is its own.
    const ofRules = room.metrics.asked.requests
    const bare = createTestAlerting()
    bare.call()
    await bare.judge()
    expect(ofRules - (bare.metrics.asked.requests ?? 0)).toBe(2)
  })

  it.each([
    ['the endpoint they name', targets.endpoint(process.id), ['api-gateway POST /api/v1/process']],
    ['every registered endpoint', targets.endpoint(), ['api-gateway POST /api/v1/process', 'api-gateway GET /health']],
    ['a consumer, where it calls', targets.consumer(), ['api-gateway partner-pay']],
    ['every consumer that has a name', targets.consumer(null), ['api-gateway partner-pay', 'api-gateway partner-map']],
    ['a consumer of one service', targets.consumer('partner-pay', 'auth-service'), ['auth-service partner-pay']],
    ['every service', targets.service(null), ['api-gateway', 'auth-service']],
  ])('are about %s', async (_, target, subjects) => {
    const room = createTestAlerting({ endpoints: [process, health] })
    for (const call of [{ consumer: 'partner-pay' }, { method: 'GET', routeKey: '/health', consumer: 'partner-map' }, { routeKey: '/unregistered' }, { service: 'auth-service', routeKey: '/validate', consumer: 'partner-pay' }]) room.call({ ...call, status: 500 })
    room.alerting.rules.create(room.operator, ruleFields({ condition: conditions.failed(), target }))
    await room.judge()
    expect(room.alerting.firing().filter(({ origin }) => origin === 'own').map(({ subject }) => Object.values(subject).join(' ')).sort()).toEqual(subjects.sort())
  })

  it('say no data of a subject they name, never ok, and let go of an alert only after five silent minutes', async () => {
    const room = createTestAlerting()
    room.alerting.rules.create(room.operator, ruleFields({ condition: conditions.failed() }))
    await room.judge()
    expect(room.standing()).toEqual(['api-gateway: no_data'])
    room.call({ status: 500 })
    await room.judge().then(() => room.clock.advance(15 * SECOND)).then(room.judge)
    for (let i = 0; i < 18; i++) {
      room.clock.advance(15 * SECOND)
      await room.judge()
    }
    expect(room.alerting.firing()).toHaveLength(1)
    expect(room.standing()).toEqual(['api-gateway: no_data'])
    room.clock.advance(2 * MINUTE)
    await room.judge()
    expect(room.alerting.firing()).toEqual([])
  })

  it('are in error while their source is away; what fires goes on', async () => {
    const room = createTestAlerting()
    const rule = room.alerting.rules.create(room.operator, ruleFields({ condition: conditions.failed() }))
    room.call({ status: 500 })
    await room.judge()
    room.metrics.down = true
    for (let i = 0; i < 60; i++) {
      room.clock.advance(15 * SECOND)
      await room.judge()
    }
    expect(room.alerting.firing()).toHaveLength(1)
    expect(room.alerting.overview().rules.find(({ id }) => id === rule.id)!.now).toMatchObject({ state: 'error', firing: 1, reason: { code: 'alerting.error.source' } })
  })

  it('notice a service that fell silent, not one that never called', async () => {
    const room = createTestAlerting()
    room.alerting.rules.create(room.operator, ruleFields({ condition: conditions.absence(), target: targets.service(null) }))
    room.alerting.rules.create(room.operator, ruleFields({ name: 'never', condition: conditions.absence(), target: targets.service('auth-service') }))
    room.call({}, 60, 3600)
    room.clock.advance(6 * MINUTE)
    await room.judge()
    expect(room.standing()).toEqual(['api-gateway: firing', 'auth-service: no_data'])
    room.clock.advance(2 * DAY)
    await room.judge()
    expect(room.standing()).toContain('api-gateway: firing')
  })

  it('hold figures against what is usual', async () => {
    const room = createTestAlerting()
    room.alerting.rules.create(room.operator, ruleFields({ condition: conditions.anomaly() }))
    room.call({ duration: 100_000 }, 600, 6 * 3600)
    room.clock.advance(MINUTE)
    room.call({ duration: 500_000 })
    await room.judge()
    expect(room.alerting.firing()[0]).toMatchObject({ reason: { code: 'alerting.own.anomaly.above', params: { value: { times: 5 } } } })
  })

  it('judge what a query answers, series by series', async () => {
    let series: { labels: Record<string, string>, value?: number }[] = [{ labels: { job: 'shop/worker', queue: 'mail' }, value: 45 }, { labels: { job: 'shop/worker', queue: 'sms' }, value: 3 }]
    const room = createTestAlerting({ metrics: { promql: promqlOf(() => series) } })
    const rule = room.alerting.rules.create(room.operator, ruleFields({ name: 'queue-lag', condition: conditions.promql() }))
    await room.judge()
    expect(room.alerting.firing()).toMatchObject([{ subject: { service: 'worker', labels: { queue: 'mail' } }, reason: { code: 'alerting.own.series.above', params: { rule: 'queue-lag', value: '45 s', limit: '30 s' } } }])
    series = []
    room.clock.advance(15 * SECOND)
    await room.judge()
    expect(room.alerting.firing()).toHaveLength(1)
    expect(room.alerting.overview().firing[0]!.stale).toBe('no_data')
    series = Array.from({ length: 101 }, (_, i) => ({ labels: { job: `${i}` }, value: 99 }))
    room.clock.advance(15 * SECOND)
    await room.judge()
    expect(room.alerting.overview().rules.find(({ id }) => id === rule.id)!.now).toMatchObject({ state: 'error', reason: { code: 'alerting.error.too_many_series' } })
  })

  it.each([
    ['a query, where its source knows no language', ruleFields({ condition: conditions.promql() }), 'alerting.error.no_promql'],
    ['an endpoint that is not registered any more', ruleFields({ target: targets.endpoint(health.id) }), 'alerting.error.endpoint_gone'],
  ])('say that they cannot judge %s', async (_, fields, code) => {
    const room = createTestAlerting({ endpoints: [process] })
    const rule = room.alerting.rules.create(room.operator, fields)
    await room.judge()
    expect(room.alerting.overview().rules.find(({ id }) => id === rule.id)!.now).toMatchObject({ state: 'error', reason: { code } })
  })

  it('ask no query in the name of somebody who may not query any more, and go on when they may again', async () => {
    let may = true
    const room = createTestAlerting({ metrics: { promql: promqlOf(() => [{ labels: { job: 'worker' }, value: 99 }]) }, mayQuery: () => may })
    const rule = room.alerting.rules.create(room.operator, ruleFields({ condition: conditions.promql() }))
    const asked = async () => {
      room.clock.advance(15 * SECOND)
      await room.judge()
      return room.alerting.overview().rules.find(({ id }) => id === rule.id)!.now
    }
    expect(await asked()).toMatchObject({ state: 'firing' })
    may = false
    room.metrics.promql!.instant = () => Promise.reject(new Error('nobody expected to be asked'))
    expect(await asked()).toMatchObject({ state: 'error', firing: 1, reason: { code: 'alerting.error.no_right', params: { name: 'ops-01' } } })
  })

  it.each([
    ['no_routes', ruleFields({ target: targets.endpoint() })],
    ['no_durations', ruleFields()],
    ['no_client_errors', ruleFields({ condition: conditions.failed({ measure: 'client_errors' }) })],
    ['unavailable', ruleFields({ condition: conditions.failed() })],
  ])('say so where the source answers without what they need: %s', async (code, fields) => {
    const room = createTestAlerting({ endpoints: [process] })
    const requests = room.metrics.requests
    room.metrics.requests = async query => ({ ...await requests(query), warnings: [{ source: 'prometheus', code }] })
    const rule = room.alerting.rules.create(room.operator, fields)
    room.call()
    await room.judge()
    expect(room.alerting.overview().rules.find(({ id }) => id === rule.id)!.now.state).toBe('error')
  })

  it('leave the others alone when one question fails', async () => {
    const room = createTestAlerting({ metrics: { promql: { ...promqlOf(() => []), instant: () => Promise.reject(new AppError('metrics.refused', { said: 'parse error' })) } } })
    room.alerting.rules.create(room.operator, ruleFields({ name: 'broken', condition: conditions.promql() }))
    room.alerting.rules.create(room.operator, ruleFields({ condition: conditions.failed() }))
    room.call({ status: 500 })
    await room.judge()
    expect(room.alerting.firing()).toHaveLength(1)
    expect(room.alerting.overview().rules.map(({ rule, now }) => [rule?.name, now.state])).toEqual(expect.arrayContaining([['broken', 'error'], ['payments-slow', 'firing']]))
  })

  it('let go of what fires when they are paused, deleted or loosened', async () => {
    const room = createTestAlerting()
    const { alerting, operator } = room
    const ids = ['paused', 'deleted', 'loosened'].map(name => alerting.rules.create(operator, ruleFields({ name, condition: conditions.failed() })).id)
    room.call({ status: 500 })
    await room.judge()
    expect(alerting.firing()).toHaveLength(3)
    const ended: string[] = []
    alerting.onChanges((_, changes) => ended.push(...changes.map(({ became }) => became)))
    alerting.rules.pause(operator, ids[0]!)
    alerting.rules.remove(operator, ids[1]!)
    alerting.rules.update(operator, ids[2]!, { revision: 1, fields: ruleFields({ name: 'loosened', condition: conditions.failed({ limit: 1 }) }) })
    room.clock.advance(15 * SECOND)
    await room.judge()
    expect(alerting.firing()).toEqual([])
    expect(ended).toEqual(['over', 'over', 'over'])
    expect(alerting.overview().rules.flatMap(({ rule, now }) => (rule ? [[rule.name, now.state]] : []))).toEqual([['loosened', 'ok'], ['paused', 'paused']])
    expect(alerting.history({ limit: 10 }).alerts.map(({ ruleName }) => ruleName).sort()).toEqual(['deleted', 'loosened', 'paused'])
  })
})
