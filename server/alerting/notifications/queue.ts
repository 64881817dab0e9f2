import { randomUUIDv7 } from 'node:crypto'
import { and, asc, count, desc, eq, gt, inArray, isNull, lte, or, sql } from 'drizzle-orm'
import { union } from 'drizzle-orm/sqlite-core'
import type { Clock } from '#server/clock'
import type { Database, Transaction } from '#server/db/client'
import { consumers, endpoints, notices, notificationAttempts, notificationChannels, notificationDeliveries, notificationMessages } from '#server/db/control/schema'
import type { Sentence } from '#shared/text/text'
import { SECOND, type Millis } from '#shared/units'
import type { StoredNotice } from './content'
import { joinDue, stormWindow } from './joining'
import type { Outcome } from './outcome'
import { claim, nextTry } from './retry'

export type MessageRow = typeof notificationMessages.$inferSelect

/** A destination that is in trouble is asked before its time when there is something new to tell it, but not sooner than this. */
const soonest: Millis = 10 * SECOND

export type Queue = ReturnType<typeof createQueue>

/** What is owed and what became of it, as rows. */
export function createQueue({ db, clock, random, nameOf }: { db: Database, clock: Clock, random: () => number, nameOf: (destination: { channelId: string | null, userId: string | null }) => string }) {
  // Asked every second for as long as the process lives.
  const due = union(
    db.select({ destination: notificationDeliveries.destination }).from(notificationDeliveries)
      .where(and(isNull(notificationDeliveries.messageId), or(isNull(notificationDeliveries.heldUntil), lte(notificationDeliveries.heldUntil, sql.placeholder('now'))))),
    db.select({ destination: notificationMessages.destination }).from(notificationMessages)
      .where(and(eq(notificationMessages.state, 'waiting'), lte(notificationMessages.nextAt, sql.placeholder('now')))),
  ).prepare()

  return {
    /** Destinations that may have something to be sent now. */
    destinations: (): string[] => due.all({ now: clock.now().getTime() }).map(({ destination }) => destination),

    /**
     * The next message of a destination, claimed for as long as a try may take: what waits first, and nothing past it, so
     * that the order of an incident is kept; else what is owed, joined. Whoever dies with it leaves it to the next after
     * the claim.
     */
    claimNext(destination: string): MessageRow | undefined {
      return db.transaction((tx) => {
        const now = clock.now()
        const first = tx.select().from(notificationMessages).where(and(eq(notificationMessages.destination, destination), eq(notificationMessages.state, 'waiting'))).orderBy(asc(notificationMessages.createdAt)).get()
        const next = first ? (isDue(tx, first, now) ? first : undefined) : join(tx, destination, now)
        return next && tx.update(notificationMessages).set({ firstAttemptAt: next.firstAttemptAt ?? now, nextAt: new Date(now.getTime() + claim), earliestAt: null })
          .where(eq(notificationMessages.id, next.id)).returning().get()
      }, { behavior: 'immediate' })
    },

    /** What a message tells, oldest first. */
    noticesOf(messageId: string): StoredNotice[] {
      const rows = db.select({ notice: notices }).from(notificationDeliveries).innerJoin(notices, eq(notices.id, notificationDeliveries.noticeId))
        .where(eq(notificationDeliveries.messageId, messageId)).orderBy(asc(notices.createdAt), asc(notices.id)).all().map(({ notice }) => notice)
      return rows.map(({ endpointIds, consumers: consumerIds, ...notice }) => ({
        ...notice,
        endpoints: endpointIds.length
          ? db.select({ id: endpoints.id, method: endpoints.method, template: endpoints.template, nameKo: endpoints.nameKo, nameEn: endpoints.nameEn }).from(endpoints).where(inArray(endpoints.id, endpointIds)).all()
          : [],
        consumers: named(consumerIds),
      }))
    },

    /** Writes down how a try went, and what follows from it. */
    record(message: MessageRow, { answer, result, pause }: Outcome, took: Millis, { once = false } = {}): MessageRow {
      return db.transaction((tx) => {
        const now = clock.now()
        const { tried } = tx.select({ tried: count() }).from(notificationAttempts).where(eq(notificationAttempts.messageId, message.id)).get()!
        tx.insert(notificationAttempts).values({ messageId: message.id, number: tried + 1, at: now, took: Math.round(took), succeeded: result === 'sent', answer }).run()
        if (result === 'gone' && message.channelId !== null) tx.update(notificationChannels).set({ goneAt: now }).where(eq(notificationChannels.id, message.channelId)).run()
        const again = result === 'later' && !once ? nextTry({ first: message.firstAttemptAt ?? now, now, pause, random: random() }) : undefined
        const values = result === 'sent'
          ? { state: 'sent' as const, finishedAt: now }
          : again
            ? { state: 'waiting' as const, nextAt: again, earliestAt: new Date(now.getTime() + Math.max(pause ?? 0, soonest)) }
            : { state: once ? 'dropped' as const : 'dead' as const, finishedAt: now }
        return tx.update(notificationMessages).set(values).where(eq(notificationMessages.id, message.id)).returning().get()
      }, { behavior: 'immediate' })
    },

    /** Whom it was for is not there any more. */
    drop(message: MessageRow, answer: Sentence): void {
      db.transaction((tx) => {
        const now = clock.now()
        const { tried } = tx.select({ tried: count() }).from(notificationAttempts).where(eq(notificationAttempts.messageId, message.id)).get()!
        tx.insert(notificationAttempts).values({ messageId: message.id, number: tried + 1, at: now, took: 0, succeeded: false, answer }).run()
        tx.update(notificationMessages).set({ state: 'dropped', finishedAt: now }).where(eq(notificationMessages.id, message.id)).run()
      }, { behavior: 'immediate' })
    },
  }

  /** By its plan, or because something new came up behind it while its destination was in trouble. */
  function isDue(tx: Transaction, message: MessageRow, now: Date): boolean {
    if (message.nextAt <= now) return true
    if (message.earliestAt === null || message.earliestAt > now) return false
    const last = tx.select({ at: notificationAttempts.at }).from(notificationAttempts).where(eq(notificationAttempts.messageId, message.id)).orderBy(desc(notificationAttempts.number)).get()
    return last !== undefined && tx.select({ id: notificationDeliveries.id }).from(notificationDeliveries).where(and(
      eq(notificationDeliveries.destination, message.destination), isNull(notificationDeliveries.messageId), isNull(notificationDeliveries.heldUntil), gt(notificationDeliveries.createdAt, last.at),
    )).get() !== undefined
  }

  function join(tx: Transaction, destination: string, now: Date): MessageRow | undefined {
    const owed = tx.select({ id: notificationDeliveries.id, heldUntil: notificationDeliveries.heldUntil, incidentId: notices.incidentId, channelId: notificationDeliveries.channelId, userId: notificationDeliveries.userId })
      .from(notificationDeliveries).innerJoin(notices, eq(notices.id, notificationDeliveries.noticeId))
      .where(and(eq(notificationDeliveries.destination, destination), isNull(notificationDeliveries.messageId))).orderBy(asc(notices.createdAt), asc(notices.id)).all()
    const recent = tx.select({ at: notificationMessages.createdAt }).from(notificationMessages)
      .where(and(eq(notificationMessages.destination, destination), gt(notificationMessages.createdAt, new Date(now.getTime() - stormWindow)))).all().map(({ at }) => at)
    const joined = joinDue(owed, { now, recent })
    if (joined.length === 0) return undefined
    const { channelId, userId } = owed[0]!
    const id = randomUUIDv7()
    const message = tx.insert(notificationMessages).values({ id, destination, channelId, userId, recipient: nameOf({ channelId, userId }), state: 'waiting', nextAt: now, createdAt: now }).returning().get()
    tx.update(notificationDeliveries).set({ messageId: id }).where(inArray(notificationDeliveries.id, joined.map(delivery => delivery.id))).run()
    return message
  }

  function named(ids: string[]): { id: string, name: string }[] {
    if (ids.length === 0) return []
    const known = new Map(db.select({ id: consumers.id, name: consumers.name }).from(consumers).where(inArray(consumers.id, ids)).all().map(({ id, name }) => [id, name]))
    return ids.map(id => ({ id, name: known.get(id) ?? '' }))
  }
}
