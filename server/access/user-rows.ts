import { randomUUIDv7 } from 'node:crypto'
import { and, asc, eq, inArray, ne, sql } from 'drizzle-orm'
import type { Database, Transaction } from '#server/db/client'
import { roles } from '#server/db/control/roles'
import { userRoles, users } from '#server/db/control/users'
import { AppError } from '#shared/errors'
import type { UserView } from '#shared/schemas/access-views'

export type UserRow = typeof users.$inferSelect

export function insertUser(tx: Transaction, { name, email, roles, passwordHash = null, at }: {
  name: string, email: string, roles: string[], passwordHash?: string | null, at: Date
}): UserRow {
  refuseTakenEmail(tx, email)
  const user = tx.insert(users).values({ id: randomUUIDv7(), name, email, passwordHash, createdAt: at, updatedAt: at }).returning().get()
  setRoles(tx, user.id, roles)
  return user
}

export function setRoles(tx: Transaction, userId: string, roleIds: string[]): void {
  const wanted = [...new Set(roleIds)]
  const known = tx.select({ id: roles.id }).from(roles).where(inArray(roles.id, wanted)).all()
  if (known.length !== wanted.length) throw new AppError('access.role_not_found')
  tx.delete(userRoles).where(eq(userRoles.userId, userId)).run()
  for (const roleId of wanted) tx.insert(userRoles).values({ userId, roleId }).run()
}

export function refuseTakenEmail(tx: Transaction, email: string, exceptId = ''): void {
  const taken = tx.select({ id: users.id }).from(users).where(and(eq(users.email, email), ne(users.id, exceptId))).get()
  if (taken) throw new AppError('access.email_taken', { email })
}

/** Everybody in two queries, however many they are. */
export function userViews(tx: Transaction | Database, id?: string): UserView[] {
  const people = tx.select().from(users).where(id ? eq(users.id, id) : undefined).orderBy(asc(users.name), asc(users.id)).all()
  const held = roleNamesByUser(tx, id)
  return people.map(person => ({
    id: person.id, name: person.name, email: person.email, roles: held.get(person.id) ?? [],
    state: person.disabledAt ? 'disabled' : person.passwordHash ? 'active' : 'invited',
    lastSeenAt: person.lastSeenAt?.toISOString() ?? null,
    createdAt: person.createdAt.toISOString(),
  }))
}

/** The roles of one user, asked for every page. */
export function prepareHeldRoles(db: Database) {
  return db.select({ id: roles.id, name: roles.name, builtIn: roles.builtIn })
    .from(userRoles).innerJoin(roles, eq(roles.id, userRoles.roleId))
    .where(eq(userRoles.userId, sql.placeholder('userId'))).orderBy(asc(roles.createdAt), asc(roles.id)).prepare()
}

export function roleNamesByUser(tx: Transaction | Database, id?: string): Map<string, { id: string, name: string, builtIn: boolean }[]> {
  const rows = tx.select({ userId: userRoles.userId, id: roles.id, name: roles.name, builtIn: roles.builtIn })
    .from(userRoles).innerJoin(roles, eq(roles.id, userRoles.roleId))
    .where(id ? eq(userRoles.userId, id) : undefined).orderBy(asc(roles.createdAt), asc(roles.id)).all()
  const byUser = new Map<string, { id: string, name: string, builtIn: boolean }[]>()
  for (const { userId, ...role } of rows) byUser.set(userId, [...byUser.get(userId) ?? [], role])
  return byUser
}
