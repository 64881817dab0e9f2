import { describe, expect, it } from 'vitest'
import { loginFailures } from '#server/db/control/credentials'
import { users } from '#server/db/control/users'
import { createAccess } from '#server/access/access'
import { createPasswordHasher } from '#server/access/password-hash'
import { accountLimit, addressLimit, fail, secondsBlocked, type Failures } from '#server/access/throttle-rules'
import { networkOf } from '#server/access/network'
import { MINUTE } from '#shared/units'
import { createTestAccess, goodPassword } from '../../../support/access'

const wrong = { email: 'root@example.com', password: 'not this one at all' }
const from = (address: string) => ({ address })

describe('signing in', () => {
  it('AN-01 rests on argon2id with at least 19 MiB, two passes, one lane and a salt of its own', async () => {
    const { hash } = createPasswordHasher()
    const [first, second] = await Promise.all([hash(goodPassword), hash(goodPassword)])
    const parts = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=1\$([\w+/]{22})\$[\w+/]{43}$/.exec(first)!
    expect(Number(parts[1])).toBeGreaterThanOrEqual(19_456)
    expect(Number(parts[2])).toBeGreaterThanOrEqual(2)
    expect(first).not.toBe(second)
  })

  it('AN-01 hashes again at the next sign-in when the cost was raised', async () => {
    const { access, db } = await createTestAccess()
    const cheap = '$argon2id$v=19$m=8192,t=1,p=1$c2FsdHNhbHRzYWx0c2FsdA$'
    const { argon2Sync } = await import('node:crypto')
    const tag = argon2Sync('argon2id', { message: goodPassword, nonce: Buffer.from('saltsaltsaltsalt'), memory: 8_192, passes: 1, parallelism: 1, tagLength: 32 })
    db.update(users).set({ passwordHash: cheap + tag.toString('base64').replace(/=+$/, '') }).run()

    await access.sessions.signIn({ email: 'root@example.com', password: goodPassword }, {})
    expect(db.select().from(users).get()!.passwordHash).toContain('m=19456,t=2')
    await access.sessions.signIn({ email: 'root@example.com', password: goodPassword }, {})
  })

  it('AN-04 says the same whether the name is unknown, disabled, without password or mistaken', async () => {
    const { access, admin, addUser } = await createTestAccess()
    const disabled = await addUser('off@example.com', ['viewer'])
    access.users.update(admin, disabled.id, { disabled: true })
    access.users.create(admin, { email: 'new@example.com', name: 'New', roles: ['viewer'] })

    const answers = []
    for (const [i, attempt] of [wrong, { ...wrong, email: 'nobody@example.com' }, { email: 'off@example.com', password: goodPassword }, { ...wrong, email: 'new@example.com' }].entries()) {
      answers.push(await access.sessions.signIn(attempt, from(`192.0.2.${i}`)).catch(({ code, params, status }) => ({ code, params, status })))
    }
    expect(new Set(answers.map(answer => JSON.stringify(answer))).size).toBe(1)
    expect(answers[0]).toEqual({ code: 'access.wrong_credentials', params: {}, status: 401 })
  })

  it('AN-04 spends a hash of full cost on nobody', async () => {
    const { verify } = createPasswordHasher()
    const times = []
    for (const stored of [null, await createPasswordHasher().hash(goodPassword)]) {
      const start = performance.now()
      expect(await verify('something else entirely', stored)).toBe(false)
      times.push(performance.now() - start)
    }
    // The bench compares medians; here only that the work is done at all.
    expect(times[0]! / times[1]!).toBeGreaterThan(0.2)
  })

  it('AN-05 runs two hashes at once, lets fifty wait and turns the rest away', async () => {
    const { verify } = createPasswordHasher()
    const attempts = await Promise.allSettled(Array.from({ length: 60 }, () => verify('x', null)))
    const refused = attempts.filter(attempt => attempt.status === 'rejected').map(attempt => attempt.reason.code)
    expect(refused).toEqual(Array<string>(8).fill('request.too_many'))
  }, 30_000)

  it('AN-03 is refused after five failures, with the right password too, and again after a restart', async () => {
    const { access, clock, db } = await createTestAccess()
    for (let i = 0; i < 5; i++) await expect(access.sessions.signIn(wrong, from(`192.0.2.${i}`))).rejects.toMatchObject({ code: 'access.wrong_credentials' })
    const right = { ...wrong, password: goodPassword }
    await expect(access.sessions.signIn(right, from('192.0.2.9'))).rejects.toMatchObject({ code: 'access.throttled', params: { seconds: 1 } })
    await expect(createAccess({ db, clock }).sessions.signIn(right, from('192.0.2.9'))).rejects.toMatchObject({ code: 'access.throttled' })

    clock.advance(1_000)
    await expect(access.sessions.signIn(right, from('192.0.2.9'))).resolves.toBeTruthy()
    expect(db.select().from(loginFailures).all().map(row => row.subject)).not.toContain('account:root@example.com')
  })

  it('AN-03 blocks an address that fails with many names', async () => {
    const { access, clock } = await createTestAccess()
    for (let i = 0; i < 30; i++) await access.sessions.signIn({ ...wrong, email: `${i}@example.com` }, from('192.0.2.1')).catch(() => {})
    const right = { ...wrong, password: goodPassword }
    await expect(access.sessions.signIn(right, from('192.0.2.1'))).rejects.toMatchObject({ code: 'access.throttled', params: { seconds: 900 } })
    await expect(access.sessions.signIn(right, from('192.0.2.2'))).resolves.toBeTruthy()
    clock.advance(15 * MINUTE)
    await expect(access.sessions.signIn(right, from('192.0.2.1'))).resolves.toBeTruthy()
  }, 30_000)
})

describe('AN-03 the throttle', () => {
  const start = new Date('2026-11-23T05:00:00Z')
  const later = (ms: number) => new Date(start.getTime() + ms)

  it('doubles from one second to fifteen minutes', () => {
    let state: Failures | undefined
    let now = start
    const waits = []
    for (let i = 0; i < 16; i++) {
      state = fail(state, accountLimit, now)
      const wait = secondsBlocked(state, now)
      waits.push(wait)
      now = new Date(now.getTime() + wait * 1_000)
    }
    expect(waits).toEqual([0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900])
  })

  it('forgets failures that are spread out, and ends by itself', () => {
    let state: Failures | undefined
    for (let i = 0; i < 10; i++) state = fail(state, accountLimit, later(i * 5 * MINUTE))
    expect(secondsBlocked(state, later(45 * MINUTE))).toBe(0)
    expect(fail({ failures: 30, since: start, blockedUntil: later(15 * MINUTE) }, addressLimit, later(19 * MINUTE)).failures).toBe(1)
  })

  it('takes an IPv6 network for one party', () => {
    expect(networkOf('2001:db8:1:2:3:4:5:6')).toBe('2001:db8:1:2::/64')
    expect(networkOf('2001:db8::1')).toBe('2001:db8:0:0::/64')
    expect(networkOf('192.0.2.1')).toBe('192.0.2.1')
  })
})
