import { describe, expect, it } from 'vitest'
import { commonPasswords } from '#server/access/common-passwords'
import { refuseWeakPassword } from '#server/access/password-rules'
import { setUp } from '#shared/schemas/access'
import { MINUTE } from '#shared/units'
import { createTestAccess, goodPassword } from '../../../support/access'

const first = { email: 'root@example.com', name: 'Ada', password: goodPassword }

describe('AN-13 the first account', () => {
  it('does not exist by default and is made once through a link', async () => {
    const { access, clock } = await createTestAccess({ setUp: false })
    expect(access.links.isSetUp()).toBe(false)
    expect(access.users.list()).toEqual([])
    const { token } = access.links.openSetup()!
    await access.links.setUp({ ...first, token }, {})
    expect(access.users.list()).toMatchObject([{ email: 'root@example.com', state: 'active', roles: [{ id: 'admin' }], lastSeenAt: clock.now().toISOString() }])
    expect(access.links.openSetup()).toBeUndefined()
    await expect(access.links.setUp({ ...first, token }, {})).rejects.toMatchObject({ code: 'access.setup_done', status: 404 })
  })

  it('is one, however many try at once', async () => {
    const { access } = await createTestAccess({ setUp: false })
    const { token } = access.links.openSetup()!
    const tries = await Promise.allSettled(Array.from({ length: 4 }, (_, i) => access.links.setUp({ ...first, email: `${i}@example.com`, token }, {})))
    expect(tries.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    expect(access.users.list()).toHaveLength(1)
  })

  it('needs the newest link, within 30 minutes', async () => {
    const { access, clock } = await createTestAccess({ setUp: false })
    const older = access.links.openSetup()!
    const newer = access.links.openSetup()!
    await expect(access.links.setUp({ ...first, token: older.token }, {})).rejects.toMatchObject({ code: 'access.link_invalid' })
    clock.advance(30 * MINUTE)
    await expect(access.links.setUp({ ...first, token: newer.token }, {})).rejects.toMatchObject({ code: 'access.link_invalid' })
  })
})

describe('AN-14 a reset link', () => {
  it('lets its receiver choose a password once, and ends their sessions', async () => {
    const { access, admin, addUser, signIn } = await createTestAccess()
    const user = await addUser('sam@example.com', ['viewer'])
    const before = await access.sessions.signIn({ email: user.email, password: goodPassword }, {})
    const { token } = access.users.createResetLink(admin, user.id)
    await expect(signIn('sam@example.com')).resolves.toBeDefined()

    await access.links.resetPassword({ token, password: 'quite another secret' })
    expect(access.identifySession(before)).toBeUndefined()
    await expect(signIn('sam@example.com', 'quite another secret')).resolves.toBeDefined()
    await expect(access.links.resetPassword({ token, password: 'and one more secret' })).rejects.toMatchObject({ code: 'access.link_invalid' })
  })

  it('is good for 30 minutes, for the newest of them, and not for the disabled', async () => {
    const { access, admin, addUser, clock } = await createTestAccess()
    const user = await addUser('sam@example.com', ['viewer'])
    const reset = (token: string) => access.links.resetPassword({ token, password: 'quite another secret' })
    const older = access.users.createResetLink(admin, user.id)
    const newer = access.users.createResetLink(admin, user.id)
    await expect(reset(older.token)).rejects.toMatchObject({ code: 'access.link_invalid' })
    access.users.update(admin, user.id, { disabled: true })
    await expect(reset(newer.token)).rejects.toMatchObject({ code: 'access.link_invalid' })
    access.users.update(admin, user.id, { disabled: false })
    clock.advance(30 * MINUTE)
    await expect(reset(newer.token)).rejects.toMatchObject({ code: 'access.link_invalid' })
  })
})

describe('AN-02 a password', () => {
  const person = { name: '김민수', email: 'minsu.kim@example.com' }
  const accepts = (password: string) => setUp.safeParse({ token: 't', email: 'a@example.com', name: 'A', password }).success

  it('has 12 to 128 characters as typed', async () => {
    expect(accepts('x'.repeat(11))).toBe(false)
    expect(accepts('가나다라마바사아자차카타')).toBe(true)
    expect(accepts('x'.repeat(128))).toBe(true)
    expect(accepts('x'.repeat(129))).toBe(false)
    expect(accepts('🔥'.repeat(12))).toBe(true)

    const { access, addUser, admin, signIn } = await createTestAccess()
    const user = await addUser('sam@example.com', ['viewer'])
    const long = ` ${'aB3 '.repeat(31)}xyz`
    expect(long).toHaveLength(128)
    await access.links.resetPassword({ token: access.users.createResetLink(admin, user.id).token, password: long })
    for (const mistaken of [long.slice(0, 127), long.trim(), long.toLowerCase()]) await expect(signIn('sam@example.com', mistaken)).rejects.toMatchObject({ code: 'access.wrong_credentials' })
    await expect(signIn('sam@example.com', long)).resolves.toBeDefined()
  })

  it.each([
    ['one of the most common', 'Q1W2E3R4T5Y6'],
    ['the product', 'my-bongsu-2026!'],
    ['the product in Korean', '우리회사봉수비밀번호열쇠'],
    ['the person\'s name', '김민수의비밀번호열두자'],
    ['a part of the address', 'hello-minsu-1987'],
    ['one short piece again and again', 'abc1abc1abc1'],
    ['neighbours in a row', 'abcdefghijklmn'],
    ['next to no different characters', 'aaaabbbbaaaabbbb'],
  ])('is refused when it is or contains %s', (_, password) => {
    expect(() => refuseWeakPassword(password, person)).toThrow('access.weak_password')
  })

  it('needs no digits, capitals or signs', () => {
    expect(() => refuseWeakPassword('correct horse battery', person)).not.toThrow()
    expect(commonPasswords.size).toBeGreaterThan(200)
    expect([...commonPasswords].every(password => [...password].length >= 12)).toBe(true)
  })
})
