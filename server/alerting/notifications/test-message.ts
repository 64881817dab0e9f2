import { randomUUIDv7 } from 'node:crypto'
import { and, desc, eq } from 'drizzle-orm'
import { recordAudit, type UserActor } from '#server/access/access'
import type { Clock } from '#server/clock'
import type { Database } from '#server/db/client'
import { notices, notificationDeliveries, notificationMessages } from '#server/db/control/schema'
import { AppError } from '#shared/errors'
import type { TestAnswer } from '#shared/schemas/notification'
import { SECOND, type Millis } from '#shared/units'
import type { createDrain } from './drain'
import { destinationOf } from './outbox'
import { claim } from './retry'

/** Between two tests of one place: whoever presses a button again and again must not flood somebody's room. */
const between: Millis = 5 * SECOND

/**
 * Sends a message that says that it is a test, at once and once, in the form and on the way of every other one, and
 * answers what came back.
 */
export function createTest({ db, clock, attempt }: { db: Database, clock: Clock, attempt: ReturnType<typeof createDrain>['attempt'] }) {
  return async (actor: UserActor, to: { channelId: string | null, userId: string | null, name: string }): Promise<TestAnswer> => {
    const message = db.transaction((tx) => {
      const now = clock.now()
      const destination = destinationOf(to)
      const last = tx.select({ at: notices.createdAt }).from(notices).innerJoin(notificationDeliveries, eq(notificationDeliveries.noticeId, notices.id))
        .where(and(eq(notices.kind, 'test'), eq(notificationDeliveries.destination, destination))).orderBy(desc(notices.createdAt)).get()
      const wait = last ? last.at.getTime() + between - now.getTime() : 0
      if (wait > 0) throw new AppError('request.too_many', { seconds: Math.ceil(wait / SECOND) })
      const [noticeId, id] = [randomUUIDv7(), randomUUIDv7()]
      tx.insert(notices).values({
        id: noticeId, key: `test:${noticeId}`, kind: 'test', incidentId: null, number: null, severity: 'warning',
        title: { code: 'notifications.message.test.title' }, facts: [{ code: 'notifications.message.test.fact', params: { name: actor.name } }],
        services: [], endpointIds: [], consumers: [], path: '/', at: now, createdAt: now,
      }).run()
      const row = tx.insert(notificationMessages).values({
        id, destination, channelId: to.channelId, userId: to.userId, recipient: to.name, state: 'waiting', firstAttemptAt: now, nextAt: new Date(now.getTime() + claim), createdAt: now,
      }).returning().get()
      tx.insert(notificationDeliveries).values({ id: randomUUIDv7(), noticeId, destination, channelId: to.channelId, userId: to.userId, messageId: id, createdAt: now }).run()
      recordAudit(tx, { actor, action: 'channel.test', params: { channel: to.name }, subject: { kind: to.channelId === null ? 'user' : 'channel', id: to.channelId ?? to.userId! }, at: now })
      return row
    }, { behavior: 'immediate' })
    const began = clock.monotonic()
    const { result, answer } = await attempt(message, { once: true })
    return { sent: result === 'sent', answer, took: Math.round(clock.monotonic() - began) }
  }
}
