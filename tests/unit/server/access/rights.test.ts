import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Access } from '#server/access/access'
import { AppError } from '#shared/errors'
import type { Permission } from '#shared/permissions'
import { createTestAccess, goodPassword } from '../../../support/access'

const code = (run: () => unknown) => {
  try {
    run()
    return 'ok'
  }
  catch (error) {
    if (error instanceof AppError) return error.code
    throw error
  }
}

describe('AZ-06 nobody', () => {
  it('grants what they do not hold, by role, user, token or reach', async () => {
    const { access, admin, addUser, signIn } = await createTestAccess()
    const keeper = access.roles.create(admin, { name: 'keeper', permissions: ['users:manage', 'roles:manage', 'status:read'] })
    await addUser('kim@example.com', [keeper.id])
    const kim = await signIn('kim@example.com')
    const viewer = access.roles.list().find(role => role.id === 'viewer')!

    expect(code(() => access.users.create(kim, { email: 'x@example.com', name: 'X', roles: ['admin'] }))).toBe('access.escalation')
    expect(code(() => access.roles.create(kim, { name: 'all', permissions: ['audit:read'] }))).toBe('access.escalation')
    expect(code(() => access.roles.updatePermissions(kim, { roles: [{ id: 'viewer', version: viewer.version, permissions: [...viewer.permissions, 'logs:read'] }] }))).toBe('access.escalation')
    expect(code(() => access.tokens.create(kim, { name: 't', permissions: ['logs:read'], days: null }))).toBe('access.escalation')
    // A reset link for somebody above would be a way to become them.
    for (const reach of [() => access.users.createResetLink(kim, admin.id), () => access.users.update(kim, admin.id, { email: 'mine@example.com' }), () => access.users.remove(kim, admin.id)]) {
      expect(code(reach)).toBe('access.escalation')
    }
    expect(code(() => access.users.create(kim, { email: 'y@example.com', name: 'Y', roles: [keeper.id] }))).toBe('ok')
  })

  it('changes their own roles, or what these grant', async () => {
    const { access, admin } = await createTestAccess()
    const role = access.roles.list().find(role => role.id === 'admin')!
    expect(code(() => access.users.update(admin, admin.id, { roles: ['viewer'] }))).toBe('access.own_role')
    expect(code(() => access.roles.updatePermissions(admin, { roles: [{ id: 'admin', version: role.version, permissions: [] }] }))).toBe('access.own_role')
  })

  it('keeps more through a token than the owner still has', async () => {
    const { access, admin, addUser, signIn } = await createTestAccess()
    const user = await addUser('op@example.com', ['operator'])
    const { secret } = access.tokens.create(await signIn('op@example.com'), { name: 't', permissions: ['logs:read', 'status:read'], days: null })
    expect([...access.identifyToken(secret)!.permissions].sort()).toEqual(['logs:read', 'status:read'])
    access.users.update(admin, user.id, { roles: ['viewer'] })
    expect([...access.identifyToken(secret)!.permissions]).toEqual(['status:read'])
    access.users.update(admin, user.id, { disabled: true })
    expect(access.identifyToken(secret)).toBeUndefined()
  })

  it('makes a password or another token out of a token', async () => {
    const { access, admin } = await createTestAccess()
    const token = access.identifyToken(access.tokens.create(admin, { name: 't', permissions: ['status:read'], days: 1 }).secret)!
    expect(code(() => access.tokens.create(token, { name: 'u', permissions: ['status:read'], days: null }))).toBe('access.session_required')
    await expect(access.account.changePassword(token, { current: goodPassword, password: 'yet another long one' }, {})).rejects.toMatchObject({ code: 'access.session_required' })
  })
})

describe('AZ-05 people of the same role', () => {
  it('do not see, end or remove each other\'s sessions and tokens', async () => {
    const { access, addUser, signIn } = await createTestAccess()
    await addUser('a@example.com', ['operator'])
    await addUser('b@example.com', ['operator'])
    const [a, b] = [await signIn('a@example.com'), await signIn('b@example.com')]
    const { token } = access.tokens.create(a, { name: 'mine', permissions: ['status:read'], days: null })
    expect(access.account.describe(b).tokens).toEqual([])
    expect(access.account.describe(b).sessions.map(session => session.id)).toEqual([b.via.id])
    expect(code(() => access.tokens.remove(b, token.id))).toBe('access.token_not_found')
    expect(code(() => access.sessions.endOne(b, a.via.id))).toBe('access.session_not_found')
  })
})

