import { eq } from 'drizzle-orm'
import type { Clock } from '#server/clock'
import type { Database } from '#server/db/client'
import { users } from '#server/db/control/users'
import { AppError } from '#shared/errors'
import type { ChangePassword, UpdateAccount } from '#shared/schemas/access'
import type { AccountView } from '#shared/schemas/access-views'
import { refuseToken, type UserActor } from './actor'
import { recordAudit } from './audit'
import type { PasswordHasher } from './password-hash'
import { refuseWeakPassword } from './password-rules'
import { isSameSecret } from './secret'
import { endAllOf, type Browser, type Sessions } from './sessions'
import type { Throttle } from './throttle'
import type { Tokens } from './tokens'
import { roleNamesByUser } from './user-rows'

/** What everybody may do with their own account. */
export function createAccount({ db, clock, hasher, throttle, sessions, tokens }: {
  db: Database, clock: Clock, hasher: PasswordHasher, throttle: Throttle, sessions: Sessions, tokens: Tokens
}) {
  const subject = (actor: UserActor) => ({ kind: 'user', id: actor.id })

  function describe(actor: UserActor): AccountView {
    const { name, email, language, zone, theme } = db.select().from(users).where(eq(users.id, actor.id)).get()!
    return {
      name, email, language, zone, theme,
      roles: roleNamesByUser(db, actor.id).get(actor.id) ?? [],
      permissions: [...actor.permissions],
      sessions: sessions.list(actor),
      tokens: tokens.list(actor),
    }
  }

  return {
    /** Ends every session and answers the token of a new one. Guessing the current password is throttled like signing in. */
    async changePassword(actor: UserActor, { current, password }: ChangePassword, browser: Browser): Promise<string> {
      refuseToken(actor)
      const user = db.select().from(users).where(eq(users.id, actor.id)).get()
      throttle.admit(actor.email, browser.address)
      const fits = await hasher.verify(current, user?.passwordHash ?? null).catch((error) => {
        throttle.forgive(actor.email, browser.address, { clear: false })
        throw error
      })
      if (!fits) throw new AppError('access.wrong_password')
      throttle.forgive(actor.email, browser.address, { clear: true })
      refuseWeakPassword(password, actor)
      const passwordHash = await hasher.hash(password)

      return db.transaction((tx) => {
        // What was true before the slow part may not be any more.
        const still = tx.select().from(users).where(eq(users.id, actor.id)).get()
        if (!still || still.disabledAt || !isSameSecret(still.passwordHash, user!.passwordHash)) throw new AppError('access.wrong_password')
        tx.update(users).set({ passwordHash, updatedAt: clock.now() }).where(eq(users.id, actor.id)).run()
        endAllOf(tx, actor.id)
        recordAudit(tx, { actor, action: 'account.password', subject: subject(actor), at: clock.now() })
        return sessions.begin(tx, actor.id, browser)
      }, { behavior: 'immediate' })
    },

    describe,

    update(actor: UserActor, input: UpdateAccount): AccountView {
      refuseToken(actor)
      db.transaction((tx) => {
        const { name, language, zone, theme } = tx.select().from(users).where(eq(users.id, actor.id)).get()!
        const before: Required<UpdateAccount> = { name, language, zone, theme }
        const changed = (Object.keys(input) as (keyof UpdateAccount)[]).filter(field => input[field] !== before[field])
        if (!changed.length) return
        tx.update(users).set({ ...input, updatedAt: clock.now() }).where(eq(users.id, actor.id)).run()
        const only = (values: UpdateAccount) => Object.fromEntries(changed.map(field => [field, values[field]]))
        recordAudit(tx, { actor, action: 'account.update', subject: subject(actor), before: only(before), after: only(input), at: clock.now() })
      }, { behavior: 'immediate' })
      return describe(actor)
    },
  }
}
