import { createHmac } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { DAY, HOUR, MINUTE, SECOND } from '#shared/units'
import { accepting, attempts, createTestNotifications, states } from '../../../../support/notifications'

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
