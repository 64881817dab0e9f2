import { eq } from 'drizzle-orm'
import type { Database } from '#server/db/client'
import { loginFailures } from '#server/db/control/credentials'
import { AppError } from '#shared/errors'
import { accountLimit, addressLimit, fail, isForgotten, secondsBlocked, type Limit } from './throttle-rules'
import { networkOf } from './network'

export type Throttle = ReturnType<typeof createThrottle>

/** Counts failed sign-ins by account and by address. An unknown name is counted like a known one. */
export function createThrottle({ db, now }: { db: Database, now: () => Date }) {
  const subjectsOf = (email: string, address: string | undefined): [string, Limit][] => [
    [`account:${email}`, accountLimit],
    ...(address ? [[`address:${networkOf(address)}`, addressLimit] satisfies [string, Limit]] : []),
  ]
  const read = (subject: string) => db.select().from(loginFailures).where(eq(loginFailures.subject, subject)).get()

  return {
    /**
     * Refuses while a block lasts, the right password too. Otherwise counts the attempt as failed before the slow
     * part, so that a hundred at once are a hundred.
     */
    admit(email: string, address: string | undefined): void {
      db.transaction((tx) => {
        const subjects = subjectsOf(email, address).map(([subject, limit]) => ({ subject, limit, state: read(subject) }))
        const seconds = Math.max(...subjects.map(({ state }) => secondsBlocked(state, now())))
        if (seconds > 0) throw new AppError('access.throttled', { seconds })
        for (const { subject, limit, state } of subjects) {
          const next = fail(state, limit, now())
          tx.insert(loginFailures).values({ subject, ...next }).onConflictDoUpdate({ target: loginFailures.subject, set: next }).run()
        }
      }, { behavior: 'immediate' })
    },

    /** The attempt succeeded, or was not judged at all: it no longer counts; a success clears the account. */
    forgive(email: string, address: string | undefined, { clear }: { clear: boolean }): void {
      db.transaction((tx) => {
        for (const [subject, limit] of subjectsOf(email, address)) {
          const state = read(subject)
          if (!state) continue
          const failures = state.failures - 1
          if (failures <= 0 || (clear && limit === accountLimit)) tx.delete(loginFailures).where(eq(loginFailures.subject, subject)).run()
          else tx.update(loginFailures).set({ failures, blockedUntil: failures < limit.failures ? null : state.blockedUntil }).where(eq(loginFailures.subject, subject)).run()
        }
      }, { behavior: 'immediate' })
    },

    forgetOld(): void {
      const old = db.select().from(loginFailures).all()
        .filter(row => isForgotten(row, row.subject.startsWith('account:') ? accountLimit : addressLimit, now()))
      for (const { subject } of old) db.delete(loginFailures).where(eq(loginFailures.subject, subject)).run()
    },
  }
}
