import { and, eq, gt, isNull, sql } from 'drizzle-orm'
import type { Clock } from '#server/clock'
import type { Database, Transaction } from '#server/db/client'
import { oneTimeLinks } from '#server/db/control/credentials'
import { users } from '#server/db/control/users'
import { AppError } from '#shared/errors'
import type { ResetPassword, SetUp } from '#shared/schemas/access'
import { MINUTE } from '#shared/units'
import { recordAudit } from './audit'
import type { PasswordHasher } from './password-hash'
import { refuseWeakPassword } from './password-rules'
import { createSecret, digest } from './secret'
import { cameByOf, endAllOf, type Browser, type Sessions } from './sessions'
import { insertUser } from './user-rows'

const lasts = 30 * MINUTE

export interface OneTimeLink {
  token: string
  expiresAt: Date
}

/** Links that work once: the first account, and choosing a password. Whoever sends one never sees the password. */
export function createLinks({ db, clock, hasher, sessions }: { db: Database, clock: Clock, hasher: PasswordHasher, sessions: Sessions }) {
  const anybody = db.select({ one: sql<number>`1` }).from(users).limit(1).prepare()
  let setUp = false
  const isEmpty = (tx: Transaction | Database) => !tx.select({ one: sql`1` }).from(users).limit(1).get()

  function find(tx: Transaction | Database, token: string) {
    return tx.select().from(oneTimeLinks).where(and(eq(oneTimeLinks.tokenHash, digest(token)), gt(oneTimeLinks.expiresAt, clock.now()))).get()
  }

  return {
    /** Asked for every page; the last admin cannot be removed, so that it stays true. */
    isSetUp: () => (setUp ||= Boolean(anybody.get())),

    /** The way in while nobody has an account; undefined from then on. Each call replaces the link before. */
    openSetup(): OneTimeLink | undefined {
      return db.transaction((tx) => {
        if (!isEmpty(tx)) return undefined
        tx.delete(oneTimeLinks).where(isNull(oneTimeLinks.userId)).run()
        return insertLink(tx, clock, null)
      }, { behavior: 'immediate' })
    },

    async setUp(input: SetUp, browser: Browser): Promise<string> {
      if (!isEmpty(db)) throw new AppError('access.setup_done')
      const link = find(db, input.token)
      if (!link || link.userId) throw new AppError('access.link_invalid')
      refuseWeakPassword(input.password, input)
      const passwordHash = await hasher.hash(input.password)

      return db.transaction((tx) => {
        // Two who were both let in above meet here, one after the other.
        if (!isEmpty(tx)) throw new AppError('access.setup_done')
        tx.delete(oneTimeLinks).where(isNull(oneTimeLinks.userId)).run()
        const user = insertUser(tx, { name: input.name, email: input.email, roles: ['admin'], passwordHash, at: clock.now() })
        recordAudit(tx, {
          actor: { kind: 'user', id: user.id, name: user.name, cameBy: { ...cameByOf(browser), via: 'link' } }, action: 'user.set_up', params: { name: user.name }, subject: { kind: 'user', id: user.id },
          after: { name: user.name, email: user.email, roles: ['admin'] }, at: clock.now(),
        })
        return sessions.begin(tx, user.id, browser)
      }, { behavior: 'immediate' })
    },

    /** Ends every session of the person, so that whoever knew the old password is out. */
    async resetPassword({ token, password }: ResetPassword): Promise<{ email: string }> {
      const link = find(db, token)
      const user = link?.userId ? db.select().from(users).where(and(eq(users.id, link.userId), isNull(users.disabledAt))).get() : undefined
      if (!user) throw new AppError('access.link_invalid')
      refuseWeakPassword(password, user)
      const passwordHash = await hasher.hash(password)

      db.transaction((tx) => {
        if (!find(tx, token)) throw new AppError('access.link_invalid')
        tx.delete(oneTimeLinks).where(eq(oneTimeLinks.userId, user.id)).run()
        tx.update(users).set({ passwordHash, updatedAt: clock.now() }).where(eq(users.id, user.id)).run()
        endAllOf(tx, user.id)
        recordAudit(tx, { actor: { kind: 'user', id: user.id, name: user.name }, action: 'user.choose_password', params: { name: user.name }, subject: { kind: 'user', id: user.id }, at: clock.now() })
      }, { behavior: 'immediate' })
      return { email: user.email }
    },

    forgetExpired(): void {
      db.delete(oneTimeLinks).where(sql`${oneTimeLinks.expiresAt} <= ${clock.now().getTime()}`).run()
    },
  }
}

/** A new link makes those before it useless. */
export function insertLink(tx: Transaction, clock: Clock, userId: string | null): OneTimeLink {
  if (userId) tx.delete(oneTimeLinks).where(eq(oneTimeLinks.userId, userId)).run()
  const token = createSecret()
  const expiresAt = new Date(clock.now().getTime() + lasts)
  tx.insert(oneTimeLinks).values({ tokenHash: digest(token), userId, expiresAt }).run()
  return { token, expiresAt }
}
