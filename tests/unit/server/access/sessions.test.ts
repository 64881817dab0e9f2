import { join } from 'node:path'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { openControl } from '#server/db/client'
import { sessions } from '#server/db/control/sessions'
import { HOUR, MINUTE } from '#shared/units'
import { createTestAccess, goodPassword } from '../../../support/access'
import { temporaryFolder } from '../../../support/telemetry-store'

const browser = { address: '192.0.2.1', userAgent: 'test' }
const credentials = { email: 'root@example.com', password: goodPassword }

describe('sessions', () => {
  it('AN-08 end 30 minutes after the last request', async () => {
    const { access, clock } = await createTestAccess()
    const token = await access.sessions.signIn(credentials, browser)
    clock.advance(29 * MINUTE)
    expect(access.identifySession(token)).toBeDefined()
    clock.advance(29 * MINUTE)
    expect(access.identifySession(token)).toBeDefined()
    clock.advance(30 * MINUTE)
    expect(access.identifySession(token)).toBeUndefined()
  })

  it('AN-08 end 12 hours after they began, however busy', async () => {
    const { access, clock } = await createTestAccess()
    const token = await access.sessions.signIn(credentials, browser)
    for (let passed = 0; passed < 12 * HOUR - 10 * MINUTE; passed += 10 * MINUTE) {
      clock.advance(10 * MINUTE)
      expect(access.identifySession(token)).toBeDefined()
    }
    clock.advance(10 * MINUTE)
    expect(access.identifySession(token)).toBeUndefined()
  })

  it('AN-07 are over with the next request after signing out, after "everywhere else", after disabling and deleting', async () => {
    const { access, addUser, admin } = await createTestAccess()
    const token = await access.sessions.signIn(credentials, browser)
    access.sessions.end(access.identifySession(token)!, token)
    expect(access.identifySession(token)).toBeUndefined()

    const here = await access.sessions.signIn(credentials, browser)
    const there = await access.sessions.signIn(credentials, browser)
    access.sessions.endOthers(access.identifySession(here)!)
    expect(access.identifySession(here)).toBeDefined()
    expect(access.identifySession(there)).toBeUndefined()

    const current = access.identifySession(here)!
    for (const end of [(id: string) => access.users.update(current, id, { disabled: true }), (id: string) => access.users.remove(current, id)]) {
      const user = await addUser(`x${Math.random()}@example.com`, ['viewer'], admin)
      const open = await access.sessions.signIn({ email: user.email, password: goodPassword }, browser)
      expect(access.identifySession(open)).toBeDefined()
      end(user.id)
      expect(access.identifySession(open)).toBeUndefined()
    }
  })

  it('AN-06 begin with a new token at every sign-in and change of password', async () => {
    const { access } = await createTestAccess()
    const first = await access.sessions.signIn(credentials, browser)
    const second = await access.sessions.signIn(credentials, browser)
    expect(second).not.toBe(first)

    const third = await access.account.changePassword(access.identifySession(second)!, { current: goodPassword, password: 'another good long one' }, browser)
    expect(access.identifySession(first)).toBeUndefined()
    expect(access.identifySession(second)).toBeUndefined()
    expect(access.identifySession(third)).toBeDefined()
  })

  it('AN-06 are not begun, nor is a password set, for who was disabled or got another password meanwhile', async () => {
    const { access, admin, addUser, signIn } = await createTestAccess()
    const users = [await addUser('away@example.com', ['viewer']), await addUser('reset@example.com', ['viewer'])] as const
    const input = { current: goodPassword, password: 'whatever the thief likes' }
    const [byAway, byThief] = (await Promise.all(users.map(({ email }) => signIn(email)))).map(thief => access.account.changePassword(thief, input, browser))

    access.users.update(admin, users[0].id, { disabled: true })
    const { token } = access.users.createResetLink(admin, users[1].id)
    await Promise.all([
      expect(byAway).rejects.toMatchObject({ code: 'access.wrong_password' }),
      expect(byThief).rejects.toMatchObject({ code: 'access.wrong_password' }),
      access.links.resetPassword({ token, password: 'what the owner has chosen' }),
    ])
    await signIn(users[1].email, 'what the owner has chosen')
  })

  it('are begun, renewed and moved to another password while another process writes to the file', async () => {
    const path = join(temporaryFolder(), 'control.db')
    const [db, other] = [openControl(path), openControl(path)]
    onTestFinished(() => [db, other].forEach(({ $client }) => void $client.close()))
    const { access, admin, addUser } = await createTestAccess({ db })
    const user = await addUser('sam@example.com', ['viewer'])
    const prepare = db.$client.prepare.bind(db.$client)
    other.$client.pragma('busy_timeout = 0')
    // Between what was read and what is written; it is refused where it has to wait.
    const prepared = vi.spyOn(db.$client, 'prepare').mockImplementation((sql: string) => {
      if (db.$client.inTransaction && !sql.startsWith('select')) {
        try {
          other.$client.exec('update users set updated_at = updated_at + 1')
        }
        catch (error) {
          expect(error).toMatchObject({ code: 'SQLITE_BUSY' })
        }
      }
      return prepare(sql) as never
    })
    onTestFinished(() => prepared.mockRestore())
    const first = await access.sessions.signIn({ email: user.email, password: goodPassword }, browser)
    access.users.update(admin, user.id, { roles: ['operator'] })
    const second = access.sessions.renew(first, browser)!
    const actor = access.identifySession(second)!
    access.account.update(actor, { name: 'Sam' })
    access.recordRefusal(actor, { code: 'access.forbidden', permission: 'roles:manage', requestId: 'r', method: 'GET', route: '/api/roles' })
    await access.account.changePassword(actor, { current: goodPassword, password: 'another good long one' }, browser)
  })

  it('AN-06 get a new token after a change of roles, and the old one dies', async () => {
    const { access, admin, addUser, clock } = await createTestAccess()
    const user = await addUser('sam@example.com', ['viewer'])
    const old = await access.sessions.signIn({ email: user.email, password: goodPassword }, browser)
    access.users.update(admin, user.id, { roles: ['operator'] })

    const fresh = access.sessions.renew(old, browser)!
    expect(access.sessions.renew(old, browser)).toBeUndefined()
    expect(access.identifySession(fresh)).toBeDefined()
    clock.advance(11_000)
    expect(access.identifySession(old)).toBeUndefined()
    expect(access.identifySession(fresh)).toMatchObject({ via: { renew: false } })
  })

  it('AZ-08 carry the rights of this moment', async () => {
    const { access, admin, addUser } = await createTestAccess()
    const user = await addUser('sam@example.com', ['viewer'])
    const token = await access.sessions.signIn({ email: user.email, password: goodPassword }, browser)
    expect(access.identifySession(token)!.permissions.has('traces:read')).toBe(false)
    access.users.update(admin, user.id, { roles: ['operator'] })
    expect(access.identifySession(token)!.permissions.has('traces:read')).toBe(true)
  })

  it('AN-10 are kept as a digest only', async () => {
    const { access, db } = await createTestAccess()
    const token = await access.sessions.signIn(credentials, browser)
    expect(JSON.stringify(db.select().from(sessions).all())).not.toContain(token)
    expect(Buffer.from(token, 'base64url')).toHaveLength(32)
  })

  it('write when somebody was last seen once a minute, not once a request', async () => {
    const { access, clock, db } = await createTestAccess()
    const token = await access.sessions.signIn(credentials, browser)
    const seen = () => db.select().from(sessions).all().find(row => row.userAgent === 'test')!.lastSeenAt.getTime()
    const start = seen()
    clock.advance(30_000)
    for (let i = 0; i < 100; i++) access.identifySession(token)
    expect(seen()).toBe(start)
    clock.advance(MINUTE)
    expect(seen()).toBe(start + 30_000)
  })
})
