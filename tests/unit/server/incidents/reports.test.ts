import { describe, expect, it } from 'vitest'
import { auditEntries, incidentFollowers, notices, notificationDeliveries, notificationRoutes, rolePermissions, roles, userRoles, users } from '#server/db/control/schema'
import type { Permission } from '#shared/permissions'
import { createTestIncidents } from '../../../support/incidents'
import { person } from '../../../support/registry'

const reader = { language: 'en', zone: 'Asia/Seoul' } as const
const query = { state: 'all', limit: 30 } as const
const operator = person('ops-01')
const support = person('support-02', ['incidents:read', 'incidents:update'])
const viewer = person('viewer-03', ['incidents:read'])

async function platform() {
  const room = await createTestIncidents()
  const { db, clock } = room
  const now = clock.now()
  const stamps = { createdAt: now, updatedAt: now }
  /** With a mail of their own, and without a route. */
  const join = (who: { id: string, name: string, email: string, permissions: ReadonlySet<Permission> }) => {
    db.insert(roles).values({ id: `role-of-${who.name}`, name: who.name, ...stamps } as typeof roles.$inferInsert).run()
    for (const permission of who.permissions) db.insert(rolePermissions).values({ roleId: `role-of-${who.name}`, permission }).run()
    db.insert(users).values({ id: who.id, name: who.name, email: who.email, ...stamps } as typeof users.$inferInsert).run()
    db.insert(userRoles).values({ userId: who.id, roleId: `role-of-${who.name}` }).run()
  }
  for (const who of [operator, support, viewer]) join(who)
  return {
    ...room,
    join,
    route: (userId: string, events: string[], of: object = {}) => db.insert(notificationRoutes).values({ id: `route-of-${userId}`, userId, severity: 'critical', teams: ['nobody'], events, zone: 'Asia/Seoul', criticalPierces: false, enabled: true, ...stamps, ...of } as typeof notificationRoutes.$inferInsert).run(),
    /** Who is owed what. */
    owed: () => {
      const kinds = new Map(db.select().from(notices).all().map(({ id, kind }) => [id, kind]))
      return db.select().from(notificationDeliveries).all().map(({ noticeId, destination }) => `${destination.replace('user:id-of-', '')} ${kinds.get(noticeId)!.replace('incident.', '')}`)
    },
    held: () => db.select().from(notificationDeliveries).all().map(({ heldUntil }) => heldUntil),
  }
}

describe('a report of what no incident tells', () => {
  it('waits for an answer, is told to those who look after incidents, and shows who said what', async () => {
    const { db, clock, incidents, route, owed } = await platform()
    route(operator.id, ['reported'])
    route(viewer.id, ['opened', 'reported'])
    const seen: unknown[] = []
    incidents.onChange(changed => seen.push(changed))
    const { id } = incidents.report(support, { text: 'partner-shop, 14:02, response 8812: no receipt' })
    expect(owed()).toEqual(['ops-01 reported'])
    expect(seen).toHaveLength(1)
    expect(incidents.list(operator, query, reader).reports).toMatchObject([{ text: 'partner-shop, 14:02, response 8812: no receipt', by: 'support-02', answer: null }])
    expect(incidents.list(viewer, query, reader).reports).toEqual([])

    clock.advance(60_000)
    incidents.answerReport(operator, id, { text: 'Mail was late; they arrive now.', incident: null })
    expect(incidents.list(support, query, reader).reports).toMatchObject([{ answer: { text: 'Mail was late; they arrive now.', by: 'ops-01', incident: null } }])
    expect(() => incidents.answerReport(operator, id, { text: 'again', incident: null })).toThrow('incident.report_answered')
    expect(db.select().from(auditEntries).all().map(({ action }) => action)).toEqual(['incident_report.create', 'incident_report.answer'])
    clock.advance(15 * 24 * 3_600_000)
    expect(incidents.list(support, query, reader).reports).toEqual([])
  })

  it('stays in sight while it waits, however many came and were answered after it', async () => {
    const { clock, incidents } = await platform()
    incidents.report(support, { text: 'the one that waits' })
    for (let i = 0; i < 60; i++) {
      clock.advance(60_000)
      incidents.answerReport(operator, incidents.report(support, { text: `report ${i}` }).id, { text: 'done', incident: null })
    }
    expect(incidents.list(operator, query, reader).reports[0]).toMatchObject({ text: 'the one that waits', answer: null })
  })

  it('goes into the timeline of the incident that it belongs to, at its own time', async () => {
    const { clock, incidents, say, alert, firing } = await platform()
    const { id } = incidents.report(support, { text: 'partner-shop waits' })
    const told = clock.now().toISOString()
    clock.advance(30_000)
    await say(firing(alert()))
    incidents.answerReport(operator, id, { text: '', incident: 'INC-1' })
    expect(incidents.read(operator, 'INC-1', reader).full!.timeline.filter(({ kind }) => kind === 'report')).toMatchObject([{ at: told, text: 'partner-shop waits', by: 'support-02' }])
    expect(incidents.list(support, query, reader).reports).toMatchObject([{ answer: { incident: 1 } }])
  })
})

