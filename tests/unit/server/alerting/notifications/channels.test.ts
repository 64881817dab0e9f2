import { eq } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import { notices, notificationDeliveries, notificationMessages } from '#server/db/control/schema'
import { HOUR, SECOND } from '#shared/units'
import { startFaultServer } from '../../../../support/fault-server'
import { createTestNotifications, everything, onLoopback } from '../../../../support/notifications'
import { refusalOf } from '../../../../support/registry'

const audit = (room: Awaited<ReturnType<typeof createTestNotifications>>) => room.access.audit.page({ limit: 200 }, 'UTC').entries

describe('a channel', () => {
  it('SE-01 gives neither its address nor its secret out again, nor to the trail', async () => {
    const room = await createTestNotifications()
    const { channel, secret } = room.channel({ name: 'ops', url: 'https://hooks.example/services/T0/B0/canary-address' })
    room.channel({ name: 'chat', kind: 'chat', url: 'https://chat.example/hooks/canary-address' })
    room.notifications.channels.update(room.admin, channel.id, { name: 'on call', url: 'https://hooks.example/services/canary-moved' })
    room.notifications.channels.renewSecret(room.admin, channel.id)
    expect(secret).toMatch(/^whsec_[\w+/]{43}=$/)
    const seen = JSON.stringify([room.notifications.setup(), room.log(), audit(room)])
    expect(seen).toContain('hooks.example')
    expect(seen).not.toMatch(/canary|whsec_/)
  })

  it('SF-05 gets another secret with another address, and only then', async () => {
    const room = await createTestNotifications()
    const { channel, secret } = room.channel({ name: 'ops', url: 'https://hooks.example/a' })
    expect(room.notifications.channels.update(room.admin, channel.id, { name: 'on call', url: 'https://hooks.example/a' }).secret).toBeNull()
    const moved = room.notifications.channels.update(room.admin, channel.id, { url: 'https://hooks.example/b' })
    expect(moved.secret).toMatch(/^whsec_/)
    expect(moved.secret).not.toBe(secret)
    expect(moved.channel.rotatingUntil).toBeNull()
  })

  it.each([
    ['http to anywhere', 'http://hooks.example/', 'scheme'], ['an address of this machine', 'https://127.0.0.1/', 'denied'], ['a port of something else', 'https://hooks.example:6379/', 'port'],
  ])('does not lead over %s', async (_, url, fault) => {
    const room = await createTestNotifications({ settings: { networks: [], ports: [[443, 443]], retentionDays: 90 } })
    expect(refusalOf(() => room.channel({ name: 'ops', url })).code).toBe(`notification.address_${fault}`)
    const { channel } = room.channel({ name: 'ops', url: 'https://hooks.example/' })
    expect(refusalOf(() => room.notifications.channels.update(room.admin, channel.id, { url })).code).toBe(`notification.address_${fault}`)
  })

  it('has a name of its own and a target of its kind', async () => {
    const room = await createTestNotifications()
    const { channel } = room.channel({ name: 'ops' })
    expect(refusalOf(() => room.channel({ name: 'ops' })).code).toBe('notification.name_taken')
    expect(refusalOf(() => room.notifications.channels.update(room.admin, channel.id, { recipients: ['a@example.com'] })).code).toBe('notification.wrong_target')
    expect(refusalOf(() => room.notifications.channels.update(room.admin, 'nobody', {})).code).toBe('notification.channel_not_found')
    const mail = room.channel({ name: 'mail', kind: 'email', url: null, recipients: ['a@example.com'] })
    expect(refusalOf(() => room.notifications.channels.renewSecret(room.admin, mail.channel.id)).code).toBe('notification.not_signed')
  })

  it('goes with its routes and what it is owed, and the trail says how much that was', async () => {
    const room = await createTestNotifications({ mayRun: () => false })
    const { channel } = room.channel({ name: 'ops' })
    room.another()
    room.another()
    room.notifications.channels.remove(room.admin, channel.id)
    expect(room.notifications.setup()).toMatchObject({ channels: [], routes: [], waiting: 0 })
    expect(room.db.select().from(notificationDeliveries).all()).toEqual([])
    expect(audit(room)[0]).toMatchObject({ action: 'channel.delete', params: { channel: 'ops', owed: 2 }, permission: 'settings:manage' })
  })

  it('writes down what was changed', async () => {
    const room = await createTestNotifications()
    const { channel } = room.channel({ name: 'ops' }, null)
    room.notifications.channels.update(room.admin, channel.id, { name: 'on call', url: 'https://hooks.example/b', language: 'en' })
    expect(audit(room).map(({ action }) => action)).toEqual(expect.arrayContaining(['channel.create', 'channel.update']))
    expect(audit(room)[0]).toMatchObject({ action: 'channel.update', before: { name: 'ops' }, after: { name: 'on call', address: 'changed' } })
  })
})

