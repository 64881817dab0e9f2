import { eq } from 'drizzle-orm'
import { expect, it } from 'vitest'
import { notices, notificationChannels, notificationDeliveries, notificationRoutes, services, users } from '#server/db/control/schema'
import { createTestNotifications } from '../../../../support/notifications'
import { notice } from '../../../../support/notice'

async function createOutbox() {
  const { db, clock, access, admin, addUser, notifications } = await createTestNotifications({ mayRun: () => false })
  const now = clock.now()
  const stamps = { createdAt: now, updatedAt: now }
  const route = (of: Partial<typeof notificationRoutes.$inferInsert> & { id: string }) => db.insert(notificationRoutes).values({
    severity: 'warning', events: ['opened', 'resolved'], zone: 'Asia/Seoul', criticalPierces: true, enabled: true, ...stamps, ...of,
  }).run()
  return {
    db, clock, access, admin, addUser, notifications, route,
    channel: (id: string, of: Partial<typeof notificationChannels.$inferInsert> = {}) => db.insert(notificationChannels).values({
      id, name: id, kind: 'webhook', url: 'https://receiver.example/', recipients: [], language: 'en', zone: 'UTC', wording: 'full', enabled: true, ...stamps, ...of,
    }).run(),
    service: (name: string, ownerTeam: string) => db.insert(services).values({ name, display: name, colour: 1, ownerTeam, ...stamps }).run(),
    enqueue: (of: Parameters<typeof notice>[0] = {}) => db.transaction(tx => notifications.enqueue(tx, notice(of))),
    owed: () => db.select({ to: notificationDeliveries.destination, held: notificationDeliveries.heldUntil }).from(notificationDeliveries).all(),
  }
}

it('owes a notice to every destination once, however many routes lead there', async () => {
  const outbox = await createOutbox()
  outbox.channel('ops')
  outbox.route({ id: 'a', channelId: 'ops' })
  outbox.route({ id: 'b', channelId: 'ops', severity: 'critical' })
  outbox.route({ id: 'c', userId: outbox.admin.id })
  outbox.enqueue()
  expect(outbox.owed()).toEqual([{ to: 'channel:ops', held: null }, { to: `user:${outbox.admin.id}`, held: null }])
})

it('tells the same thing once', async () => {
  const outbox = await createOutbox()
  outbox.channel('ops')
  outbox.route({ id: 'a', channelId: 'ops' })
  outbox.enqueue()
  outbox.enqueue({ title: { code: 'diagnosis.title.none' } })
  expect(outbox.db.select().from(notices).all()).toHaveLength(1)
  expect(outbox.owed()).toHaveLength(1)
})

it('stands and falls with the transaction of what it tells', async () => {
  const outbox = await createOutbox()
  outbox.channel('ops')
  outbox.route({ id: 'a', channelId: 'ops' })
  expect(() => outbox.db.transaction((tx) => {
    outbox.notifications.enqueue(tx, notice())
    throw new Error('not to be')
  })).toThrow('not to be')
  expect(outbox.db.select().from(notices).all()).toEqual([])
  expect(outbox.owed()).toEqual([])
})

it('leaves out channels that are off or gone, routes that are off, and people who may not read incidents', async () => {
  const outbox = await createOutbox()
  outbox.channel('off', { enabled: false })
  outbox.channel('gone', { goneAt: outbox.clock.now() })
  outbox.channel('ops')
  outbox.route({ id: 'a', channelId: 'off' })
  outbox.route({ id: 'b', channelId: 'gone' })
  outbox.route({ id: 'c', channelId: 'ops', enabled: false })
  const nobody = outbox.access.roles.create(outbox.admin, { name: 'Nobody', permissions: [] })
  const stranger = await outbox.addUser('stranger@example.com', [nobody.id])
  const left = await outbox.addUser('left@example.com', ['operator'])
  outbox.db.update(users).set({ disabledAt: outbox.clock.now() }).where(eq(users.id, left.id)).run()
  outbox.route({ id: 'd', userId: stranger.id })
  outbox.route({ id: 'e', userId: left.id })
  outbox.enqueue()
  expect(outbox.owed()).toEqual([])
})

it('finds the owner team by endpoint and service', async () => {
  const outbox = await createOutbox()
  outbox.service('business-service', 'Orders')
  for (const team of ['Orders', 'Payments']) {
    outbox.channel(team)
    outbox.route({ id: team, channelId: team, teams: [team] })
  }
  outbox.enqueue()
  expect(outbox.owed().map(({ to }) => to)).toEqual(['channel:Orders'])
})

it('tells the end to whom it told the beginning', async () => {
  const outbox = await createOutbox()
  outbox.channel('ops')
  outbox.route({ id: 'a', channelId: 'ops', severity: 'critical' })
  outbox.enqueue()
  outbox.enqueue({ kind: 'incident.resolved', severity: 'warning' })
  outbox.enqueue({ kind: 'incident.resolved', severity: 'warning', incidentId: 'incident-129' })
  expect(outbox.owed()).toHaveLength(2)
})

it('pages whoever asked for critical ones that open when one grows critical, once', async () => {
  const outbox = await createOutbox()
  outbox.channel('ops')
  outbox.route({ id: 'a', channelId: 'ops', severity: 'critical' })
  outbox.enqueue({ severity: 'warning' })
  expect(outbox.owed()).toEqual([])
  for (const key of ['severity:critical', 'culprit']) outbox.enqueue({ kind: 'incident.updated', severity: 'critical', key })
  expect(outbox.owed()).toHaveLength(1)
  outbox.enqueue({ kind: 'incident.resolved', severity: 'critical' })
  expect(outbox.owed()).toHaveLength(2)
})
