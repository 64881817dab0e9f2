import { and, count, desc, eq, gt } from 'drizzle-orm'
import type { Database } from '#server/db/client'
import { notificationAttempts, notificationMessages } from '#server/db/control/schema'
import type { ChannelView } from '#shared/schemas/notification'

/** What the tries of a destination say of it. */
export function healthOf(db: Database, destination: string): ChannelView['health'] {
  const tries = db.select({ at: notificationAttempts.at, answer: notificationAttempts.answer }).from(notificationAttempts)
    .innerJoin(notificationMessages, eq(notificationMessages.id, notificationAttempts.messageId))
  const here = eq(notificationMessages.destination, destination)
  const last = tries.where(here).orderBy(desc(notificationAttempts.at)).limit(1).get()
  if (!last) return { failures: 0, lastTriedAt: null, lastSentAt: null, answer: null }
  const good = db.select({ at: notificationAttempts.at }).from(notificationAttempts)
    .innerJoin(notificationMessages, eq(notificationMessages.id, notificationAttempts.messageId))
    .where(and(here, eq(notificationAttempts.succeeded, true))).orderBy(desc(notificationAttempts.at)).limit(1).get()
  const { failures } = db.select({ failures: count() }).from(notificationAttempts)
    .innerJoin(notificationMessages, eq(notificationMessages.id, notificationAttempts.messageId))
    .where(and(here, eq(notificationAttempts.succeeded, false), ...good ? [gt(notificationAttempts.at, good.at)] : [])).get()!
  return { failures, lastTriedAt: last.at.toISOString(), lastSentAt: good?.at.toISOString() ?? null, answer: last.answer }
}
