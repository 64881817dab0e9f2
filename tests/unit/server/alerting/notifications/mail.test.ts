import { createServer } from 'node:net'
import { describe, expect, it } from 'vitest'
import { createMailer } from '#server/alerting/notifications/mailer'
import { readConfig } from '#server/config'
import { SECOND } from '#shared/units'
import { startMailServer } from '../../../../support/mail-server'
import { createTestNotifications, everything, onLoopback } from '../../../../support/notifications'
import { selfSigned } from '../../../../support/self-signed'

const from = { name: 'Bongsu', address: 'bongsu@example.com' }
const mail = { id: 'm1', thread: 'incident-128', to: ['ops@example.com'], subject: 'x', text: 'y', at: new Date('2026-11-23T05:32:10Z') }

describe('e-mail', () => {
  it('reaches a list in its language and a person in theirs, with one thread for an incident', async () => {
    const server = await startMailServer()
    const room = await createTestNotifications({ settings: { ...onLoopback, mail: { ...server, secure: false, requireTls: false, from } } })
    room.channel({ name: '당직', kind: 'email', url: null, recipients: ['a@example.com', 'b@example.com'], language: 'ko', zone: 'Asia/Seoul' })
    room.notifications.routes.addOwn(room.admin, everything)
    room.access.account.update(room.admin, { language: 'en', zone: 'UTC' })
    room.enqueue()
    await room.until(SECOND, ({ messages }) => expect(messages.map(({ state }) => state)).toEqual(['sent', 'sent']))
    const [korean, english] = [...server.mails].sort((a, b) => b.to.length - a.to.length)
    expect(korean).toMatchObject({ from: 'bongsu@example.com', to: ['a@example.com', 'b@example.com'] })
    expect(korean!.headers).toMatchObject({
      'from': 'Bongsu <bongsu@example.com>', 'auto-submitted': 'auto-generated', 'references': '<incident-128@example.com>',
      'subject': '[production] INC-128 발생: business-service가 external-api를 호출하며, 느린 호출은 모두 8.0초에서 끊깁니다.',
    })
    expect(korean!.text).toContain('INC-128 · 위험 · 발생')
    expect(korean!.text).toContain('시각: 11월 23일 14:18 KST')
    expect(korean!.text).toContain('고객사: partner-a')
    expect(korean!.text).toContain('인시던트 열기: https://bongsu.example/incidents/incident-128')
    expect(english!.to).toEqual([room.admin.email])
    expect(english!.text).toContain('At: Nov 23 05:18 UTC')
    expect(new Set([korean!.headers['message-id'], english!.headers['message-id']]).size).toBe(2)
    for (const { id } of room.log().messages) expect([korean, english].map(each => each!.headers['message-id'])).toContain(`<${id}@example.com>`)
  })

  it('tells people without access to traces in plain words', async () => {
    const server = await startMailServer()
    const room = await createTestNotifications({ settings: { ...onLoopback, mail: { ...server, secure: false, requireTls: false, from } } })
    await room.addUser('support@example.com', ['support'])
    room.notifications.routes.addOwn(await room.signIn('support@example.com'), everything)
    room.enqueue()
    await room.until(SECOND, ({ messages }) => expect(messages.map(({ state }) => state)).toEqual(['sent']))
    expect(server.mails[0]!.text).toContain('일부 기능: 평소처럼 동작하지 않습니다.')
    expect(server.mails[0]!.text + server.mails[0]!.headers.subject).not.toMatch(/business-service|external-api/)
  })

  it('is not sent to who lost the right to read incidents', async () => {
    const server = await startMailServer()
    const room = await createTestNotifications({ settings: { ...onLoopback, mail: { ...server, secure: false, requireTls: false, from } } })
    const user = await room.addUser('viewer@example.com', ['viewer'])
    room.notifications.routes.addOwn(await room.signIn('viewer@example.com'), everything)
    room.enqueue()
    room.access.users.update(room.admin, user.id, { disabled: true })
    await room.until(SECOND, ({ messages }) => expect(messages.map(({ state }) => state)).toEqual(['dropped']))
    expect(server.mails).toEqual([])
  })

  it('waits for a mail server where there is none', async () => {
    const room = await createTestNotifications()
    room.notifications.routes.addOwn(room.admin, everything)
    room.enqueue()
    await room.until(SECOND, ({ messages }) => expect(messages[0]).toMatchObject({ state: 'waiting', attempts: [{ answer: { code: 'notifications.answer.no_mail' } }] }))
    expect(room.notifications.own(room.admin).mail).toBe(false)
  })
})