describe('AZ-07 the last admin', () => {
  it('cannot be disabled, deleted or demoted, nor lose the role by way of the role', async () => {
    const { access, admin, addUser, signIn } = await createTestAccess()
    await addUser('ben@example.com', ['admin'])
    const ben = await signIn('ben@example.com')
    access.users.update(ben, admin.id, { disabled: true })

    expect(code(() => access.users.update(ben, ben.id, { disabled: true }))).toBe('access.last_admin')
    expect(code(() => access.users.remove(ben, ben.id))).toBe('access.last_admin')
    expect(code(() => access.users.update(ben, ben.id, { roles: ['viewer'] }))).toBe('access.own_role')
    expect(code(() => access.roles.remove(ben, 'admin'))).toBe('access.role_built_in')
    expect(code(() => access.roles.rename(ben, 'admin', 'boss'))).toBe('access.role_built_in')

    const other = access.roles.create(ben, { name: 'other', permissions: [...ben.permissions] })
    await addUser('cleo@example.com', [other.id], ben)
    const cleo = await signIn('cleo@example.com')
    access.users.update(cleo, ben.id, { disabled: true })
    const roles = access.roles.list()
    expect(code(() => access.roles.updatePermissions(cleo, { roles: roles.filter(role => role.id === other.id).map(role => ({ id: role.id, version: role.version, permissions: [] })) }))).toBe('access.own_role')
    expect(code(() => access.users.remove(cleo, cleo.id))).toBe('access.last_admin')
  })

  it('is not somebody who never chose a password', async () => {
    const { access, admin } = await createTestAccess()
    access.users.create(admin, { email: 'invited@example.com', name: 'Ida', roles: ['admin'] })
    expect(code(() => access.users.remove(admin, admin.id))).toBe('access.last_admin')
  })

  it('stays one when two admins demote each other at once, fifty times', async () => {
    const { access, admin, addUser, signIn } = await createTestAccess()
    await addUser('ben@example.com', ['admin'])
    const ben = await signIn('ben@example.com')
    for (let round = 0; round < 50; round++) {
      const outcomes = await Promise.all([[admin, ben], [ben, admin]].map(async ([by, whom]) => code(() => access.users.update(by!, whom!.id, { roles: ['viewer'] }))))
      expect(outcomes.filter(outcome => outcome === 'ok')).toHaveLength(1)
      const [loser, winner] = outcomes[0] === 'ok' ? [ben, admin] : [admin, ben]
      access.users.update(winner, loser.id, { roles: ['admin'] })
    }
  })

  it('is left by any sequence of changes', async () => {
    const { access, admin, addUser, db } = await createTestAccess()
    await addUser('ben@example.com', ['admin'])
    await addUser('eve@example.com', ['operator'])
    const custom = access.roles.create(admin, { name: 'managers', permissions: ['users:manage', 'roles:manage'] })
    const people = access.users.list().map(user => user.id)
    const roleIds = ['admin', 'operator', custom.id]

    const person = fc.nat(people.length - 1).map(i => people[i]!)
    const change = fc.oneof(
      fc.record({ kind: fc.constant('roles' as const), by: person, whom: person, roles: fc.subarray(roleIds, { minLength: 1 }) }),
      fc.record({ kind: fc.constant('disabled' as const), by: person, whom: person, disabled: fc.boolean() }),
      fc.record({ kind: fc.constant('remove' as const), by: person, whom: person }),
      fc.record({ kind: fc.constant('grant' as const), by: person, role: fc.constantFrom('operator', custom.id, 'admin'), permissions: fc.subarray<Permission>(['users:manage', 'roles:manage', 'status:read']) }),
    )
    const admins = () => access.users.list().filter((user) => {
      const rights = new Set(user.roles.flatMap(role => access.roles.list().find(({ id }) => id === role.id)!.permissions))
      return user.state === 'active' && rights.has('users:manage') && rights.has('roles:manage')
    }).length

    fc.assert(fc.property(fc.array(change, { maxLength: 25 }), (changes) => {
      const savepoint = db.$client
      savepoint.exec('savepoint round')
      try {
        for (const change of changes) {
          const by = access.users.list().find(user => user.id === change.by)
          if (!by || by.state !== 'active') continue
          const actor = actorFor(access, by.id, by.roles.map(role => role.id))
          if (!actor.permissions.has(change.kind === 'grant' ? 'roles:manage' : 'users:manage')) continue
          code(() => {
            if (change.kind === 'roles') access.users.update(actor, change.whom, { roles: change.roles })
            else if (change.kind === 'disabled') access.users.update(actor, change.whom, { disabled: change.disabled })
            else if (change.kind === 'remove') access.users.remove(actor, change.whom)
            else access.roles.updatePermissions(actor, { roles: [{ id: change.role, version: access.roles.list().find(role => role.id === change.role)!.version, permissions: change.permissions }] })
          })
          expect(admins()).toBeGreaterThan(0)
        }
      }
      finally {
        savepoint.exec('rollback to round; release round')
      }
    }), { numRuns: 60 })
  }, 30_000)
})

function actorFor(access: Access, id: string, roles: string[]) {
  const permissions = new Set(access.roles.list().filter(role => roles.includes(role.id)).flatMap(role => role.permissions))
  return { kind: 'user' as const, id, name: 'x', email: 'x@example.com', roles, permissions, via: { kind: 'session' as const, id: '', renew: false }, language: null, zone: null, theme: null }
}
