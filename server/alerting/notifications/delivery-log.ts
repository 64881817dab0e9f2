import { and, asc, count, desc, eq, inArray, isNotNull, isNull, lt, notInArray, or } from 'drizzle-orm'
import { recordAudit, type UserActor } from '#server/access/access'
import type { Clock } from '#server/clock'
import type { Database } from '#server/db/client'
import { notices, notificationAttempts, notificationDeliveries, notificationMessages } from '#server/db/control/schema'
import { AppError } from '#shared/errors'
import type { MessagePage, MessageQuery, MessageView } from '#shared/schemas/notification'
import type { Millis } from '#shared/units'
import type { MessageRow } from './queue'

/** What was sent, is waiting or was given up, newest first. */
export function createDeliveryLog({ db, clock, retention }: { db: Database, clock: Clock, retention: Millis }) {
  return {
    list({ state, destination, before, limit }: MessageQuery): MessagePage {
      const rows = db.select().from(notificationMessages).where(and(
        ...state ? [eq(notificationMessages.state, state)] : [],
        ...destination ? [eq(notificationMessages.destination, destination)] : [],
        // Ids are in the order in which they were made.
        ...before ? [lt(notificationMessages.id, before)] : [],
      )).orderBy(desc(notificationMessages.id)).limit(limit + 1).all()
      const messages = rows.slice(0, limit)
      const { held } = db.select({ held: count() }).from(notificationDeliveries).where(isNull(notificationDeliveries.messageId)).get()!
      return { messages: views(messages), next: rows.length > limit ? messages.at(-1)!.id : null, held }
    },

    counts(): { dead: number, waiting: number } {
      const of = (state: MessageRow['state']) => db.select({ n: count() }).from(notificationMessages).where(eq(notificationMessages.state, state)).get()!.n
      return { dead: of('dead'), waiting: of('waiting') }
    },

    /** What was given up begins anew, with all its tries before it. */
    sendAgain(actor: UserActor, id: string): MessageView {
      return db.transaction((tx) => {
        const row = tx.select().from(notificationMessages).where(eq(notificationMessages.id, id)).get()
        if (!row) throw new AppError('notification.message_not_found')
        if (row.state !== 'dead') throw new AppError('notification.not_dead')
        const now = clock.now()
        const next = tx.update(notificationMessages).set({ state: 'waiting', firstAttemptAt: null, nextAt: now, earliestAt: null, finishedAt: null }).where(eq(notificationMessages.id, id)).returning().get()
        recordAudit(tx, { actor, action: 'message.send_again', permission: 'settings:manage', params: { recipient: row.recipient }, subject: { kind: 'message', id }, at: now })
        return views([next])[0]!
      }, { behavior: 'immediate' })
    },

    /** What is older than the log keeps, and done; what still waits is never forgotten. */
    forgetOld(): void {
      const before = new Date(clock.now().getTime() - retention)
      db.transaction((tx) => {
        // Takes tries and deliveries along.
        tx.delete(notificationMessages).where(and(lt(notificationMessages.createdAt, before), lt(notificationMessages.finishedAt, before))).run()
        const owed = tx.select({ id: notificationDeliveries.noticeId }).from(notificationDeliveries).leftJoin(notificationMessages, eq(notificationMessages.id, notificationDeliveries.messageId))
          .where(or(isNull(notificationDeliveries.messageId), isNotNull(notificationMessages.id)))
        tx.delete(notices).where(and(lt(notices.createdAt, before), notInArray(notices.id, owed))).run()
      }, { behavior: 'immediate' })
    },
  }

  function views(rows: MessageRow[]): MessageView[] {
    if (rows.length === 0) return []
    const ids = rows.map(({ id }) => id)
    const told = Map.groupBy(db.select({ messageId: notificationDeliveries.messageId, notice: notices }).from(notificationDeliveries).innerJoin(notices, eq(notices.id, notificationDeliveries.noticeId))
      .where(inArray(notificationDeliveries.messageId, ids)).orderBy(asc(notices.createdAt), asc(notices.id)).all(), ({ messageId }) => messageId)
    const tries = Map.groupBy(db.select().from(notificationAttempts).where(inArray(notificationAttempts.messageId, ids)).orderBy(asc(notificationAttempts.number)).all(), ({ messageId }) => messageId)
    return rows.map(row => ({
      id: row.id, destination: row.destination, recipient: row.recipient, state: row.state, createdAt: row.createdAt.toISOString(),
      nextAt: row.state === 'waiting' ? row.nextAt.toISOString() : null, finishedAt: row.finishedAt?.toISOString() ?? null,
      notices: (told.get(row.id) ?? []).map(({ notice: { kind, incidentId, number, severity, title, at } }) => ({ kind, incidentId, number, severity, title, at: at.toISOString() })),
      attempts: (tries.get(row.id) ?? []).map(({ number, at, took, succeeded, answer }) => ({ number, at: at.toISOString(), took, succeeded, answer })),
    }))
  }
}
