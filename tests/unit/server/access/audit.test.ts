import { describe, expect, it } from 'vitest'
import { createAccess } from '#server/access/access'
import { ingestKeys } from '#server/db/control/credentials'
import { permissionUses } from '#server/db/control/roles'
import { DAY, MINUTE } from '#shared/units'
import { createTestAccess } from '../../../support/access'

describe('AZ-12 the audit trail', () => {
  it('holds every change of users, roles, tokens and keys, with before and after', async () => {
    const { access, admin } = await createTestAccess()
    const { user } = access.users.create(admin, { email: 'sam@example.com', name: 'Sam', roles: ['viewer'] })
    access.users.update(admin, user.id, { roles: ['operator'] })
    access.users.update(admin, user.id, { disabled: true })
    const role = access.roles.create(admin, { name: 'night', permissions: ['status:read'] })
    access.roles.rename(admin, role.id, 'night shift')
    access.roles.updatePermissions(admin, { roles: [{ id: role.id, version: 2, permissions: ['logs:read'] }] })
    access.roles.remove(admin, role.id)
    access.tokens.create(admin, { name: 'script', permissions: ['logs:read'], days: null })
    const { key } = access.ingestKeys.create(admin, { name: 'gateway', scopes: ['telemetry'], services: null, samplingRatio: 1 })
    access.ingestKeys.revoke(admin, key.id)
    access.users.remove(admin, user.id)

    const { entries } = access.audit.page({ limit: 50 }, 'UTC')
    expect(entries.map(entry => entry.action).reverse()).toEqual([
      'user.set_up', 'user.create', 'user.assign_roles', 'user.disable', 'role.create', 'role.rename', 'role.update', 'role.delete',
      'token.create', 'key.create', 'key.revoke', 'user.delete',
    ])
    expect(entries.find(entry => entry.action === 'role.update')).toMatchObject({
      before: { permissions: ['status:read'] }, after: { permissions: ['logs:read'] }, permission: 'roles:manage', params: { role: 'night shift', added: 1, removed: 1 },
    })
  })

  it('has no row where nothing was changed, and none without its change', async () => {
    const { access, admin } = await createTestAccess()
    const count = () => access.audit.page({ limit: 1 }, 'UTC').counts.done
    const before = count()
    access.users.update(admin, admin.id, { name: 'Ada' })
    expect(() => access.users.create(admin, { email: 'root@example.com', name: 'X', roles: ['viewer'] })).toThrow('access.email_taken')
    expect(() => access.users.create(admin, { email: 'x@example.com', name: 'X', roles: ['nothing'] })).toThrow('access.role_not_found')
    expect(count()).toBe(before)
  })

  it('cannot be changed or deleted through SQL', async () => {
    const { db } = await createTestAccess()
    expect(() => db.$client.exec(`update audit_entries set actor_name = 'nobody'`)).toThrow('audit rows cannot be changed')
    expect(() => db.$client.exec('delete from audit_entries')).toThrow('audit rows cannot be deleted')
  })

  it.each([
    ['one byte of a row', `update audit_entries set actor_name = 'Adb' where number = 2`, 2],
    ['a row in the middle', 'delete from audit_entries where number = 2', 2],
    ['the newest row', 'delete from audit_entries where number = 3', 3],
    ['a row of somebody else\'s', `insert into audit_entries select 4, at, actor_kind, actor_id, actor_name, action, params, outcome, permission, subject_kind, subject_id, before, after, request_id, hash, hash, origin from audit_entries where number = 3`, 4],
  ])('finds out when somebody with the file changes %s', async (_, statement, brokenAt) => {
    const { access, admin, db } = await createTestAccess()
    access.users.create(admin, { email: 'a@example.com', name: 'A', roles: ['viewer'] })
    access.users.create(admin, { email: 'b@example.com', name: 'B', roles: ['viewer'] })
    expect(await access.audit.verify()).toMatchObject({ holds: true, checked: 3, head: { number: 3 } })
    db.$client.exec('drop trigger audit_entries_no_update; drop trigger audit_entries_no_delete')
    db.$client.exec(statement)
    expect(await access.audit.verify()).toMatchObject({ holds: false, brokenAt })
  })

  it('is read page by page, whole or in part', async () => {
    const { access, admin } = await createTestAccess()
    for (let i = 0; i < 5; i++) access.tokens.create(admin, { name: `t${i}`, permissions: ['logs:read'], days: null })
    const first = access.audit.page({ limit: 4 }, 'UTC')
    const second = access.audit.page({ limit: 4, before: first.next! }, 'UTC')
    expect([...first.entries, ...second.entries].map(entry => entry.number)).toEqual([6, 5, 4, 3, 2, 1])
    expect(second.next).toBeNull()
    expect(access.audit.page({ limit: 10, subjectKind: 'user' }, 'UTC').entries).toHaveLength(1)
    expect(access.audit.page({ limit: 10, outcome: 'refused' }, 'UTC').entries).toHaveLength(0)
  })
})

