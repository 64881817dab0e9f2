import { randomUUIDv7 } from 'node:crypto'
import { and, asc, count, eq, isNotNull } from 'drizzle-orm'
import { recordAudit, type UserActor } from '#server/access/access'
import type { Clock } from '#server/clock'
import type { Database, Transaction } from '#server/db/client'
import { endpoints, notificationChannels, notificationRoutes, services, users } from '#server/db/control/schema'
import { AppError } from '#shared/errors'
import type { ChannelRoute, NotificationSetup, OwnRoute, RouteView } from '#shared/schemas/notification'
import type { RouteRow } from './outbox'

const permission = 'settings:manage' as const
const mostOfOne = 20

/** Which incidents go where: of channels, set by who may, and everybody's own. */
export function createRoutes({ db, clock }: { db: Database, clock: Clock }) {
  const orderly = asc(notificationRoutes.createdAt)

  return {
    ofChannels: (): RouteView[] => db.select().from(notificationRoutes).where(isNotNull(notificationRoutes.channelId)).orderBy(orderly).all().map(view),

    /** Everybody's own, for who looks after the whole. */
    ofPeople(): NotificationSetup['personal'] {
      const rows = db.select({ route: notificationRoutes, person: { id: users.id, name: users.name } }).from(notificationRoutes)
        .innerJoin(users, eq(users.id, notificationRoutes.userId)).orderBy(asc(users.name), orderly).all()
      return [...Map.groupBy(rows, ({ person }) => person.id).values()].map(own => ({ person: own[0]!.person, routes: own.map(({ route }) => view(route)) }))
    },

    own: (actor: UserActor): RouteView[] => db.select().from(notificationRoutes).where(eq(notificationRoutes.userId, actor.id)).orderBy(orderly).all().map(view),

    /** Every team that owns something. */
    teams: (): string[] => [...new Set([
      ...db.selectDistinct({ team: endpoints.ownerTeam }).from(endpoints).all(), ...db.selectDistinct({ team: services.ownerTeam }).from(services).all(),
    ].map(({ team }) => team.trim()).filter(Boolean))].sort((a, b) => a.localeCompare(b)),

    add(actor: UserActor, { channelId, ...input }: ChannelRoute): RouteView {
      return db.transaction((tx) => {
        const channel = findChannel(tx, channelId)
        refuseMore(tx, eq(notificationRoutes.channelId, channelId))
        const row = insert(tx, { ...input, channelId, userId: null })
        recordAudit(tx, { actor, action: 'notification_route.create', permission, params: { channel: channel.name }, subject: { kind: 'notification_route', id: row.id }, after: rulesOf(row), at: clock.now() })
        return view(row)
      }, { behavior: 'immediate' })
    },

    change(actor: UserActor, id: string, { channelId, ...input }: ChannelRoute): RouteView {
      return db.transaction((tx) => {
        const before = find(tx, id, isNotNull(notificationRoutes.channelId))
        const channel = findChannel(tx, channelId)
        const moves = channelId !== before.channelId
        if (moves) refuseMore(tx, eq(notificationRoutes.channelId, channelId))
        const row = update(tx, id, { ...input, channelId })
        recordAudit(tx, {
          actor, action: 'notification_route.update', permission, params: { channel: channel.name }, subject: { kind: 'notification_route', id },
          before: { ...rulesOf(before), ...moves && { channel: findChannel(tx, before.channelId!).name } }, after: { ...rulesOf(row), ...moves && { channel: channel.name } }, at: clock.now(),
        })
        return view(row)
      }, { behavior: 'immediate' })
    },

    remove(actor: UserActor, id: string): void {
      db.transaction((tx) => {
        const row = find(tx, id, isNotNull(notificationRoutes.channelId))
        const channel = findChannel(tx, row.channelId!)
        tx.delete(notificationRoutes).where(eq(notificationRoutes.id, id)).run()
        recordAudit(tx, { actor, action: 'notification_route.delete', permission, params: { channel: channel.name }, subject: { kind: 'notification_route', id }, before: rulesOf(row), at: clock.now() })
      }, { behavior: 'immediate' })
    },

    addOwn(actor: UserActor, input: OwnRoute): RouteView {
      return db.transaction((tx) => {
        refuseMore(tx, eq(notificationRoutes.userId, actor.id))
        const row = insert(tx, { ...input, channelId: null, userId: actor.id })
        recordAudit(tx, { actor, action: 'notification_route.create_own', subject: { kind: 'notification_route', id: row.id }, after: rulesOf(row), at: clock.now() })
        return view(row)
      }, { behavior: 'immediate' })
    },

    changeOwn(actor: UserActor, id: string, input: OwnRoute): RouteView {
      return db.transaction((tx) => {
        const before = find(tx, id, eq(notificationRoutes.userId, actor.id))
        const row = update(tx, id, input)
        recordAudit(tx, { actor, action: 'notification_route.update_own', subject: { kind: 'notification_route', id }, before: rulesOf(before), after: rulesOf(row), at: clock.now() })
        return view(row)
      }, { behavior: 'immediate' })
    },

    removeOwn(actor: UserActor, id: string): void {
      db.transaction((tx) => {
        const row = find(tx, id, eq(notificationRoutes.userId, actor.id))
        tx.delete(notificationRoutes).where(eq(notificationRoutes.id, id)).run()
        recordAudit(tx, { actor, action: 'notification_route.delete_own', subject: { kind: 'notification_route', id }, before: rulesOf(row), at: clock.now() })
      }, { behavior: 'immediate' })
    },
  }

  function insert(tx: Transaction, values: OwnRoute & { channelId: string | null, userId: string | null }): RouteRow {
    const at = clock.now()
    return tx.insert(notificationRoutes).values({ ...values, id: randomUUIDv7(), createdAt: at, updatedAt: at }).returning().get()
  }

  function update(tx: Transaction, id: string, values: Partial<ChannelRoute>): RouteRow {
    return tx.update(notificationRoutes).set({ ...values, updatedAt: clock.now() }).where(eq(notificationRoutes.id, id)).returning().get()
  }
}

type Condition = ReturnType<typeof eq>

/** Somebody else's is not there to be changed. */
function find(tx: Transaction, id: string, whose: Condition): RouteRow {
  const row = tx.select().from(notificationRoutes).where(and(eq(notificationRoutes.id, id), whose)).get()
  if (!row) throw new AppError('notification.route_not_found')
  return row
}

function findChannel(tx: Transaction, id: string): { name: string } {
  const channel = tx.select({ name: notificationChannels.name }).from(notificationChannels).where(eq(notificationChannels.id, id)).get()
  if (!channel) throw new AppError('notification.channel_not_found')
  return channel
}

function refuseMore(tx: Transaction, whose: Condition): void {
  const { own } = tx.select({ own: count() }).from(notificationRoutes).where(whose).get()!
  if (own >= mostOfOne) throw new AppError('notification.routes_full', { most: mostOfOne })
}

function rulesOf({ severity, teams, events, quietFrom, quietTo, zone, criticalPierces, enabled }: RouteRow) {
  return { severity, teams, events, quietFrom, quietTo, zone, criticalPierces, enabled }
}

function view(row: RouteRow): RouteView {
  return { id: row.id, channelId: row.channelId, ...rulesOf(row) }
}
