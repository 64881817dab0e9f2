import { randomUUIDv7 } from 'node:crypto'
import { and, desc, eq, gt, lt, ne, or } from 'drizzle-orm'
import type { Clock } from '#server/clock'
import type { Database, Transaction } from '#server/db/client'
import { sessions } from '#server/db/control/sessions'
import { users } from '#server/db/control/users'
import { AppError } from '#shared/errors'
import type { AccountView } from '#shared/schemas/access-views'
import { SECOND } from '#shared/units'
import { refuseToken, type Actor, type CameBy, type UserActor } from './actor'
import { recordAudit } from './audit'
import type { PasswordHasher } from './password-hash'
import { createSecret, digest, isSameSecret } from './secret'
import { idleSince, isSessionAlive, sessionEnd } from './session-rules'
import type { Sightings } from './sightings'
import type { Throttle } from './throttle'

export interface Browser {
  address?: string
  userAgent?: string
}

/** The request of somebody who is not signed in yet, for the audit trail. */
export function cameByOf({ address, userAgent }: Browser): CameBy {
  return { address, userAgent }
}

export type Sessions = ReturnType<typeof createSessions>

export function createSessions({ db, clock, hasher, throttle, sightings }: {
  db: Database, clock: Clock, hasher: PasswordHasher, throttle: Throttle, sightings: Sightings
}) {
  /** The secret is answered once and kept nowhere. */
  function begin(tx: Transaction, userId: string, { address, userAgent }: Browser, endsAt = sessionEnd(clock.now())): string {
    const token = createSecret()
    const now = clock.now()
    tx.insert(sessions).values({
      tokenHash: digest(token), id: randomUUIDv7(), userId, address, userAgent: userAgent?.slice(0, 256), createdAt: now, lastSeenAt: now, endsAt,
    }).run()
    tx.update(users).set({ lastSeenAt: now }).where(eq(users.id, userId)).run()
    return token
  }

  return {
    begin,

    /** Unknown, disabled and mistaken look alike, in words and in time. */
    async signIn({ email, password }: { email: string, password: string }, browser: Browser): Promise<string> {
      const name = email.toLowerCase()
      throttle.admit(name, browser.address)
      const user = db.select().from(users).where(eq(users.email, name)).get()
      const fits = await hasher.verify(password, user?.passwordHash ?? null).catch((error) => {
        throttle.forgive(name, browser.address, { clear: false })
        throw error
      })
      if (!user || !fits) throw new AppError('access.wrong_credentials')

      const better = hasher.isOutdated(user.passwordHash!) ? await hasher.hash(password) : undefined
      const token = db.transaction((tx) => {
        // What was true before the slow part may not be any more.
        const still = tx.select().from(users).where(eq(users.id, user.id)).get()
        if (!still || still.disabledAt || !isSameSecret(still.passwordHash, user.passwordHash)) throw new AppError('access.wrong_credentials')
        if (better) tx.update(users).set({ passwordHash: better }).where(eq(users.id, user.id)).run()
        recordAudit(tx, { actor: { kind: 'user', id: user.id, name: user.name, cameBy: { ...cameByOf(browser), via: 'password' } }, action: 'session.start', subject: { kind: 'user', id: user.id }, at: clock.now() })
        return begin(tx, user.id, browser)
      }, { behavior: 'immediate' })
      throttle.forgive(name, browser.address, { clear: true })
      return token
    },

    end(actor: Actor, token: string): void {
      db.transaction((tx) => {
        const { changes } = tx.delete(sessions).where(eq(sessions.tokenHash, digest(token))).run()
        if (changes && actor.kind === 'user') recordAudit(tx, { actor, action: 'session.end', subject: { kind: 'user', id: actor.id }, at: clock.now() })
      })
    },

    /**
     * A new token for the same session. The old one goes on for some seconds, because the browser has requests under
     * way with it.
     */
    renew(token: string, browser: Browser): string | undefined {
      return db.transaction((tx) => {
        const old = tx.select().from(sessions).where(eq(sessions.tokenHash, digest(token))).get()
        if (!old?.renew) return undefined
        tx.update(sessions).set({ renew: false, endsAt: new Date(Math.min(old.endsAt.getTime(), clock.now().getTime() + 10 * SECOND)) })
          .where(eq(sessions.tokenHash, old.tokenHash)).run()
        return begin(tx, old.userId, browser, old.endsAt)
      }, { behavior: 'immediate' })
    },

    list(actor: UserActor): AccountView['sessions'] {
      const now = clock.now()
      return db.select().from(sessions)
        .where(and(eq(sessions.userId, actor.id), gt(sessions.endsAt, now)))
        .orderBy(desc(sessions.createdAt)).all()
        .map(session => ({ ...session, lastSeenAt: sightings.sessionSeen(session.tokenHash) ?? session.lastSeenAt }))
        .filter(session => isSessionAlive(session, now))
        .map(({ id, address, userAgent, createdAt, lastSeenAt, endsAt }) => ({
          id, address, userAgent, current: id === actor.via.id,
          createdAt: createdAt.toISOString(), lastSeenAt: lastSeenAt.toISOString(), endsAt: endsAt.toISOString(),
        }))
    },

    endOne(actor: UserActor, id: string): void {
      refuseToken(actor)
      db.transaction((tx) => {
        const { changes } = tx.delete(sessions).where(and(eq(sessions.id, id), eq(sessions.userId, actor.id))).run()
        if (!changes) throw new AppError('access.session_not_found')
        recordAudit(tx, { actor, action: 'session.end_one', subject: { kind: 'user', id: actor.id }, at: clock.now() })
      })
    },

    endOthers(actor: UserActor): void {
      refuseToken(actor)
      db.transaction((tx) => {
        endAllOf(tx, actor.id, actor.via.id)
        recordAudit(tx, { actor, action: 'session.end_others', subject: { kind: 'user', id: actor.id }, at: clock.now() })
      })
    },

    forgetEnded(): void {
      const now = clock.now()
      db.delete(sessions).where(or(lt(sessions.endsAt, now), lt(sessions.lastSeenAt, idleSince(now)))).run()
    },
  }
}

export function endAllOf(tx: Transaction, userId: string, exceptId?: string): void {
  tx.delete(sessions).where(and(eq(sessions.userId, userId), exceptId ? ne(sessions.id, exceptId) : undefined)).run()
}

/** Rights changed: whoever holds these sessions gets a new token with the next request. */
export function renewAllOf(tx: Transaction, userId: string): void {
  tx.update(sessions).set({ renew: true }).where(eq(sessions.userId, userId)).run()
}
