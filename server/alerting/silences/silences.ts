import { randomUUIDv7 } from 'node:crypto'
import { and, desc, eq, gte, isNull, or } from 'drizzle-orm'
import type { z } from 'zod'
import { recordAudit, type UserActor } from '#server/access/access'
import type { Clock } from '#server/clock'
import type { Database, Transaction } from '#server/db/client'
import { alertRules, alerts, alertSilences } from '#server/db/control/schema'
import { builtInNameOf } from '#shared/alerting/built-in-rules'
import { AppError } from '#shared/errors'
import type { CreateSilence, silences as answered } from '#shared/schemas/alert-silence'
import { DAY, type Millis } from '#shared/units'
import type { Alert } from '../alert'
import type { RuleRegister } from '../rules/subjects'
import { toAlert } from '../settle'
import { isActive, isMeant, occurrenceAt } from './silence-rules'

export type SilenceRow = typeof alertSilences.$inferSelect

/** How long past ones are shown. */
const shown: Millis = 30 * DAY
const mostOpen = 200

export interface SilencesDependencies {
  db: Database
  clock: Clock
  register: RuleRegister
  changed: () => void
}

/** Silences and maintenance windows: alerts that they fit still show, but open no incident and are told to nobody. */
export function createSilences({ db, clock, register, changed }: SilencesDependencies) {
  function find(tx: Transaction, id: string): SilenceRow {
    const row = tx.select().from(alertSilences).where(eq(alertSilences.id, id)).get()
    if (!row) throw new AppError('silence.not_found', { id })
    return row
  }

  return {
    create(actor: UserActor, input: CreateSilence): { id: string } {
      const created = db.transaction((tx) => {
        const at = clock.now()
        const from = input.from ? new Date(input.from) : at
        const to = new Date(input.to)
        if (to <= from || to <= at) throw new AppError('silence.over', { to: to.toISOString() })
        if (readOpen(tx, at).length >= mostOpen) throw new AppError('silence.full', { most: mostOpen })
        const endpoint = input.match.endpoint === null ? undefined : register.endpoints().find(({ id }) => id === input.match.endpoint)
        if (input.match.endpoint !== null && !endpoint) throw new AppError('endpoint.not_found', { id: input.match.endpoint })
        const row = tx.insert(alertSilences).values({
          id: randomUUIDv7(), kind: input.kind, match: input.match,
          route: endpoint ? { service: endpoint.service, method: endpoint.method, routeKey: endpoint.routeKey, template: endpoint.template } : null,
          from, to, weekly: input.weekly, zone: input.zone, reason: input.reason, authorId: actor.id, author: actor.name, createdAt: at,
        }).returning().get()
        recordAudit(tx, {
          actor, action: `silence.${row.kind === 'silence' ? 'create' : 'plan'}`, permission: 'alerts:write', params: { what: whatOf(tx, row), to: to.toISOString() },
          subject: { kind: 'silence', id: row.id }, after: { ...input, from: from.toISOString() }, at,
        })
        return { id: row.id }
      }, { behavior: 'immediate' })
      changed()
      return created
    },

    /** Before its time; what it kept still is told in the next slot. */
    end(actor: UserActor, id: string): void {
      db.transaction((tx) => {
        const at = clock.now()
        const row = find(tx, id)
        if (!occurrenceAt(row, at)) throw new AppError('silence.over', { to: row.to.toISOString() })
        tx.update(alertSilences).set({ endedAt: at, endedBy: actor.name }).where(eq(alertSilences.id, id)).run()
        recordAudit(tx, { actor, action: 'silence.end', permission: 'alerts:write', params: { what: whatOf(tx, row) }, subject: { kind: 'silence', id }, before: { to: row.to.toISOString() }, after: { to: at.toISOString() }, at })
      }, { behavior: 'immediate' })
      changed()
    },

    /** What holds first, then what is planned, then the last 30 days' past ones. */
    list(): z.input<typeof answered> {
      const at = clock.now()
      const oldest = new Date(at.getTime() - shown)
      // A weekly one goes on past its first end, until somebody ends it.
      const rows = db.select().from(alertSilences).where(and(or(gte(alertSilences.to, oldest), eq(alertSilences.weekly, true)), or(isNull(alertSilences.endedAt), gte(alertSilences.endedAt, oldest)))).orderBy(desc(alertSilences.from)).all()
      const firing = db.select().from(alerts).where(isNull(alerts.endedAt)).all().map(toAlert)
      const names = ruleNames(db)
      const order = { active: 0, planned: 1, over: 2 }
      return { at: at.toISOString(), silences: rows.map(row => toView(row, { at, firing, names })).sort((a, b) => order[a.state] - order[b.state]) }
    },
  }
}

/** The silence that keeps an alert still, the longest-lasting of several. */
export function silenceOf(open: readonly SilenceRow[], alert: Pick<Alert, 'rule' | 'origin' | 'subject'>, at: Date): { row: SilenceRow, until: Date } | undefined {
  return open.filter(row => isActive(row, at) && isMeant(row, alert))
    .map(row => ({ row, until: occurrenceAt(row, at)!.to }))
    .sort((a, b) => b.until.getTime() - a.until.getTime())[0]
}

/** What may hold now or later. */
export function readOpen(db: Database | Transaction, at: Date): SilenceRow[] {
  return db.select().from(alertSilences).where(and(isNull(alertSilences.endedAt), or(gte(alertSilences.to, at), eq(alertSilences.weekly, true)))).all()
}

export function ruleNames(db: Database | Transaction): Map<string, string> {
  return new Map(db.select({ id: alertRules.id, name: alertRules.name }).from(alertRules).all().map(({ id, name }) => [id, name]))
}

function toView(row: SilenceRow, { at, firing, names }: { at: Date, firing: readonly Alert[], names: ReadonlyMap<string, string> }): z.input<typeof answered>['silences'][number] {
  const occurrence = occurrenceAt(row, at)
  const active = occurrence !== undefined && occurrence.from <= at
  const { authorId: _, route, ...rest } = row
  return {
    ...rest,
    endpoint: route && row.match.endpoint ? { id: row.match.endpoint, method: route.method, template: route.template } : null,
    ruleName: row.match.rule === null ? null : names.get(row.match.rule) ?? null,
    from: row.from.toISOString(), to: row.to.toISOString(), createdAt: row.createdAt.toISOString(), endedAt: row.endedAt?.toISOString() ?? null,
    state: active ? 'active' : occurrence ? 'planned' : 'over',
    next: active ? occurrence.to.toISOString() : occurrence?.from.toISOString() ?? null,
    holds: active ? firing.filter(alert => isMeant(row, alert)).length : 0,
  }
}

/** For the audit trail, in the names of the register. */
function whatOf(tx: Transaction, { match, route }: Pick<SilenceRow, 'match' | 'route'>): string {
  return [match.rule && (ruleNames(tx).get(match.rule) ?? builtInNameOf(match.rule)), match.service, route && `${route.method} ${route.template}`, match.consumer].filter(Boolean).join(' · ')
}
