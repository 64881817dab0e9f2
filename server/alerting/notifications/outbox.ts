import { randomUUIDv7 } from 'node:crypto'
import { and, eq, inArray, isNotNull, isNull, sql } from 'drizzle-orm'
import type { Clock } from '#server/clock'
import type { Transaction } from '#server/db/client'
import { endpoints, notices, notificationChannels, notificationDeliveries, notificationRoutes, rolePermissions, services, userRoles, users } from '#server/db/control/schema'
import type { NoticeEvent } from '#shared/schemas/notification'
import type { Notice } from './notice'
import { earliest, wayOf } from './routing'

export type RouteRow = typeof notificationRoutes.$inferSelect

/** Where deliveries that belong together go: everything of one destination stands in one line. */
export function destinationOf({ channelId, userId }: { channelId: string | null, userId: string | null }): string {
  return channelId === null ? `user:${userId}` : `channel:${channelId}`
}

/** Writes down what is to be told and to whom, in the caller's transaction: what it says stands or falls with it. */
export function createOutbox({ clock }: { clock: Clock }) {
  return {
    enqueue(tx: Transaction, notice: Notice): void {
      const now = clock.now()
      const row = tx.insert(notices).values({ ...notice, id: randomUUIDv7(), createdAt: now }).onConflictDoNothing({ target: notices.key }).returning().get()
      if (!row) return
      const told = { event: notice.kind.slice('incident.'.length) as NoticeEvent, severity: notice.severity, teams: ownersOf(tx, notice), at: now }
      const known = knownTo(tx, notice.incidentId)
      for (const [destination, routes] of Map.groupBy(openRoutes(tx), destinationOf)) {
        const way = earliest(routes.map(route => wayOf(route, { ...told, known: known.has(destination) })))
        if (way === 'never') continue
        const { channelId, userId } = routes[0]!
        tx.insert(notificationDeliveries).values({ id: randomUUIDv7(), noticeId: row.id, destination, channelId, userId, heldUntil: way === 'now' ? null : way, createdAt: now }).run()
      }
    },
  }
}

/** Those that lead somewhere now: to a channel that is on, or to a person who may read incidents. */
function openRoutes(tx: Transaction): RouteRow[] {
  const mayRead = tx.selectDistinct({ id: users.id }).from(users)
    .innerJoin(userRoles, eq(userRoles.userId, users.id))
    .innerJoin(rolePermissions, eq(rolePermissions.roleId, userRoles.roleId))
    .where(and(isNull(users.disabledAt), eq(rolePermissions.permission, 'incidents:read')))
  const open = tx.select({ id: notificationChannels.id }).from(notificationChannels).where(and(eq(notificationChannels.enabled, true), isNull(notificationChannels.goneAt)))
  return tx.select().from(notificationRoutes).where(and(
    eq(notificationRoutes.enabled, true),
    sql`(${inArray(notificationRoutes.channelId, open)} or ${inArray(notificationRoutes.userId, mayRead)})`,
  )).all()
}

function ownersOf(tx: Transaction, notice: Notice): string[] {
  const owners = [
    ...notice.endpointIds.length ? tx.select({ team: endpoints.ownerTeam }).from(endpoints).where(inArray(endpoints.id, notice.endpointIds)).all() : [],
    ...notice.services.length ? tx.select({ team: services.ownerTeam }).from(services).where(inArray(services.name, notice.services)).all() : [],
  ]
  return owners.length ? [...new Set(owners.map(({ team }) => team))] : ['']
}

function knownTo(tx: Transaction, incidentId: string): Set<string> {
  return new Set(tx.selectDistinct({ destination: notificationDeliveries.destination }).from(notificationDeliveries)
    .innerJoin(notices, eq(notices.id, notificationDeliveries.noticeId))
    .where(and(eq(notices.incidentId, incidentId), isNotNull(notices.incidentId))).all().map(({ destination }) => destination))
}