describe('what a mail server answers', () => {
  it('some addresses taken, some not', async () => {
    const server = await startMailServer({ refuse: address => (address.startsWith('x') ? { code: 550, message: 'no such user' } : undefined) })
    const outcome = await createMailer({ ...server, secure: false, requireTls: false, from })({ ...mail, to: ['ops@example.com', 'x@example.com'] })
    expect(outcome).toEqual({ result: 'sent', answer: { code: 'notifications.answer.mail_partly', params: { count: 1, refused: 'x@example.com' } } })
  })

  it.each([[550, 'never'], [451, 'later']])('a refusal with %i is tried again: %s', async (code, result) => {
    const server = await startMailServer({ refuse: () => ({ code, message: 'try elsewhere' }) })
    expect(await createMailer({ ...server, secure: false, requireTls: false, from })(mail)).toEqual({ result, answer: { code: 'notifications.answer.mail_refused', params: { response: `${code} try elsewhere` } } })
  })

  it('a password that is wrong, which no answer repeats', async () => {
    const server = await startMailServer({ ...selfSigned(), disabledCommands: [], authMethods: ['PLAIN'], onAuth: (auth, _, callback) => callback(auth.password === 'right' ? null : new Error('no'), { user: 'u' }) })
    const settings = { ...server, secure: false, requireTls: false, from }
    const outcome = await createMailer({ ...settings, login: () => ({ user: 'u', pass: 'canary' }) })(mail)
    expect(outcome.result).toBe('later')
    expect(JSON.stringify(outcome)).not.toContain('canary')
  })

  it('no TLS where it is required: nothing is said in the clear', async () => {
    const server = await startMailServer()
    const outcome = await createMailer({ ...server, secure: false, requireTls: true, login: () => ({ user: 'u', pass: 'p' }), from })(mail)
    expect(outcome).toEqual({ result: 'later', answer: { code: 'notifications.answer.tls' } })
    expect(server.mails).toEqual([])
  })

  it('nobody there, and somebody who says nothing', async () => {
    const silent = createServer(() => {})
    await new Promise<void>(resolve => silent.listen(0, '127.0.0.1', resolve))
    const { port } = silent.address() as { port: number }
    const mailer = createMailer({ host: '127.0.0.1', port, secure: false, requireTls: false, from })
    const waiting = mailer(mail)
    expect(await waiting).toEqual({ result: 'later', answer: { code: 'notifications.answer.timeout' } })
    silent.close()
    expect(await mailer(mail)).toEqual({ result: 'later', answer: { code: 'notifications.answer.refused' } })
  }, 20_000)
})

describe('the settings of mail', () => {
  it.each([
    ['smtp://mail.example.com', { host: 'mail.example.com', port: 587, secure: false, requireTls: false }],
    ['smtps://mail.example.com', { host: 'mail.example.com', port: 465, secure: true, requireTls: false }],
    ['smtp://user:p%40ss@mail.example.com:2525', { host: 'mail.example.com', port: 2525, secure: false, requireTls: true }],
    ['smtp://user:pass@127.0.0.1:1025', { host: '127.0.0.1', port: 1025, secure: false, requireTls: false }],
  ])('%s', (NUXT_SMTP_URL, expected) => {
    const { mail } = readConfig({ NUXT_SMTP_URL, NUXT_SMTP_FROM: 'Bongsu <bongsu@example.com>' }).notifications
    expect(mail).toMatchObject({ ...expected, from })
    expect(JSON.stringify(mail)).not.toContain('p@ss')
  })

  it('the password is what was percent-encoded', () => {
    expect(readConfig({ NUXT_SMTP_URL: 'smtp://user:p%40ss@mail.example.com', NUXT_SMTP_FROM: 'a@example.com' }).notifications.mail!.login!()).toEqual({ user: 'user', pass: 'p@ss' })
  })
})

