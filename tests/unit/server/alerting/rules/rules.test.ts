import { describe, expect, it } from 'vitest'
import type { Rule } from '#server/alerting/alerting'
import { createAlerting } from '#server/alerting/alerting'
import { alertRuleFields } from '#shared/schemas/alert-rule'
import { builtInRoles } from '#shared/permissions'
import { conditions, ruleFields, targets } from '../../../../support/alert-rule'
import { createTestAlerting } from '../../../../support/alerting'
import { createControlDb } from '../../../../support/control-db'
import { createFakeClock } from '../../../../support/fake-clock'
import { createCallSource } from '../../../../support/metric-source'
import { person, refusalOf } from '../../../../support/registry'

describe('writing rules', () => {
  const audit = (room: ReturnType<typeof createTestAlerting>) => room.db.$client.prepare('select action, params, before, after from audit_entries order by number').all() as { action: string, params: string, before: string, after: string }[]

  it('writes what changed into the audit trail, and nothing where nothing did', () => {
    const room = createTestAlerting()
    const { alerting, operator } = room
    const rule = alerting.rules.create(operator, ruleFields())
    const next = alerting.rules.update(operator, rule.id, { revision: 1, fields: ruleFields({ severity: 'critical' }) })
    alerting.rules.update(operator, rule.id, { revision: 2, fields: ruleFields({ severity: 'critical' }) })
    alerting.rules.pause(operator, rule.id)
    alerting.rules.pause(operator, rule.id)
    alerting.rules.resume(operator, rule.id)
    alerting.rules.remove(operator, rule.id)
    expect(next).toMatchObject({ revision: 2, severity: 'critical', updatedBy: 'ops-01' })
    expect(audit(room).map(({ action }) => action)).toEqual(['alert_rule.create', 'alert_rule.update', 'alert_rule.pause', 'alert_rule.resume', 'alert_rule.delete'])
    expect(JSON.parse(audit(room)[1]!.before)).toEqual({ severity: 'warning' })
    expect(JSON.parse(audit(room)[1]!.after)).toEqual({ severity: 'critical' })
  })

  it('runs nobody over who saved meanwhile', () => {
    const { alerting, operator } = createTestAlerting()
    const rule = alerting.rules.create(operator, ruleFields())
    alerting.rules.update(person('ops-02'), rule.id, { revision: 1, fields: ruleFields({ ownerTeam: 'payments' }) })
    const refused = refusalOf(() => alerting.rules.update(operator, rule.id, { revision: 1, fields: ruleFields({ severity: 'critical' }) }))
    expect(refused).toMatchObject({ code: 'alert_rule.stale', params: { author: 'ops-02', revision: 2 }, details: { ownerTeam: 'payments' } })
  })

  it('keeps names apart, whatever their case, until one is deleted', () => {
    const { alerting, operator } = createTestAlerting()
    const first = alerting.rules.create(operator, ruleFields())
    expect(refusalOf(() => alerting.rules.create(operator, ruleFields({ name: 'Payments-Slow' }))).code).toBe('alert_rule.name_taken')
    alerting.rules.remove(operator, first.id)
    expect(alerting.rules.create(operator, ruleFields()).revision).toBe(1)
    expect(refusalOf(() => alerting.rules.find(first.id)).code).toBe('alert_rule.not_found')
  })

  it('AZ-11: has nobody run a query who may not query', () => {
    const { alerting } = createTestAlerting()
    const writer = person('writer', ['alerts:read', 'alerts:write'])
    const fields = ruleFields({ condition: conditions.promql() })
    expect(refusalOf(() => alerting.rules.create(writer, fields))).toMatchObject({ code: 'access.forbidden', params: { permission: 'metrics:query' } })
    expect(refusalOf(() => void alerting.rules.preview(writer, fields)).code).toBe('access.forbidden')
    const { id } = alerting.rules.create(person('ops-01'), { ...fields, paused: true })
    expect(refusalOf(() => alerting.rules.resume(writer, id)).code).toBe('access.forbidden')
    alerting.rules.pause(writer, id)
    expect(refusalOf(() => alerting.rules.update(writer, id, { revision: 1, fields: { ...fields, paused: true } })).code).toBe('access.forbidden')
    expect(builtInRoles.operator).toContain('metrics:query')
  })

  it.each<[string, Partial<ReturnType<typeof ruleFields>>]>([
    ['a name of nothing', { name: '  ' }],
    ['a script as a run book', { runbook: 'javascript:alert(1)' }],
    ['a run book without encryption', { runbook: 'http://wiki.example/run' }],
    ['a run book with somebody’s password', { runbook: 'https://kim:secret@wiki.example/run' }],
    ['a run book that reads otherwise than it leads', { runbook: 'https://wiki.example\\@evil.example/' }],
    ['a run book with a line break', { runbook: 'https://wiki.example/\njavascript:alert(1)' }],
    ['a query about a service', { condition: conditions.promql(), target: targets.service() }],
    ['a ratio about a series', { condition: conditions.failed(), target: targets.series() }],
    ['a share beyond the whole', { condition: conditions.failed({ limit: 1.5 }) }],
    ['a window of half a minute', { condition: conditions.p95({ window: 30_000 }) }],
    ['a short window longer than the long one', { condition: conditions.burn({ long: 300_000, short: 3_600_000 }) }],
    ['a patience of two days', { for: 172_800_000 }],
  ])('refuses %s', (_, rest) => {
    expect(alertRuleFields.safeParse(ruleFields(rest)).success).toBe(false)
  })

  it.each(['https://wiki.example/run/payments?step=1#top', ''])('takes the run book %j', (runbook) => {
    expect(alertRuleFields.safeParse(ruleFields({ runbook })).success).toBe(true)
  })
})

describe('built-in rules', () => {
  const rule: Rule = { id: 't2', origin: 't2', for: 0, keepFiring: 0 }
  const start = new Date('2026-11-29T10:00:00Z')

  function roomWith() {
    const db = createControlDb()
    const clock = createFakeClock(start)
    const finding = { subject: { service: 'shop' }, severity: 'critical' as const, onset: start, reason: { code: 'alerting.error.own' as const } }
    const alerting = createAlerting({
      db, clock, metrics: createCallSource(), register: { services: () => [], endpoints: () => [] }, receives: () => false,
      tiers: [{ name: 'test', every: 5_000, rules: () => [rule], judge: () => [{ rule, findings: [finding] }] }],
    })
    return { db, clock, alerting, judge: async () => {
      await alerting.evaluate(clock.now())
      clock.advance(5_000)
    } }
  }

  it('can be paused and let run again, but not changed or deleted', async () => {
    const { alerting, db, judge } = roomWith()
    const operator = person('ops-01')
    await judge()
    expect(alerting.firing()).toHaveLength(1)
    alerting.rules.pause(operator, 't2')
    expect(db.$client.prepare('select params from audit_entries').pluck().all()).toEqual(['{"name":"unusual"}'])
    await judge()
    expect(alerting.firing()).toEqual([])
    expect(alerting.overview().rules.find(({ id }) => id === 't2')).toMatchObject({ rule: null, pausedBy: 'ops-01', now: { state: 'paused' } })
    for (const verb of [() => alerting.rules.remove(operator, 't2'), () => void alerting.rules.update(operator, 't2', { revision: 1, fields: ruleFields() })]) expect(refusalOf(verb).code).toBe('alert_rule.not_found')
    alerting.rules.resume(operator, 't2')
    await judge()
    expect(alerting.firing()).toHaveLength(1)
  })
})