describe('the routes of a channel', () => {
  it('are twenty at most, also where one comes from another channel', async () => {
    const room = await createTestNotifications()
    const full = room.channel({ name: 'full' }).channel.id
    const other = room.channel({ name: 'other' }).channel.id
    const add = (channelId: string) => room.notifications.routes.add(room.admin, { ...everything, channelId })
    for (let i = 1; i < 20; i++) add(full)
    const { id } = add(other)
    expect(refusalOf(() => room.notifications.routes.change(room.admin, id, { ...everything, channelId: full }))).toMatchObject({ code: 'notification.routes_full' })
  })

  it('tell the trail which channel they came from', async () => {
    const room = await createTestNotifications()
    const [from, to] = ['from', 'to'].map(name => room.channel({ name }, null).channel.id)
    const { id } = room.notifications.routes.add(room.admin, { ...everything, channelId: from! })
    room.notifications.routes.change(room.admin, id, { ...everything, channelId: to! })
    expect(audit(room)[0]).toMatchObject({ before: { channel: 'from' }, after: { channel: 'to' } })
  })
})

describe('one’s own routes', () => {
  it('AZ-05 are nobody else’s', async () => {
    const room = await createTestNotifications()
    await room.addUser('other@example.com', ['admin'])
    const other = await room.signIn('other@example.com')
    const { id } = room.notifications.routes.addOwn(room.admin, everything)
    expect(room.notifications.routes.own(other)).toEqual([])
    expect(refusalOf(() => room.notifications.routes.changeOwn(other, id, everything)).code).toBe('notification.route_not_found')
    expect(refusalOf(() => room.notifications.routes.removeOwn(other, id)).code).toBe('notification.route_not_found')
    expect(refusalOf(() => room.notifications.routes.remove(other, id)).code).toBe('notification.route_not_found')
    expect(room.notifications.routes.changeOwn(room.admin, id, { ...everything, severity: 'critical' }).severity).toBe('critical')
  })

  it('are seen by who looks after the whole, and end with their person', async () => {
    const room = await createTestNotifications()
    const user = await room.addUser('other@example.com', ['operator'])
    room.notifications.routes.addOwn(await room.signIn('other@example.com'), everything)
    expect(room.notifications.setup().personal).toMatchObject([{ person: { id: user.id }, routes: [{ severity: 'warning' }] }])
    room.access.users.remove(room.admin, user.id)
    expect(room.notifications.setup().personal).toEqual([])
  })

  it('are twenty at most', async () => {
    const room = await createTestNotifications()
    for (let i = 0; i < 20; i++) room.notifications.routes.addOwn(room.admin, everything)
    expect(refusalOf(() => room.notifications.routes.addOwn(room.admin, everything))).toMatchObject({ code: 'notification.routes_full', params: { most: 20 } })
  })
})

describe('the delivery log', () => {
  it('forgets what is done and old, never what waits', async () => {
    const receiver = await startFaultServer((_, response) => response.writeHead(204).end())
    const room = await createTestNotifications({ settings: { ...onLoopback, retentionDays: 0.05 } })
    room.channel({ name: 'ops', url: receiver.url })
    const { channel: held } = room.channel({ name: 'held', url: receiver.url }, { quietFrom: '14:00', quietTo: '13:00', criticalPierces: false })
    room.another()
    await room.until(SECOND, ({ messages }) => expect(messages.map(({ state }) => state)).toEqual(['sent']))
    await room.until(2 * HOUR, ({ messages, held }) => expect([messages.length, held]).toEqual([0, 1]))
    expect(room.db.select().from(notices).all()).toHaveLength(1)
    room.notifications.channels.remove(room.admin, held.id)
    room.clock.advance(HOUR)
    expect(room.db.select().from(notices).all()).toEqual([])
  })

  it('is read page by page, by state and by destination', async () => {
    const receiver = await startFaultServer((_, response) => response.writeHead(204).end())
    const room = await createTestNotifications()
    const { channel } = room.channel({ name: 'ops', url: receiver.url })
    for (let i = 0; i < 5; i++) {
      room.another()
      await room.until(SECOND, ({ messages }) => expect(messages.filter(({ state }) => state === 'sent')).toHaveLength(i + 1))
    }
    const first = room.notifications.log.list({ limit: 3, state: 'sent', destination: `channel:${channel.id}` })
    const second = room.notifications.log.list({ limit: 3, before: first.next! })
    expect([...first.messages, ...second.messages].map(({ notices: [told] }) => told!.number)).toEqual([105, 104, 103, 102, 101])
    expect(second.next).toBeNull()
    expect(room.notifications.log.list({ limit: 3, state: 'dead' }).messages).toEqual([])
  })

  it('sends only that again which was given up', async () => {
    const receiver = await startFaultServer((_, response) => response.writeHead(204).end())
    const room = await createTestNotifications()
    room.channel({ name: 'ops', url: receiver.url })
    room.another()
    await room.until(SECOND, ({ messages }) => expect(messages[0]!.state).toBe('sent'))
    const { id } = room.log().messages[0]!
    expect(refusalOf(() => room.notifications.log.sendAgain(room.admin, id)).code).toBe('notification.not_dead')
    expect(refusalOf(() => room.notifications.log.sendAgain(room.admin, 'nothing')).code).toBe('notification.message_not_found')
    room.db.update(notificationMessages).set({ state: 'dead' }).where(eq(notificationMessages.id, id)).run()
    room.notifications.log.sendAgain(room.admin, id)
    await room.until(SECOND, ({ messages }) => expect(messages[0]).toMatchObject({ state: 'sent', attempts: [{}, {}] }))
    expect(audit(room)[0]).toMatchObject({ action: 'message.send_again', params: { recipient: 'ops' } })
  })

})
