import { eq } from 'drizzle-orm'
import type { Clock } from '#server/clock'
import type { Database, Transaction } from '#server/db/client'
import { users } from '#server/db/control/users'
import { AppError } from '#shared/errors'
import type { CreateUser, UpdateUser } from '#shared/schemas/access'
import type { UserView } from '#shared/schemas/access-views'
import type { UserActor } from './actor'
import { recordAudit } from './audit'
import { insertLink, type OneTimeLink } from './links'
import { permissionsOfRoles, refuseEscalation, refuseWithoutAdmin, rolesOfUser } from './role-rules'
import { endAllOf, renewAllOf } from './sessions'
import { insertUser, refuseTakenEmail, setRoles, userViews, type UserRow } from './user-rows'

export function createUsers({ db, clock }: { db: Database, clock: Clock }) {
  const permission = 'users:manage' as const

  /** Whoever manages users still does not reach over those who may do more. */
  function reach(tx: Transaction, actor: UserActor, id: string): UserRow {
    const user = tx.select().from(users).where(eq(users.id, id)).get()
    if (!user) throw new AppError('access.user_not_found')
    if (id !== actor.id) refuseEscalation(actor, permissionsOfRoles(tx, rolesOfUser(tx, id)))
    return user
  }

  const subject = ({ id }: { id: string }) => ({ kind: 'user', id })

  return {
    list: () => userViews(db),

    create(actor: UserActor, input: CreateUser): { user: UserView, link: OneTimeLink } {
      return db.transaction((tx) => {
        refuseEscalation(actor, permissionsOfRoles(tx, input.roles))
        const user = insertUser(tx, { ...input, at: clock.now() })
        const link = insertLink(tx, clock, user.id)
        recordAudit(tx, {
          actor, action: 'user.create', permission, params: { name: user.name }, subject: subject(user),
          after: { name: user.name, email: user.email, roles: input.roles }, at: clock.now(),
        })
        return { user: userViews(tx, user.id)[0]!, link }
      }, { behavior: 'immediate' })
    },

    update(actor: UserActor, id: string, input: UpdateUser): UserView {
      return db.transaction((tx) => {
        const user = reach(tx, actor, id)
        const before = fieldsOf(user, rolesOfUser(tx, id))
        const after = { ...before, ...input, roles: input.roles ? [...new Set(input.roles)].sort() : before.roles }
        const changed = (Object.keys(before) as (keyof typeof before)[]).filter(field => String(before[field]) !== String(after[field]))
        if (changed.length === 0) return userViews(tx, id)[0]!

        if (changed.includes('roles')) {
          if (id === actor.id) throw new AppError('access.own_role')
          refuseEscalation(actor, permissionsOfRoles(tx, after.roles))
          setRoles(tx, id, after.roles)
          renewAllOf(tx, id)
        }
        if (changed.includes('email')) refuseTakenEmail(tx, after.email, id)
        tx.update(users).set({
          name: after.name, email: after.email, updatedAt: clock.now(),
          ...(changed.includes('disabled') && { disabledAt: after.disabled ? clock.now() : null }),
        }).where(eq(users.id, id)).run()
        if (after.disabled) endAllOf(tx, id)
        refuseWithoutAdmin(tx)
        recordAudit(tx, {
          actor, action: actionOf(changed, after.disabled), permission, params: { name: user.name }, subject: subject(user),
          before: pick(before, changed), after: pick(after, changed), at: clock.now(),
        })
        return userViews(tx, id)[0]!
      }, { behavior: 'immediate' })
    },

    remove(actor: UserActor, id: string): void {
      db.transaction((tx) => {
        const user = reach(tx, actor, id)
        const before = fieldsOf(user, rolesOfUser(tx, id))
        tx.delete(users).where(eq(users.id, id)).run()
        refuseWithoutAdmin(tx)
        recordAudit(tx, { actor, action: 'user.delete', permission, params: { name: user.name }, subject: subject(user), before, at: clock.now() })
      }, { behavior: 'immediate' })
    },

    /** The old password goes on working until the link is used: a link sent by mistake locks nobody out. */
    createResetLink(actor: UserActor, id: string): OneTimeLink {
      return db.transaction((tx) => {
        const user = reach(tx, actor, id)
        const link = insertLink(tx, clock, id)
        recordAudit(tx, { actor, action: 'user.reset_link', permission, params: { name: user.name }, subject: subject(user), at: clock.now() })
        return link
      }, { behavior: 'immediate' })
    },
  }
}

function fieldsOf(user: UserRow, roles: string[]) {
  return { name: user.name, email: user.email, roles: [...roles].sort(), disabled: user.disabledAt !== null }
}

function actionOf(changed: string[], disabled: boolean): string {
  if (changed.length > 1) return 'user.update'
  if (changed[0] === 'disabled') return disabled ? 'user.disable' : 'user.enable'
  return changed[0] === 'roles' ? 'user.assign_roles' : 'user.update'
}

function pick<T extends object>(from: T, keys: (keyof T)[]): Record<string, unknown> {
  return Object.fromEntries(keys.map(key => [key, from[key]]))
}