describe('AZ-12 the audit trail, searched', () => {
  const found = (access: Awaited<ReturnType<typeof createTestAccess>>['access'], query: { text?: string, from?: string, to?: string, before?: number }, zone = 'UTC') =>
    access.audit.page({ limit: 50, ...query }, zone).entries.map(({ action }) => action)

  it('finds what rows say in either language, and about whom, every word of it', async () => {
    const { access, admin } = await createTestAccess()
    access.users.create(admin, { email: 'sam@example.com', name: 'Sam 100%', roles: ['viewer'] })
    access.tokens.create(admin, { name: 'Samovar', permissions: ['logs:read'], days: null })
    expect(found(access, { text: 'sam' })).toEqual(['token.create', 'user.create'])
    expect(found(access, { text: 'sam INVITED' })).toEqual(['user.create'])
    expect(found(access, { text: '초대' })).toEqual(['user.create'])
    expect(found(access, { text: '100%' })).toEqual(['user.create'])
    expect(found(access, { text: 'users:manage' })).toEqual(['user.create'])
    expect(found(access, { text: 'nobody' })).toEqual([])
  })

  it('keeps to whole days of the reader, and counts those', async () => {
    const { access, admin, clock } = await createTestAccess()
    clock.advance(DAY)
    access.tokens.create(admin, { name: 'next day', permissions: ['logs:read'], days: null })
    const day = (at: Date) => at.toISOString().slice(0, 10)
    expect(found(access, { from: day(clock.now()), to: day(clock.now()) })).toEqual(['token.create'])
    expect(found(access, { to: day(new Date(clock.now().getTime() - DAY)) })).toEqual(['user.set_up'])
    expect(access.audit.page({ limit: 1, from: day(clock.now()) }, 'UTC').counts).toMatchObject({ done: 1 })
  })

  it('begins to look for words where the dates begin, however much came after', async () => {
    const { access, admin, db, clock } = await createTestAccess()
    access.tokens.create(admin, { name: 'script', permissions: ['logs:read'], days: null })
    const day = clock.now().toISOString().slice(0, 10)
    const columns = db.$client.prepare(`select group_concat(name) from pragma_table_info('audit_entries') where name not in ('number', 'at')`).pluck().get()
    db.$client.exec(`with recursive later(i) as (select 1 union all select i + 1 from later where i < 10010)
      insert into audit_entries (at, ${columns}) select at + ${2 * DAY} + i, ${columns} from audit_entries, later where number = 1`)
    expect(found(access, { text: 'script', from: day, to: day })).toEqual(['token.create'])
    expect(found(access, { text: 'script' })).toEqual([])
  })

  it('narrows to a permission, and gives out all of it row by row', async () => {
    const { access, admin } = await createTestAccess()
    access.users.create(admin, { email: 'sam@example.com', name: 'Sam', roles: ['viewer'] })
    for (let i = 0; i < 501; i++) access.tokens.create(admin, { name: `t${i}`, permissions: ['logs:read'], days: null })
    expect(access.audit.page({ limit: 50, permission: 'users:manage' }, 'UTC').entries.map(({ action }) => action)).toEqual(['user.create'])

    const numbers: number[] = []
    for await (const { number } of access.audit.entries({}, 'UTC')) numbers.push(number)
    expect(numbers).toEqual(Array.from({ length: 503 }, (_, i) => 503 - i))
    const some = []
    for await (const { action } of access.audit.entries({ text: 't500' }, 'UTC')) some.push(action)
    expect(some).toEqual(['token.create'])
  })

  it('says from where somebody acted, inside the chain', async () => {
    const { access, admin, db } = await createTestAccess()
    access.tokens.create({ ...admin, cameBy: { requestId: 'r-1', address: '10.0.3.41', userAgent: 'Firefox/140' } }, { name: 'script', permissions: ['logs:read'], days: null })
    expect(access.audit.page({ limit: 1 }, 'UTC').entries[0]).toMatchObject({ requestId: 'r-1', origin: { address: '10.0.3.41', userAgent: 'Firefox/140', via: 'session', id: admin.via.id } })
    expect(found(access, { text: '10.0.3.41' })).toEqual(['token.create'])
    expect(await access.audit.verify()).toMatchObject({ holds: true })
    db.$client.exec(`drop trigger audit_entries_no_update; update audit_entries set origin = json_set(origin, '$.address', '10.0.0.1') where number = 2`)
    expect(await access.audit.verify()).toMatchObject({ holds: false, brokenAt: 2 })
  })
})