it('a report on an incident stands in its timeline, is told, and is no decision; who only reads does not see it', async () => {
  const { db, incidents, route, say, alert, firing, owed } = await platform()
  route(operator.id, ['reported'])
  await say(firing(alert()))
  incidents.reportOn(support, 'INC-1', { text: 'partner-pay asks for a list of failed orders' })
  incidents.take(operator, 'INC-1', { revision: 1 })
  expect(owed()).toEqual(['ops-01 reported'])
  expect(db.select().from(notices).all().at(-2)).toMatchObject({ facts: [{ code: 'incidents.said.report', params: { name: 'support-02' } }] })
  expect(incidents.read(operator, 'INC-1', reader).full!.timeline.map(({ kind }) => kind)).toContain('report')
  expect(incidents.read(support, 'INC-1', reader).plain.reports).toMatchObject([{ text: 'partner-pay asks for a list of failed orders', by: 'support-02' }])
  expect(JSON.stringify(incidents.read(viewer, 'INC-1', reader))).not.toContain('list of failed orders')
})

describe('who follows an incident', () => {
  it('hears of everything by plain mail where there is no route, but not of their own doing', async () => {
    const { db, clock, incidents, say, alert, firing, over, owed } = await platform()
    const first = alert()
    await say(firing(first))
    incidents.follow(support, 'INC-1', { following: true })
    incidents.follow(support, 'INC-1', { following: true })
    incidents.follow(viewer, 'INC-1', { following: true })
    incidents.take(operator, 'INC-1', { revision: 1 })
    incidents.update(support, 'INC-1', { ko: '확인 중입니다.', en: '', nextUpdateAt: undefined })
    await say(over(first))
    clock.advance(60_000)
    await incidents.tier.judge(clock.now())
    expect(owed().sort()).toEqual(['support-02 news', 'support-02 resolved', 'viewer-03 news', 'viewer-03 news', 'viewer-03 resolved'])
    expect(db.select().from(auditEntries).all().map(({ action }) => action)).toEqual(['incident.follow', 'incident.follow', 'incident.take', 'incident.update'])
    expect([incidents.read(support, 'INC-1', reader).following, incidents.read(operator, 'INC-1', reader).following]).toEqual([true, false])
  })

  it('hears of it over a route that would not carry it, when its quiet hours are over', async () => {
    const { incidents, route, say, alert, firing, owed, held } = await platform()
    route(support.id, ['reopened'], { quietFrom: '00:00', quietTo: '23:59' })
    await say(firing(alert()))
    incidents.follow(support, 'INC-1', { following: true })
    incidents.take(operator, 'INC-1', { revision: 1 })
    expect(owed()).toEqual(['support-02 news'])
    expect(held()).toEqual([expect.any(Date)])
  })

  it('hears no more when they say so, or may not read incidents any more', async () => {
    const { db, incidents, say, alert, firing, owed } = await platform()
    await say(firing(alert()))
    incidents.follow(support, 'INC-1', { following: true })
    incidents.follow(viewer, 'INC-1', { following: true })
    incidents.follow(support, 'INC-1', { following: false })
    db.delete(rolePermissions).run()
    incidents.take(operator, 'INC-1', { revision: 1 })
    expect(owed()).toEqual([])
    expect(() => incidents.follow(person('nobody', ['status:read']), 'INC-1', { following: true })).toThrow('access.forbidden')
  })

  it('goes on to hear of what it became part of', async () => {
    const { db, incidents, say, alert, firing } = await platform()
    await say(firing(alert({ service: 'business-service', operation: 'x', remote: 'external-api' })))
    await say(firing(alert({ service: 'order-service', operation: 'y', remote: 'stock-service' })))
    incidents.follow(support, 'INC-2', { following: true })
    incidents.merge(operator, 'INC-2', { revision: 1, into: 'INC-1' })
    expect(incidents.read(support, 'INC-1', reader).following).toBe(true)
    expect(() => incidents.follow(support, 'INC-2', { following: true })).toThrow('incident.merged')
    expect(db.select().from(incidentFollowers).all()).toHaveLength(2)
  })
})

describe('whom somebody else assigns an incident to', () => {
  const colleague = person('ops-04')

  it('is told alone, by plain mail where there is no route, and not of what they take themselves', async () => {
    const { db, incidents, join, say, alert, firing, owed } = await platform()
    join(colleague)
    await say(firing(alert()))
    incidents.follow(support, 'INC-1', { following: true })
    incidents.assign(operator, 'INC-1', { revision: 1, assignee: colleague.id })
    expect(owed()).toEqual(['ops-04 assigned'])
    expect(db.select().from(notices).all().at(-1)).toMatchObject({ kind: 'incident.assigned', facts: [{ code: 'incidents.said.assigned', params: { name: 'ops-01' } }] })
    incidents.assign(colleague, 'INC-1', { revision: 2, assignee: null })
    incidents.assign(colleague, 'INC-1', { revision: 3, assignee: colleague.id })
    expect(owed()).toHaveLength(1)
    incidents.assign(operator, 'INC-1', { revision: 4, assignee: operator.id })
    incidents.assign(operator, 'INC-1', { revision: 5, assignee: colleague.id })
    expect(owed()).toEqual(['ops-04 assigned', 'ops-04 assigned'])
  })

  it('is told over a route that would not carry it, when its quiet hours are over', async () => {
    const { incidents, join, route, say, alert, firing, owed, held } = await platform()
    join(colleague)
    route(colleague.id, ['reopened'], { quietFrom: '00:00', quietTo: '23:59' })
    await say(firing(alert()))
    incidents.assign(operator, 'INC-1', { revision: 1, assignee: colleague.id })
    expect(owed()).toEqual(['ops-04 assigned'])
    expect(held()).toEqual([expect.any(Date)])
  })
})
