import { and, eq, inArray, isNotNull, isNull, sql } from 'drizzle-orm'
import type { Transaction } from '#server/db/client'
import { rolePermissions } from '#server/db/control/roles'
import { userRoles, users } from '#server/db/control/users'
import { AppError } from '#shared/errors'
import type { Permission } from '#shared/permissions'
import type { UserActor } from './actor'

/** Nobody gives away, or reaches over, what they do not hold themselves. */
export function refuseEscalation(actor: UserActor, permissions: Iterable<Permission>): void {
  const missing = [...new Set(permissions)].filter(permission => !actor.permissions.has(permission))
  if (missing.length) throw new AppError('access.escalation', { permissions: missing.join(', ') })
}

export function permissionsOfRoles(tx: Transaction, roleIds: readonly string[]): Permission[] {
  return tx.selectDistinct({ permission: rolePermissions.permission }).from(rolePermissions)
    .where(inArray(rolePermissions.roleId, [...roleIds])).all().map(row => row.permission)
}

export function rolesOfUser(tx: Transaction, userId: string): string[] {
  return tx.select({ id: userRoles.roleId }).from(userRoles).where(eq(userRoles.userId, userId)).all().map(row => row.id)
}

/**
 * Somebody who can sign in must be left who may manage users and roles, or nobody could undo a mistake. Asked after
 * the change, inside its transaction, which is what makes two admins who demote each other take turns.
 */
export function refuseWithoutAdmin(tx: Transaction): void {
  const admin = tx.select({ id: users.id }).from(users)
    .innerJoin(userRoles, eq(userRoles.userId, users.id))
    .innerJoin(rolePermissions, eq(rolePermissions.roleId, userRoles.roleId))
    .where(and(isNull(users.disabledAt), isNotNull(users.passwordHash), inArray(rolePermissions.permission, ['users:manage', 'roles:manage'])))
    .groupBy(users.id).having(sql`count(distinct ${rolePermissions.permission}) = 2`)
    .limit(1).get()
  if (!admin) throw new AppError('access.last_admin')
}
