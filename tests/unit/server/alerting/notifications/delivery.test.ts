import { createHmac } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { singles } from '#server/alerting/notifications/joining'
import { DAY, HOUR, MINUTE, SECOND } from '#shared/units'
import { startFaultServer } from '../../../../support/fault-server'
import { createTestNotifications } from '../../../../support/notifications'

const accepting = () => startFaultServer((_, response) => response.writeHead(204).end())
const states = (...expected: string[]) => ({ messages }: { messages: { state: string }[] }) => expect(messages.map(({ state }) => state)).toEqual(expected)
const attempts = (count: number) => ({ messages }: { messages: { attempts: unknown[] }[] }) => expect(messages[0]!.attempts).toHaveLength(count)

describe('a webhook', () => {
  it('WH-01 arrives signed as Standard Webhooks has it', async () => {
    const receiver = await accepting()
    const room = await createTestNotifications()
    const { secret } = room.channel({ name: 'ops', url: `${receiver.url}/hook?team=ops` })
    room.enqueue()
    await room.until(SECOND, states('sent'))
    const [{ method, path, headers, body }] = receiver.hits as [(typeof receiver.hits)[0]]
    expect([method, path, headers['content-type']]).toEqual(['POST', '/hook?team=ops', 'application/json'])
    const key = Buffer.from(secret!.replace('whsec_', ''), 'base64')
    const signature = (of: string) => `v1,${createHmac('sha256', key).update(`${String(headers['webhook-id'])}.${String(headers['webhook-timestamp'])}.${of}`).digest('base64')}`
    expect(key).toHaveLength(32)
    expect(headers['webhook-signature']).toBe(signature(body))
    expect(headers['webhook-signature']).not.toBe(signature(body.replace('INC-128', 'INC-129')))
    expect(Math.abs(Number(headers['webhook-timestamp']) * 1_000 - room.clock.now().getTime())).toBeLessThan(5 * MINUTE)
    expect(JSON.parse(body)).toMatchObject({
      type: 'incident.opened', environment: 'production', more: 0,
      notices: [{ event: 'opened', severity: 'critical', incident: { id: 'incident-128', number: 'INC-128', url: 'https://bongsu.example/incidents/incident-128' }, title: 'business-service calls external-api; each slow call is cut at 8.00 s.', services: ['business-service'], consumers: ['partner-a'], at: '2026-11-23T05:18:40.000Z' }],
    })
  })

  it('is signed by the secret before it too, for a day', async () => {
    const receiver = await accepting()
    const room = await createTestNotifications()
    const { channel, secret } = room.channel({ name: 'ops', url: receiver.url })
    const renewed = room.notifications.channels.renewSecret(room.admin, channel.id)
    room.another()
    await room.until(SECOND, states('sent'))
    room.clock.advance(DAY)
    room.another()
    await room.until(SECOND, states('sent', 'sent'))
    const signatures = receiver.hits.map(({ headers, body }) => String(headers['webhook-signature']).split(' ').map(signature => [secret!, renewed.secret].findIndex(each =>
      signature === `v1,${createHmac('sha256', Buffer.from(each.slice(6), 'base64')).update(`${String(headers['webhook-id'])}.${String(headers['webhook-timestamp'])}.${body}`).digest('base64')}`)))
    expect(signatures).toEqual([[1, 0], [1]])
  })

  it('keeps its id over all its tries, and says in words how each went', async () => {
    const receiver = await accepting()
    receiver.play({ status: 503 })
    const room = await createTestNotifications()
    room.channel({ name: 'ops', url: receiver.url })
    room.enqueue()
    await room.until(SECOND, attempts(1))
    room.clock.advance(9 * SECOND)
    expect(receiver.hits).toHaveLength(1)
    await room.until(3 * SECOND, attempts(2))
    receiver.play('none')
    await room.until(MINUTE, states('sent'))
    const [message] = room.log().messages
    expect(new Set(receiver.hits.map(({ headers }) => headers['webhook-id']))).toEqual(new Set([message!.id]))
    expect(message!.attempts.map(({ succeeded, answer }) => [succeeded, answer])).toEqual([
      [false, { code: 'notifications.answer.failing', params: { status: '503' } }], [false, { code: 'notifications.answer.failing', params: { status: '503' } }], [true, { code: 'notifications.answer.sent', params: { status: '204' } }],
    ])
  })

  it('is given up after a day, shown, and sent again by hand', async () => {
    const receiver = await accepting()
    receiver.play({ status: 500 })
    const room = await createTestNotifications()
    const { channel } = room.channel({ name: 'ops', url: receiver.url })
    room.enqueue()
    await room.until(SECOND, attempts(1))
    for (const [i, wait] of [12 * SECOND, MINUTE, 5 * MINUTE, 28 * MINUTE, 2 * HOUR, 5 * HOUR, 20 * HOUR].entries()) await room.until(wait, attempts(i + 2))
    await room.until(0, states('dead'))
    expect(room.notifications.channels.list()[0]!.health).toMatchObject({ failures: 8, lastSentAt: null })
    expect(room.notifications.setup()).toMatchObject({ dead: 1, waiting: 0 })
    receiver.play('none')
    room.notifications.log.sendAgain(room.admin, room.log().messages[0]!.id)
    await room.until(SECOND, states('sent'))
    expect(room.notifications.channels.list().find(({ id }) => id === channel.id)!.health).toMatchObject({ failures: 0, answer: { code: 'notifications.answer.sent' } })
  })

  it.each([
    ['a refusal', { status: 400 }, 'notifications.answer.rejected'], ['a redirect, which is not followed', 'redirect', 'notifications.answer.redirect'], ['nobody there', { status: 404 }, 'notifications.answer.not_found'],
  ] as const)('is given up at once for %s', async (_, fault, code) => {
    const receiver = await accepting()
    receiver.play(fault)
    const room = await createTestNotifications()
    room.channel({ name: 'ops', url: receiver.url })
    room.enqueue()
    await room.until(SECOND, states('dead'))
    expect(room.log().messages[0]!.attempts[0]!.answer.code).toBe(code)
    expect(receiver.hits).toHaveLength(1)
  })

  it.each([['a closed connection', 'closes', 'cut_off'], ['something that is no web server', 'not_http', 'bad_answer']] as const)('is tried again after %s', async (_, fault, code) => {
    const receiver = await accepting()
    receiver.play(fault)
    const room = await createTestNotifications()
    room.channel({ name: 'ops', url: receiver.url })
    room.enqueue()
    await room.until(SECOND, attempts(1))
    expect(room.log().messages[0]).toMatchObject({ state: 'waiting', attempts: [{ answer: { code: `notifications.answer.${code}` } }] })
  })

  it('stops its channel when the receiver is gone for good, until somebody changes it', async () => {
    const receiver = await accepting()
    receiver.play({ status: 410 })
    const room = await createTestNotifications()
    const { channel } = room.channel({ name: 'ops', url: receiver.url })
    room.another()
    await room.until(SECOND, states('dead'))
    expect(room.notifications.channels.list()[0]!.goneAt).not.toBeNull()
    room.another()
    room.clock.advance(MINUTE)
    expect(receiver.hits).toHaveLength(1)
    receiver.play('none')
    room.notifications.channels.update(room.admin, channel.id, { enabled: true })
    room.another()
    await room.until(SECOND, states('sent', 'dead'))
  })

  it('waits as long as the receiver asks, whatever comes meanwhile', async () => {
    const receiver = await accepting()
    receiver.play({ status: 429, headers: { 'retry-after': '120' } })
    const room = await createTestNotifications()
    room.channel({ name: 'ops', url: receiver.url })
    room.another()
    await room.until(SECOND, attempts(1))
    receiver.play('none')
    room.another()
    room.clock.advance(115 * SECOND)
    expect(receiver.hits).toHaveLength(1)
    await room.until(10 * SECOND, states('sent', 'sent'))
  })

  it('reads a header that promises a date, and leaves an endless answer unread', async () => {
    const receiver = await accepting()
    receiver.play('huge')
    const room = await createTestNotifications()
    room.channel({ name: 'ops', url: receiver.url })
    room.enqueue()
    await room.until(SECOND, states('sent'))
  })
})

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
