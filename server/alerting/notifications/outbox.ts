import { randomUUIDv7 } from 'node:crypto'
import { and, eq, inArray, isNotNull, isNull, sql } from 'drizzle-orm'
import type { Clock } from '#server/clock'
import type { Transaction } from '#server/db/client'
import { endpoints, incidentFollowers, notices, notificationChannels, notificationDeliveries, notificationRoutes, rolePermissions, services, userRoles, users } from '#server/db/control/schema'
import type { Permission } from '#shared/permissions'
import type { NoticeEvent, PersonalEvent } from '#shared/schemas/notification'
import type { Notice } from './notice'
import { earliest, wayOf } from './routing'

export type RouteRow = typeof notificationRoutes.$inferSelect

interface Destination { channelId: string | null, userId: string | null }

/** Where deliveries that belong together go: everything of one destination stands in one line. */
export function destinationOf({ channelId, userId }: Destination): string {
  return channelId === null ? `user:${userId}` : `channel:${channelId}`
}

/** Writes down what is to be told and to whom, in the caller's transaction: what it says stands or falls with it. */
export function createOutbox({ clock }: { clock: Clock }) {
  return {
    enqueue(tx: Transaction, { by, to, ...notice }: Notice): void {
      const now = clock.now()
      const row = tx.insert(notices).values({ ...notice, id: randomUUIDv7(), createdAt: now }).onConflictDoNothing({ target: notices.key }).returning().get()
      if (!row) return
      const told = { event: notice.kind.slice('incident.'.length) as NoticeEvent | PersonalEvent, severity: notice.severity, teams: ownersOf(tx, notice), at: now }
      const known = notice.incidentId === null ? new Set() : knownTo(tx, notice.incidentId)
      const followers = followersOf(tx, notice, to)
      const managers = told.event === 'reported' ? peopleWith(tx, 'incidents:manage') : undefined
      const owe = (destination: string, { channelId, userId }: Destination, way: 'now' | Date) =>
        tx.insert(notificationDeliveries).values({ id: randomUUIDv7(), noticeId: row.id, destination, channelId, userId, heldUntil: way === 'now' ? null : way, createdAt: now }).run()
      const byDestination = Map.groupBy(openRoutes(tx), destinationOf)
      for (const [destination, routes] of byDestination) {
        const { userId } = routes[0]!
        // A report is for those who look after incidents.
        if (userId !== null && (userId === by || (managers && !managers.has(userId)))) continue
        const way = earliest(routes.map(route => wayOf(route, { ...told, known: known.has(destination), followed: userId !== null && followers.has(userId) })))
        if (way !== 'never') owe(destination, routes[0]!, way)
      }
      // Whoever of them has no route of their own gets plain mail, at once.
      for (const userId of followers) {
        const to = { channelId: null, userId }
        if (userId !== by && !byDestination.has(destinationOf(to))) owe(destinationOf(to), to, 'now')
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

function peopleWith(tx: Transaction, permission: Permission): Set<string> {
  return new Set(tx.selectDistinct({ id: users.id }).from(users)
    .innerJoin(userRoles, eq(userRoles.userId, users.id))
    .innerJoin(rolePermissions, eq(rolePermissions.roleId, userRoles.roleId))
    .where(and(isNull(users.disabledAt), eq(rolePermissions.permission, permission))).all().map(({ id }) => id))
}

/** As far as they may read incidents still; of what concerns one person, that one alone. */
function followersOf(tx: Transaction, { incidentId }: Pick<Notice, 'incidentId'>, to: string | undefined): Set<string> {
  if (incidentId === null) return new Set()
  const mayRead = peopleWith(tx, 'incidents:read')
  const wanted = to === undefined ? tx.select({ id: incidentFollowers.userId }).from(incidentFollowers).where(eq(incidentFollowers.incidentId, incidentId)).all() : [{ id: to }]
  return new Set(wanted.flatMap(({ id }) => mayRead.has(id) ? [id] : []))
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
