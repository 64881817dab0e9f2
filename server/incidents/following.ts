import { and, eq } from 'drizzle-orm'
import { can, recordAudit, type UserActor } from '#server/access/access'
import type { Transaction } from '#server/db/client'
import { incidentFollowers } from '#server/db/control/schema'
import { AppError } from '#shared/errors'
import { findRow, numberOf } from './incident-rows'
import type { Room } from './room'

/** Who wants to hear of one incident: over their own routes, or by plain mail where they have none. */
export function createFollowing({ db, clock }: Room) {
  return {
    isFollowing: (userId: string, incidentId: string): boolean =>
      db.select({ at: incidentFollowers.at }).from(incidentFollowers).where(and(eq(incidentFollowers.incidentId, incidentId), eq(incidentFollowers.userId, userId))).get() !== undefined,

    /** Asked twice, it is done once; the answer is what holds now. */
    follow(actor: UserActor, id: string, { following }: { following: boolean }): { following: boolean } {
      if (!can(actor, 'incidents:read')) throw new AppError('access.forbidden', { permission: 'incidents:read' })
      return db.transaction((tx) => {
        const row = findRow(tx, id)
        if (following && row.status === 'merged') throw new AppError('incident.merged', { number: numberOf(row) })
        const at = clock.now()
        const one = { incidentId: row.id, userId: actor.id }
        const { changes } = following
          ? tx.insert(incidentFollowers).values({ ...one, at }).onConflictDoNothing().run()
          : tx.delete(incidentFollowers).where(and(eq(incidentFollowers.incidentId, row.id), eq(incidentFollowers.userId, actor.id))).run()
        if (changes) recordAudit(tx, { actor, action: following ? 'incident.follow' : 'incident.unfollow', params: { number: numberOf(row) }, subject: { kind: 'incident', id: row.id }, at })
        return { following }
      }, { behavior: 'immediate' })
    },
  }
}

/** Who follows what became part of another one goes on to hear of it. */
export function keepFollowers(tx: Transaction, from: string, to: string): void {
  for (const row of tx.select().from(incidentFollowers).where(eq(incidentFollowers.incidentId, from)).all()) {
    tx.insert(incidentFollowers).values({ ...row, incidentId: to }).onConflictDoNothing().run()
  }
}
