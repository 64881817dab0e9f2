import { describe, expect, it } from 'vitest'
import { singles } from '#server/alerting/notifications/joining'
import { MINUTE, SECOND } from '#shared/units'
import { accepting, attempts, createTestNotifications, states } from '../../../../support/notifications'

describe('a destination in trouble', () => {
  it('keeps the order of what it is told, and delays nobody else', async () => {
    const [slow, quick] = [await accepting(), await accepting()]
    slow.play('hangs')
    const room = await createTestNotifications()
    room.channel({ name: 'slow', url: slow.url })
    room.channel({ name: 'quick', url: quick.url })
    room.enqueue({ key: '1' })
    await room.until(SECOND, ({ messages }) => expect(messages.filter(({ state }) => state === 'sent')).toHaveLength(1))
    room.enqueue({ kind: 'incident.resolved', key: '2' })
    await room.until(SECOND, ({ messages }) => expect(messages.filter(({ state }) => state === 'sent')).toHaveLength(2))
    expect(quick.hits.map(({ body }) => (JSON.parse(body) as { type: string }).type)).toEqual(['incident.opened', 'incident.resolved'])
    expect(slow.hits).toHaveLength(1)
  })

  it('is asked again as soon as there is news for it, and told all it missed in order', async () => {
    const receiver = await accepting()
    receiver.play({ status: 500 })
    const room = await createTestNotifications()
    room.channel({ name: 'ops', url: receiver.url })
    room.enqueue({ key: '1' })
    await room.until(SECOND, attempts(1))
    for (const [i, wait] of [12 * SECOND, MINUTE, 5 * MINUTE, 28 * MINUTE].entries()) await room.until(wait, attempts(i + 2))
    // The next planned try is more than an hour away.
    receiver.play('none')
    room.clock.advance(20 * SECOND)
    expect(receiver.hits).toHaveLength(5)
    room.enqueue({ kind: 'incident.resolved', key: '2' })
    await room.until(SECOND, states('sent', 'sent'))
    expect(receiver.hits.slice(-2).map(({ body }) => (JSON.parse(body) as { type: string }).type)).toEqual(['incident.opened', 'incident.resolved'])
  })
})

describe('a storm', () => {
  it('becomes one message, after five that went singly', async () => {
    const receiver = await accepting()
    const room = await createTestNotifications()
    room.channel({ name: 'ops', url: receiver.url })
    for (let i = 0; i < singles; i++) {
      room.another()
      await room.until(SECOND, ({ messages }) => expect(messages.filter(({ state }) => state === 'sent')).toHaveLength(i + 1))
    }
    for (let i = 0; i < 40; i++) room.another({ severity: i === 39 ? 'critical' : 'warning' })
    room.clock.advance(30 * SECOND)
    expect(receiver.hits).toHaveLength(singles)
    expect(room.log().held).toBe(40)
    await room.until(30 * SECOND, ({ messages }) => expect(messages[0]).toMatchObject({ state: 'sent' }))
    expect(receiver.hits).toHaveLength(singles + 1)
    const { type, subject, notices, more } = JSON.parse(receiver.hits.at(-1)!.body) as { type: string, subject: string, notices: { severity: string }[], more: number }
    expect([type, subject, notices.length, more]).toEqual(['incidents.joined', '[production] 40 incidents: 40 open, 0 resolved', 20, 20])
    expect(notices[0]!.severity).toBe('critical')
    expect(room.log().held).toBe(0)
  })
})

describe('quiet hours', () => {
  // 14:32 in Seoul; the lunch of the test lasts until 15:00.
  const lunch = { quietFrom: '14:00', quietTo: '15:00', zone: 'Asia/Seoul', criticalPierces: true }

  it('hold what is not critical and tell it together at their end, as it is then', async () => {
    const receiver = await accepting()
    const room = await createTestNotifications()
    room.channel({ name: 'ops', url: receiver.url }, lunch)
    room.enqueue({ severity: 'warning', incidentId: 'a', number: 1, key: 'a1' })
    room.enqueue({ severity: 'warning', incidentId: 'b', number: 2, key: 'b1' })
    room.enqueue({ severity: 'warning', incidentId: 'a', number: 1, kind: 'incident.resolved', key: 'a2' })
    room.clock.advance(20 * MINUTE)
    expect(receiver.hits).toHaveLength(0)
    await room.until(8 * MINUTE, states('sent'))
    expect(JSON.parse(receiver.hits[0]!.body)).toMatchObject({ type: 'incidents.joined', notices: [{ event: 'opened', incident: { number: 'INC-2' } }, { event: 'resolved', incident: { number: 'INC-1' } }] })
  })

  it('let pass what is critical, with what is held of the same incident', async () => {
    const receiver = await accepting()
    const room = await createTestNotifications()
    room.channel({ name: 'ops', url: receiver.url }, lunch)
    room.enqueue({ severity: 'warning', key: '1' })
    room.clock.advance(MINUTE)
    room.enqueue({ severity: 'critical', kind: 'incident.updated', key: '2' })
    await room.until(SECOND, states('sent'))
    expect(JSON.parse(receiver.hits[0]!.body)).toMatchObject({ type: 'incident.updated', notices: [{ severity: 'critical' }] })
    expect(room.log()).toMatchObject({ held: 0, messages: [{ notices: [{ kind: 'incident.opened' }, { kind: 'incident.updated' }] }] })
  })
})