describe('ingest keys', () => {
  it('OT-01 are generated with 256 bits or brought, kept as a digest, and shown once', async () => {
    const { access, admin, db } = await createTestAccess()
    const made = access.ingestKeys.create(admin, { name: 'gateway', scopes: ['telemetry'], services: ['API-Gateway'], samplingRatio: 0.5 })
    expect(Buffer.from(made.secret!.replace('bongsu_key_', ''), 'base64url')).toHaveLength(32)
    const value = 'k'.repeat(32)
    expect(access.ingestKeys.create(admin, { name: 'own', scopes: ['changes'], services: null, samplingRatio: 1, value }).secret).toBeNull()
    expect(() => access.ingestKeys.create(admin, { name: 'again', scopes: ['changes'], services: null, samplingRatio: 1, value })).toThrow('access.key_taken')

    const stored = JSON.stringify([db.select().from(ingestKeys).all(), access.ingestKeys.list(), access.audit.page({ limit: 50 }, 'UTC')])
    expect(stored).not.toContain(made.secret)
    expect(stored).not.toContain(value)
    expect(access.ingestKeys.grants()).toMatchObject([{ name: 'gateway', services: ['api-gateway'], samplingRatio: 0.5 }, { name: 'own' }])
  })

  it('tell the receivers when one is made or revoked, and stop counting at once', async () => {
    const { access, admin } = await createTestAccess()
    let told = 0
    access.ingestKeys.onChange(() => told++)
    const { key, secret } = access.ingestKeys.create(admin, { name: 'gateway', scopes: ['changes'], services: null, samplingRatio: 1 })
    expect(access.identifyKey(secret!)).toMatchObject({ kind: 'key', scopes: ['changes'] })
    access.ingestKeys.revoke(admin, key.id)
    expect(access.identifyKey(secret!)).toBeUndefined()
    expect(access.ingestKeys.grants()).toEqual([])
    expect(access.ingestKeys.list()).toMatchObject([{ name: 'gateway', revokedAt: expect.any(String) }])
    expect(told).toBe(2)
  })
})

describe('the last use of a permission', () => {
  it('is noted for the roles that granted it, and survives a restart', async () => {
    const { access, admin, addUser, signIn, clock, db } = await createTestAccess()
    await addUser('op@example.com', ['operator', 'support'])
    access.noteUse(await signIn('op@example.com'), 'logs:read')
    access.noteUse(admin, 'users:manage')
    clock.advance(MINUTE)
    expect(db.select().from(permissionUses).all().map(row => `${row.roleId} ${row.permission}`).sort()).toEqual(['admin users:manage', 'operator logs:read'])
    const again = createAccess({ db, clock })
    expect(again.roles.list().find(role => role.id === 'operator')!.lastUsed).toHaveProperty('logs:read')
  })

  it('tells the second of two admins that the role has changed', async () => {
    const { access, admin } = await createTestAccess()
    const viewer = access.roles.list().find(role => role.id === 'viewer')!
    const change = { roles: [{ id: 'viewer', version: viewer.version, permissions: viewer.permissions.slice(1) }] }
    access.roles.updatePermissions(admin, change)
    expect(() => access.roles.updatePermissions(admin, change)).toThrow('access.role_stale')
  })
})
