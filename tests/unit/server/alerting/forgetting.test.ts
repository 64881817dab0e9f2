import { expect, it, onTestFinished } from 'vitest'
import type { KeyActor } from '#server/access/access'
import { createAlerting, type Finding, type Tier } from '#server/alerting/alerting'
import { alerts, alertStates } from '#server/db/control/schema'
import { alertmanagerMessage } from '#shared/schemas/alertmanager'
import { DAY, HOUR, SECOND } from '#shared/units'
import { createControlDb } from '../../../support/control-db'
import { createFakeClock } from '../../../support/fake-clock'
import { createCallSource } from '../../../support/metric-source'

const start = new Date('2026-11-29T10:00:00Z')
const rule = { id: 'r', origin: 'own', for: 0, keepFiring: 0 } as const

function roomWith() {
  const db = createControlDb()
  const clock = createFakeClock(start)
  const found: { services: string[], silent: string[] } = { services: [], silent: [] }
  const toFinding = (service: string): Finding => ({ subject: { service }, severity: 'critical', onset: clock.now(), reason: { code: 'alerting.error.own' } })
  const tier: Tier = { name: 'own', every: 5 * SECOND, rules: () => [rule], judge: () => [{ rule, findings: found.services.map(toFinding), silent: found.silent.map(service => ({ service })) }] }
  const alerting = createAlerting({ db, clock, metrics: createCallSource(), register: { services: () => [], endpoints: () => [] }, tiers: [tier] })
  return {
    clock,
    db,
    alerting,
    start: () => onTestFinished(alerting.start()),
    alerts: () => db.select().from(alerts).all().map(({ subject, episode }) => `${subject.service} ${episode}`),
    states: () => db.select().from(alertStates).all().filter(row => row.rule === rule.id && row.subject).map(({ subject, state }) => `${subject!.service} ${state}`),
    async judge(services: string[], silent: string[] = []) {
      Object.assign(found, { services, silent })
      clock.advance(5 * SECOND)
      await alerting.evaluate(clock.now())
    },
  }
}

it('forgets alerts that ended 90 days ago and those subjects with them, and nothing that is going on', async () => {
  const room = roomWith()
  await room.judge(['shop', 'mail'], ['bank'])
  await room.judge(['mail'], ['bank'])
  room.clock.advance(89 * DAY)
  room.start()
  room.clock.advance(HOUR)
  expect(room.alerts()).toEqual(['shop 1', 'mail 1'])
  expect(room.states()).toContain('shop ok')
  room.clock.advance(DAY)
  expect(room.alerts()).toEqual(['mail 1'])
  expect(room.states().map(state => state.split(' ')[0])).toEqual(['bank', 'mail'])
})

it('keeps nothing of an alert of another system that ended long ago', async () => {
  const room = roomWith()
  const sender: KeyActor = { kind: 'key', id: 'k', name: 'alertmanager', scopes: ['alerts'], services: null, permissions: new Set() }
  for (const status of ['firing', 'resolved']) {
    room.alerting.alertmanager.receive(sender, alertmanagerMessage.parse({ version: '4', status, alerts: [{ status, fingerprint: 'b7f2', startsAt: start.toISOString(), labels: { service: 'shop' } }] }))
  }
  room.clock.advance(90 * DAY)
  room.start()
  room.clock.advance(HOUR)
  expect(room.db.select().from(alertStates).all().filter(row => row.rule.startsWith('alertmanager-'))).toEqual([])
})

it('goes on counting firings while one of them is listed', async () => {
  const room = roomWith()
  await room.judge(['shop'])
  await room.judge([], ['bank'])
  await room.judge([])
  room.start()
  room.clock.advance(2 * HOUR)
  expect(room.states()).toEqual(['shop ok'])
  await room.judge(['shop'])
  expect(room.alerts()).toEqual(['shop 1', 'shop 2'])
})
