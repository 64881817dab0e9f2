import { expect, it } from 'vitest'
import { createRecentAlerts } from '#server/alerting/recent-alerts'
import { keyOf } from '#server/alerting/rule'
import { alerts } from '#server/db/control/schema'
import type { AlertOrigin } from '#shared/alerting/severity'
import { MINUTE } from '#shared/units'
import { createControlDb } from '../../../support/control-db'

const noon = new Date('2026-11-29T12:00:00Z')
const minutes = (count: number) => new Date(noon.getTime() + count * MINUTE)
const subject = { service: 'gateway', method: 'POST', routeKey: '/payments' }

/** Alerts of the subject: from minute, to minute. */
function alertsOf(pages: [AlertOrigin, number, number | undefined][]) {
  const db = createControlDb()
  for (const [i, [origin, from, to]] of pages.entries()) {
    db.insert(alerts).values({
      id: `a${i}`, rule: origin, origin, subjectKey: keyOf(subject), subject, episode: i + 1, severity: 'critical', reason: { code: 'alerting.error.own' },
      onset: minutes(from), startedAt: minutes(from), lastFiredAt: minutes(to ?? 20), ...(to !== undefined && { endedAt: minutes(to) }),
    }).run()
  }
  return createRecentAlerts(db)
}

/** When the subject was last paged for, as known 20 minutes past noon. */
const lastPaged = (pages: Parameters<typeof alertsOf>[0]) => alertsOf(pages).paged(noon, minutes(20)).get(keyOf(subject))

it.each<[string, Parameters<typeof lastPaged>[0], Date | undefined]>([
  ['while it still is', [['t2', 1, undefined]], minutes(20)],
  ['until the last one ended', [['t0', 1, 5], ['t2', 2, 9]], minutes(9)],
  ['while it still is by one, though another that began later has ended', [['t2', 1, undefined], ['t0', 4, 6]], minutes(20)],
  ['until the one ended that began first and lasted longer', [['t2', 1, 12], ['t0', 4, 6]], minutes(12)],
  ['by nobody else than T0 and T2', [['t1', 1, 12]], undefined],
])('a subject is paged for %s', (_, pages, expected) => {
  expect(lastPaged(pages)).toEqual(expected)
})

it('what a rule began to say within a time was said by it', () => {
  const recent = alertsOf([['t1', 5, 6]])
  expect(recent.said('t1', { since: noon, until: minutes(5) })).toEqual(new Set([keyOf(subject)]))
  expect(recent.said('t1', { since: noon, until: minutes(4) })).toEqual(new Set())
  expect(recent.said('t1', { since: minutes(6), until: minutes(9) })).toEqual(new Set())
  expect(recent.said('t2', { since: noon, until: minutes(9) })).toEqual(new Set())
})
