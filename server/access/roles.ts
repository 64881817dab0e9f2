import { randomUUIDv7 } from 'node:crypto'
import { and, asc, eq, ne, sql } from 'drizzle-orm'
import type { Clock } from '#server/clock'
import type { Database, Transaction } from '#server/db/client'
import { permissionUses, rolePermissions, roles } from '#server/db/control/roles'
import { userRoles } from '#server/db/control/users'
import { AppError } from '#shared/errors'
import { builtInRoles, permissions, type Permission } from '#shared/permissions'
import type { CreateRole, UpdateRolePermissions } from '#shared/schemas/access'
import type { RoleView } from '#shared/schemas/access-views'
import type { UserActor } from './actor'
import { recordAudit } from './audit'
import { refuseEscalation, refuseWithoutAdmin } from './role-rules'
import { renewAllOf } from './sessions'

type RoleRow = typeof roles.$inferSelect

export function createRoles({ db, clock }: { db: Database, clock: Clock }) {
  const permission = 'roles:manage' as const

  function find(tx: Transaction, id: string): RoleRow {
    const role = tx.select().from(roles).where(eq(roles.id, id)).get()
    if (!role) throw new AppError('access.role_not_found')
    return role
  }

  function refuseTakenName(tx: Transaction, name: string, exceptId = '') {
    const taken = tx.select({ id: roles.id }).from(roles).where(and(sql`lower(${roles.name}) = lower(${name})`, ne(roles.id, exceptId))).get()
    if (taken) throw new AppError('access.name_taken', { name })
  }

  const subject = ({ id }: RoleRow) => ({ kind: 'role', id })

  return {
    list: (): RoleView[] => roleViews(db),

    create(actor: UserActor, input: CreateRole): RoleView {
      return db.transaction((tx) => {
        refuseTakenName(tx, input.name)
        refuseEscalation(actor, input.permissions)
        const now = clock.now()
        const role = tx.insert(roles).values({ id: randomUUIDv7(), name: input.name, createdAt: now, updatedAt: now }).returning().get()
        setPermissions(tx, role.id, input.permissions)
        recordAudit(tx, { actor, action: 'role.create', permission, params: { role: role.name }, subject: subject(role), after: { ...input }, at: now })
        return roleViews(tx, role.id)[0]!
      }, { behavior: 'immediate' })
    },

    rename(actor: UserActor, id: string, name: string): RoleView {
      return db.transaction((tx) => {
        const role = find(tx, id)
        if (role.builtIn) throw new AppError('access.role_built_in')
        refuseTakenName(tx, name, id)
        tx.update(roles).set({ name, version: role.version + 1, updatedAt: clock.now() }).where(eq(roles.id, id)).run()
        recordAudit(tx, { actor, action: 'role.rename', permission, params: { role: role.name, name }, subject: subject(role), before: { name: role.name }, after: { name }, at: clock.now() })
        return roleViews(tx, id)[0]!
      }, { behavior: 'immediate' })
    },

    /** All of them or none: a table of rights is judged as a whole. */
    updatePermissions(actor: UserActor, input: UpdateRolePermissions): RoleView[] {
      return db.transaction((tx) => {
        for (const { id, version, permissions: wanted } of input.roles) {
          const role = find(tx, id)
          if (role.version !== version) throw new AppError('access.role_stale', { role: role.name })
          const held = permissionsOf(tx, id)
          const added = wanted.filter(item => !held.includes(item))
          const removed = held.filter(item => !wanted.includes(item))
          if (added.length + removed.length === 0) continue
          if (actor.roles.includes(id)) throw new AppError('access.own_role')
          refuseEscalation(actor, added)

          setPermissions(tx, id, wanted)
          tx.update(roles).set({ version: role.version + 1, updatedAt: clock.now() }).where(eq(roles.id, id)).run()
          for (const { userId } of tx.select().from(userRoles).where(eq(userRoles.roleId, id)).all()) renewAllOf(tx, userId)
          recordAudit(tx, {
            actor, action: 'role.update', permission, params: { role: role.name, added: added.length, removed: removed.length }, subject: subject(role),
            before: { permissions: held }, after: { permissions: permissionsOf(tx, id) }, at: clock.now(),
          })
        }
        refuseWithoutAdmin(tx)
        return roleViews(tx)
      }, { behavior: 'immediate' })
    },

    remove(actor: UserActor, id: string): void {
      db.transaction((tx) => {
        const role = find(tx, id)
        if (role.builtIn) throw new AppError('access.role_built_in')
        const count = tx.select().from(userRoles).where(eq(userRoles.roleId, id)).all().length
        if (count) throw new AppError('access.role_in_use', { count })
        const before = { name: role.name, permissions: permissionsOf(tx, id) }
        tx.delete(roles).where(eq(roles.id, id)).run()
        recordAudit(tx, { actor, action: 'role.delete', permission, params: { role: role.name }, subject: subject(role), before, at: clock.now() })
      }, { behavior: 'immediate' })
    },
  }
}

/** The roles a new installation starts with; later ones are left as their admins made them. */
export function seedRoles(db: Database, clock: Clock): void {
  db.transaction((tx) => {
    if (tx.select({ id: roles.id }).from(roles).limit(1).get()) return
    Object.entries(builtInRoles).forEach(([name, granted], order) => {
      const now = new Date(clock.now().getTime() + order)
      tx.insert(roles).values({ id: name, name, builtIn: true, createdAt: now, updatedAt: now }).run()
      setPermissions(tx, name, granted)
    })
  }, { behavior: 'immediate' })
}

function setPermissions(tx: Transaction, roleId: string, wanted: readonly Permission[]) {
  tx.delete(rolePermissions).where(eq(rolePermissions.roleId, roleId)).run()
  for (const permission of new Set(wanted)) tx.insert(rolePermissions).values({ roleId, permission }).run()
}

/** In the order the product lists them. */
function permissionsOf(tx: Transaction | Database, roleId: string): Permission[] {
  const held = new Set(tx.select().from(rolePermissions).where(eq(rolePermissions.roleId, roleId)).all().map(row => row.permission))
  return permissions.filter(permission => held.has(permission))
}

function roleViews(tx: Transaction | Database, id?: string): RoleView[] {
  const only = (column: typeof rolePermissions.roleId | typeof permissionUses.roleId | typeof userRoles.roleId) => id ? eq(column, id) : undefined
  const held = Map.groupBy(tx.select().from(rolePermissions).where(only(rolePermissions.roleId)).all(), row => row.roleId)
  const used = Map.groupBy(tx.select().from(permissionUses).where(only(permissionUses.roleId)).all(), row => row.roleId)
  const people = Map.groupBy(tx.select().from(userRoles).where(only(userRoles.roleId)).all(), row => row.roleId)
  return tx.select().from(roles).where(id ? eq(roles.id, id) : undefined).orderBy(asc(roles.createdAt), asc(roles.id)).all().map((role) => {
    const granted = new Set(held.get(role.id)?.map(row => row.permission))
    return {
      id: role.id, name: role.name, builtIn: role.builtIn, version: role.version,
      users: people.get(role.id)?.length ?? 0,
      permissions: permissions.filter(permission => granted.has(permission)),
      lastUsed: Object.fromEntries(used.get(role.id)?.map(row => [row.permission, row.lastUsedAt.toISOString()]) ?? []),
    }
  })
}
