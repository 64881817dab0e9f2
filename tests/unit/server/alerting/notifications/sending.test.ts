import { describe, expect, it } from 'vitest'
import { HOUR, MINUTE, SECOND } from '#shared/units'
import { accepting, attempts, createTestNotifications, states } from '../../../../support/notifications'

describe('sending', () => {
  it('is done by one of two processes, and by the other when that one ends', async () => {
    const receiver = await accepting()
    const room = await createTestNotifications({ mayRun: 'leased' })
    const other = room.create()
    other.start()
    room.channel({ name: 'ops', url: receiver.url })
    for (let i = 0; i < 3; i++) {
      room.another()
      await room.until(20 * SECOND, ({ messages }) => expect(messages.filter(({ state }) => state === 'sent')).toHaveLength(i + 1))
    }
    await room.notifications.close()
    room.another()
    await room.until(2 * SECOND, states('sent', 'sent', 'sent', 'sent'))
    expect(receiver.hits).toHaveLength(4)
    await other.close()
  })

  it('waits for the lease', async () => {
    const receiver = await accepting()
    let mine = false
    const room = await createTestNotifications({ mayRun: () => mine })
    room.channel({ name: 'ops', url: receiver.url })
    room.enqueue()
    room.clock.advance(MINUTE)
    expect(receiver.hits).toHaveLength(0)
    mine = true
    await room.until(SECOND, states('sent'))
  })

  it('does not do again what another process is doing, and takes over what it left', async () => {
    const receiver = await accepting()
    receiver.play('hangs')
    const room = await createTestNotifications()
    room.channel({ name: 'ops', url: receiver.url })
    room.enqueue()
    room.clock.advance(SECOND)
    await expect.poll(() => receiver.hits.length).toBe(1)
    // The first process hangs in its call, as if it were dead; another one starts on the same file.
    const other = room.create()
    other.start()
    receiver.play('none')
    room.clock.advance(20 * SECOND)
    expect(receiver.hits).toHaveLength(1)
    await room.until(11 * SECOND, states('sent'))
    expect(new Set(receiver.hits.map(({ headers }) => headers['webhook-id'])).size).toBe(1)
    await other.close()
  })

  it('forgets nobody whose channel or rights went away without saying so', async () => {
    const receiver = await accepting()
    receiver.play({ status: 500 })
    const room = await createTestNotifications()
    const { channel } = room.channel({ name: 'ops', url: receiver.url })
    room.enqueue()
    await room.until(SECOND, attempts(1))
    room.notifications.channels.update(room.admin, channel.id, { enabled: false })
    await room.until(15 * SECOND, states('dropped'))
    expect(room.log().messages[0]!.attempts.at(-1)!.answer.code).toBe('notifications.answer.dropped')
    expect(receiver.hits).toHaveLength(1)
  })

  it('is not lost when the file is locked for a moment', async () => {
    const receiver = await accepting()
    const room = await createTestNotifications()
    room.channel({ name: 'ops', url: receiver.url })
    room.enqueue()
    const insert = room.db.$client.prepare('create trigger busy before insert on notification_attempts begin select raise(abort, \'busy\'); end')
    insert.run()
    room.clock.advance(SECOND)
    await expect.poll(() => receiver.hits.length).toBe(1)
    room.db.$client.exec('drop trigger busy')
    await expect.poll(() => {
      room.clock.advance(200)
      return room.states()
    }).toEqual(['sent'])
    expect(receiver.hits).toHaveLength(1)
  })
})

describe('the test button', () => {
  it('answers what really came back', async () => {
    const receiver = await accepting()
    const room = await createTestNotifications()
    const { channel } = room.channel({ name: 'ops', url: receiver.url }, null)
    expect(await room.notifications.channels.test(room.admin, channel.id)).toEqual({ sent: true, answer: { code: 'notifications.answer.sent', params: { status: '204' } }, took: expect.any(Number) })
    expect(JSON.parse(receiver.hits[0]!.body)).toMatchObject({ type: 'test', notices: [{ event: 'test', incident: null, title: 'Bongsu can reach this place.' }] })
    await receiver.down()
    room.clock.advance(10 * SECOND)
    expect(await room.notifications.channels.test(room.admin, channel.id)).toMatchObject({ sent: false, answer: { code: 'notifications.answer.refused' } })
    room.clock.advance(HOUR)
    expect(room.states()).toEqual(['dropped', 'sent'])
    expect(room.notifications.setup().dead).toBe(0)
  })

  it('does not flood a room', async () => {
    const receiver = await accepting()
    const room = await createTestNotifications()
    const { channel } = room.channel({ name: 'ops', url: receiver.url }, null)
    await room.notifications.channels.test(room.admin, channel.id)
    await expect(room.notifications.channels.test(room.admin, channel.id)).rejects.toMatchObject({ code: 'request.too_many', params: { seconds: 5 } })
  })
})
