import { describe, expect, it } from 'vitest'
import { HOUR, MINUTE } from '#shared/units'
import { conditions, ruleFields, targets } from '../../../../support/alert-rule'
import { createTestAlerting, route } from '../../../../support/alerting'

/** A day of calm traffic, with an hour's trouble where the test wants it. */
function dayWith(trouble: { hoursAgo: number, minutes: number, status?: number, duration?: number }[], rest: Parameters<typeof createTestAlerting>[0] = {}) {
  const room = createTestAlerting({ ...rest, endpoints: [route('11111111-1111-4111-8111-111111111111', 'POST', '/api/v1/process')] })
  const now = room.clock.now().getTime()
  for (let minute = 24 * 60; minute > 0; minute--) {
    const odd = trouble.find(({ hoursAgo, minutes }) => minute <= hoursAgo * 60 && minute > hoursAgo * 60 - minutes)
    for (let i = 0; i < 6; i++) room.metrics.calls.push({ service: 'api-gateway', method: 'POST', routeKey: '/api/v1/process', at: new Date(now - minute * MINUTE + i * 9_000), duration: 500_000, ...(odd && { status: odd.status, duration: odd.duration ?? 500_000 }) })
  }
  return room
}

describe('a preview', () => {
  it('says how often a rule would have fired, when, how long and how far', async () => {
    const room = dayWith([{ hoursAgo: 12, minutes: 38, duration: 872_000 }, { hoursAgo: 3, minutes: 20, duration: 870_000 }])
    const preview = await room.alerting.rules.preview(room.operator, ruleFields({ condition: conditions.p95(), for: 2 * MINUTE }))
    expect(preview).toMatchObject({ count: 2, unit: 'duration', limit: 700_000, usual: 500_000, quiet: 880_000, step: MINUTE, error: null, population: { kind: 'all' } })
    const began = room.clock.now().getTime() - 12 * HOUR
    expect(preview.firings[0]).toMatchObject({ subject: { service: 'api-gateway' }, at: new Date(began + 3 * MINUTE).toISOString(), over: new Date(began + 39 * MINUTE).toISOString(), peak: 872_000 })
  })

  it('asks once, for the one it is about', async () => {
    const room = dayWith([])
    room.metrics.asked.requests = 0
    await room.alerting.rules.preview(room.operator, ruleFields({ target: targets.endpoint('11111111-1111-4111-8111-111111111111') }))
    expect(room.metrics.asked.requests).toBe(1)
  })

  it('fires as often as the evaluation would have', async () => {
    const room = createTestAlerting()
    const { alerting, operator, clock } = room
    const fields = ruleFields({ condition: conditions.failed(), for: MINUTE, keepFiring: 2 * MINUTE })
    alerting.rules.create(operator, fields)
    let fired = 0
    alerting.afterCommit(changes => void (fired += changes.filter(({ became }) => became === 'firing').length))
    // Runs of failing minutes of every length, between calm ones.
    const failing = [1, 0, 1, 1, 0, 0, 0, 1, 1, 1, 0, 1, 1, 0, 0, 0, 0, 1, 1, 1, 1, 0, 0, 0, 0, 0]
    for (const odd of failing) {
      clock.advance(MINUTE)
      room.call(odd ? { status: 500 } : {}, 10, 60)
      await room.judge()
    }
    const { count } = await alerting.rules.preview(operator, fields)
    expect(fired).toBeGreaterThan(1)
    expect(count).toBe(fired)
  })

  it('says what a firing coincided with', async () => {
    const deployed = { id: 'c1', kind: 'deployment' as const, service: 'api-gateway', version: '2.0', key: null, oldValue: null, newValue: null, author: 'ci', source: 'announced' as const, endpoint: null, at: '2026-11-29T07:55:00.000Z' }
    const room = dayWith([{ hoursAgo: 20, minutes: 10, status: 500 }, { hoursAgo: 2, minutes: 10, status: 500 }, { hoursAgo: 0.1, minutes: 10, status: 500 }], {
      changes: () => [{ ...deployed, id: 'c2', service: 'auth-service' }, deployed],
      incidentsOf: ids => new Map(ids.map(id => [id, { id: 'i', number: 128 }])),
    })
    const { alerting, operator } = room
    alerting.rules.create(operator, ruleFields({ name: 'other', condition: conditions.failed() }))
    await room.judge()
    room.clock.advance(MINUTE)
    const { firings } = await alerting.rules.preview(operator, ruleFields({ condition: conditions.failed() }))
    expect(firings.map(({ change, incident }) => [change?.id, incident?.number])).toEqual([[undefined, undefined], ['c1', undefined], [undefined, 128]])
  })

  it.each([
    ['a query without a language', ruleFields({ condition: conditions.promql() }), 'alerting.error.no_promql'],
    ['an endpoint that is gone', ruleFields({ target: targets.endpoint('33333333-3333-4333-8333-333333333333') }), 'alerting.error.endpoint_gone'],
  ])('says why it can say nothing: %s', async (_, fields, code) => {
    const room = dayWith([])
    expect(await room.alerting.rules.preview(room.operator, fields)).toMatchObject({ count: 0, error: { code }, drawn: null })
  })

  it('says so when the source is away', async () => {
    const room = dayWith([])
    room.metrics.down = true
    expect(await room.alerting.rules.preview(room.operator, ruleFields())).toMatchObject({ error: { code: 'alerting.error.source' } })
  })
})
