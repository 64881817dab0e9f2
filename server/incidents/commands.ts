import { and, asc, eq, isNull } from 'drizzle-orm'
import { recordAudit, type UserActor } from '#server/access/access'
import type { Transaction } from '#server/db/client'
import { incidentConsumers, rolePermissions, userRoles, users } from '#server/db/control/schema'
import { AppError } from '#shared/errors'
import type { Permission } from '#shared/permissions'
import type { IncidentRevision, ResolveIncident, TellConsumer, UpdateIncident } from '#shared/schemas/incident-commands'
import { addEntry, findRow, isOpen, numberOf, openAgain, toRevision, type IncidentRow, type NewEntry } from './incident-rows'
import { requireSeen, revise, tellOutside, type Revision, type Telling } from './revise'
import type { Room } from './room'

const tells = { told: 'incident.tell_told', not_needed: 'incident.tell_not_needed', open: 'incident.tell_open' } as const

/** What people do with an incident. Each is one transaction with its line in the timeline and in the audit trail. */
export function createCommands(room: Room) {
  const { db, clock } = room

  interface Act {
    action: string
    permission: Permission
    entry: (row: IncidentRow, at: Date) => Omit<NewEntry, 'at'>
    set?: (row: IncidentRow, at: Date) => Revision['set']
    event?: (row: IncidentRow) => Revision['event']
    /** The revision that was decided on; without one it is no decision, and nobody is in its way. */
    seen?: number
    params?: (row: IncidentRow) => Record<string, unknown>
    also?: (tx: Transaction, row: IncidentRow, at: Date) => void
    /** What those hear who follow it, or who are asked for. */
    told?: (row: IncidentRow) => Pick<Telling, 'kind' | 'key' | 'fact' | 'to'>
  }

  function act(actor: UserActor, id: string, { action, permission, entry, set, event: eventOf = () => 'updated', seen, params, also, told }: Act): IncidentRevision {
    return db.transaction((tx) => {
      const row = findRow(tx, id)
      if (row.status === 'merged') throw new AppError('incident.merged', { number: numberOf(row) })
      if (seen !== undefined) requireSeen(row, seen)
      const at = clock.now()
      const event = eventOf(row)
      const changes = set?.(row, at)
      addEntry(tx, row.id, { byId: actor.id, byName: actor.name, at, ...entry(row, at) })
      also?.(tx, row, at)
      const next = revise(room, tx, row, { event, at, set: changes, isDecision: seen !== undefined })
      const names = Object.keys(changes ?? {}) as (keyof IncidentRow)[]
      recordAudit(tx, {
        actor, action, permission, params: { number: numberOf(row), ...params?.(row) }, subject: { kind: 'incident', id: row.id }, at,
        ...(names.length && { before: only(row, names), after: only(next, names) }),
      })
      if (told) tellOutside(room, tx, next, { ...told(next), at, by: actor.id })
      if (event === 'resolved') tellOutside(room, tx, next, { kind: 'resolved', key: String(next.revision), at, by: actor.id })
      if (event === 'reopened') tellOutside(room, tx, next, { kind: 'reopened', key: String(next.reopened), at, by: actor.id })
      return toRevision(next)
    }, { behavior: 'immediate' })
  }

  /** The first who looks decides how long that took. */
  const acknowledged = (actor: UserActor, row: IncidentRow, at: Date) => ({
    status: 'acknowledged' as const, ...(!row.acknowledgedAt && { acknowledgedAt: at, acknowledgedBy: actor.name }),
  })

  const news = (code: 'incidents.said.taken' | 'incidents.said.seen') => (row: IncidentRow) => ({ kind: 'news' as const, key: String(row.revision), fact: { code } })

  return {
    take: (actor: UserActor, id: string, { revision }: { revision: number }) => act(actor, id, {
      action: 'incident.take', permission: 'incidents:manage', seen: revision,
      set: (row, at) => {
        requireOpen(row)
        return { ...acknowledged(actor, row, at), assigneeId: actor.id, assigneeName: actor.name }
      },
      told: news('incidents.said.taken'),
      entry: () => ({ kind: 'taken', title: { code: 'incidents.timeline.taken', params: { name: actor.name } } }),
    }),

    acknowledge: (actor: UserActor, id: string, { revision, note }: { revision: number, note: string }) => act(actor, id, {
      action: 'incident.acknowledge', permission: 'incidents:manage', seen: revision,
      set: (row, at) => {
        if (row.status !== 'open') throw new AppError('incident.already', { number: numberOf(row), status: row.status })
        return acknowledged(actor, row, at)
      },
      told: news('incidents.said.seen'),
      entry: () => ({ kind: 'acknowledged', title: { code: 'incidents.timeline.acknowledged', params: { name: actor.name } }, text: note || null }),
    }),

    assign: (actor: UserActor, id: string, { revision, assignee }: { revision: number, assignee: string | null }) => {
      const to = assignee === null ? undefined : people().find(person => person.id === assignee)
      if (assignee !== null && !to) throw new AppError('incident.not_assignable')
      return act(actor, id, {
        action: to ? 'incident.assign' : 'incident.unassign', permission: 'incidents:manage', seen: revision, params: () => ({ name: to?.name ?? null }),
        set: (row) => {
          requireOpen(row)
          return { assigneeId: to?.id ?? null, assigneeName: to?.name ?? null }
        },
        ...(to && to.id !== actor.id && { told: row => ({ kind: 'assigned', key: String(row.revision), fact: { code: 'incidents.said.assigned', params: { name: actor.name } }, to: to.id }) }),
        entry: () => ({ kind: 'assigned', title: to ? { code: 'incidents.timeline.assigned', params: { name: to.name } } : { code: 'incidents.timeline.unassigned' } }),
      })
    },

    resolve: (actor: UserActor, id: string, { revision, cause, diagnosisRight }: ResolveIncident) => act(actor, id, {
      action: 'incident.resolve', permission: 'incidents:manage', seen: revision,
      // The cause of one that ended by itself is still to be said; that it is over was told when it was.
      event: row => isOpen(row) ? 'resolved' : 'updated',
      set: (row, at) => ({
        ...(isOpen(row) && { status: 'resolved' as const, resolvedAt: at, resolvedBy: actor.name, severity: row.worst, nextDiagnosisAt: null }),
        cause, causeBy: actor.name, diagnosisRight,
      }),
      entry: row => ({ kind: 'resolved', title: { code: isOpen(row) ? 'incidents.timeline.resolved_by' : 'incidents.timeline.cause', params: { name: actor.name } }, text: cause }),
    }),

    reopen: (actor: UserActor, id: string, { revision, note }: { revision: number, note: string }) => act(actor, id, {
      action: 'incident.reopen', permission: 'incidents:manage', seen: revision, event: () => 'reopened',
      set: (row, at) => {
        if (row.status !== 'resolved') throw new AppError('incident.already', { number: numberOf(row), status: row.status })
        return { ...openAgain(row, at), heldOpen: true }
      },
      entry: () => ({ kind: 'reopened', title: { code: 'incidents.timeline.reopened', params: { name: actor.name } }, text: note || null }),
    }),

    note: (actor: UserActor, id: string, { text }: { text: string }) => act(actor, id, {
      action: 'incident.note', permission: 'incidents:update',
      entry: () => ({ kind: 'note', title: { code: 'incidents.timeline.note', params: { name: actor.name } }, text }),
    }),

    /** What support staff heard of it, for those who look after it: shown in its timeline, and told. */
    reportOn: (actor: UserActor, id: string, { text }: { text: string }) => act(actor, id, {
      action: 'incident.report', permission: 'incidents:update',
      told: row => ({ kind: 'reported', key: String(row.revision), fact: { code: 'incidents.said.report', params: { name: actor.name, text } } }),
      entry: () => ({ kind: 'report', title: { code: 'incidents.timeline.report', params: { name: actor.name } }, text }),
    }),

    update: (actor: UserActor, id: string, { ko, en, nextUpdateAt }: UpdateIncident) => act(actor, id, {
      action: 'incident.update', permission: 'incidents:update',
      set: () => nextUpdateAt === undefined ? {} : { nextUpdateAt: nextUpdateAt === null ? null : new Date(nextUpdateAt) },
      told: row => ({ kind: 'news', key: String(row.revision), fact: { code: 'incidents.said.update', params: { text: { ko: ko || en, en: en || ko } } } }),
      entry: () => ({ kind: 'update', title: { code: 'incidents.timeline.update', params: { name: actor.name } }, ko, en }),
    }),

    promise: (actor: UserActor, id: string, { nextUpdateAt }: { nextUpdateAt: string | null }) => act(actor, id, {
      action: 'incident.promise', permission: 'incidents:update',
      set: () => ({ nextUpdateAt: nextUpdateAt === null ? null : new Date(nextUpdateAt) }),
      entry: () => ({ kind: 'promise', title: nextUpdateAt ? { code: 'incidents.timeline.promise', params: { at: { time: nextUpdateAt } } } : { code: 'incidents.timeline.promise_none' } }),
    }),

    tell: (actor: UserActor, id: string, { consumer, state, note }: TellConsumer) => act(actor, id, {
      action: tells[state], permission: 'incidents:update', params: () => ({ consumer }),
      entry: () => ({ kind: 'told', title: { code: `incidents.timeline.told.${state}`, params: { consumer } }, text: note || null }),
      also: (tx, row, at) => {
        const told = state === 'open' ? { told: state, toldBy: null, toldAt: null, toldNote: note } : { told: state, toldBy: actor.name, toldAt: at, toldNote: note }
        const known = tx.update(incidentConsumers).set(told).where(and(eq(incidentConsumers.incidentId, row.id), eq(incidentConsumers.consumer, consumer))).returning().get()
        if (!known) throw new AppError('incident.consumer_not_hurt', { consumer, number: numberOf(row) })
      },
    }),

    assignees: () => ({ people: people() }),
  }

  /** Those who may manage incidents. */
  function people() {
    return db.selectDistinct({ id: users.id, name: users.name }).from(users)
      .innerJoin(userRoles, eq(userRoles.userId, users.id))
      .innerJoin(rolePermissions, eq(rolePermissions.roleId, userRoles.roleId))
      .where(and(isNull(users.disabledAt), eq(rolePermissions.permission, 'incidents:manage'))).orderBy(asc(users.name)).all()
  }
}

function requireOpen(row: IncidentRow) {
  if (!isOpen(row)) throw new AppError('incident.already', { number: numberOf(row), status: row.status })
}

function only(row: IncidentRow, names: (keyof IncidentRow)[]) {
  return Object.fromEntries(names.map(name => [name, row[name]]))
}
