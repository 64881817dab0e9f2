import { randomUUIDv7 } from 'node:crypto'
import { and, asc, count, eq, isNotNull, isNull, ne, or, sql } from 'drizzle-orm'
import { can, recordAudit, type UserActor } from '#server/access/access'
import type { Clock } from '#server/clock'
import type { Database, Transaction } from '#server/db/client'
import { alertRules, alertStates, builtInPauses } from '#server/db/control/schema'
import { builtInNameOf } from '#shared/alerting/built-in-rules'
import { AppError } from '#shared/errors'
import { alertRuleFieldNames, type AlertRule, type AlertRuleFields, type UpdateAlertRule } from '#shared/schemas/alert-rule'
import type { OpenSubject } from './judge-rule'
import type { OwnRules } from './own-tier'
import { fieldsOf, findRule, toRuleView, type RuleRow } from './rule-rows'

const mostRules = 500

export interface RulesDependencies {
  db: Database
  clock: Clock
  /** Names of the built-in rules. */
  builtIn: () => readonly string[]
  changed: () => void
}

/** Rules of one's own: written, changed, stopped and deleted, each in one transaction with its audit row. */
export function createRules({ db, clock, builtIn, changed }: RulesDependencies) {
  function write<T>(run: (tx: Transaction, at: Date) => T): T {
    const result = db.transaction(tx => run(tx, clock.now()), { behavior: 'immediate' })
    changed()
    return result
  }

  function save(tx: Transaction, actor: UserActor, row: RuleRow, { fields, action, at }: { fields: AlertRuleFields, action: string, at: Date }): AlertRule {
    const names = alertRuleFieldNames.filter(name => JSON.stringify(row[name]) !== JSON.stringify(fields[name]))
    if (!names.length) return toRuleView(row)
    requireFreeName(tx, fields.name, row.id)
    const next = tx.update(alertRules).set({ ...fields, revision: row.revision + 1, updatedAt: at, updatedBy: actor.name, updatedById: actor.id }).where(eq(alertRules.id, row.id)).returning().get()!
    const only = (from: AlertRuleFields) => Object.fromEntries(names.map(name => [name, from[name]]))
    recordAudit(tx, { actor, action, permission: 'alerts:write', ...auditOf(next), before: only(row), after: only(fields), at })
    return toRuleView(next)
  }

  function setPaused(actor: UserActor, id: string, paused: boolean): void {
    const action = paused ? 'alert_rule.pause' : 'alert_rule.resume'
    write((tx, at) => {
      if (!builtIn().includes(id)) {
        const row = findRule(tx, id)
        if (!paused) requireQueryRights(actor, row)
        save(tx, actor, row, { fields: { ...fieldsOf(row), paused }, action, at })
        return
      }
      const stopped = tx.select().from(builtInPauses).where(eq(builtInPauses.rule, id)).get() !== undefined
      if (stopped === paused) return
      if (paused) tx.insert(builtInPauses).values({ rule: id, by: actor.name, at }).run()
      else tx.delete(builtInPauses).where(eq(builtInPauses.rule, id)).run()
      recordAudit(tx, { actor, action, permission: 'alerts:write', params: { name: builtInNameOf(id) }, subject: { kind: 'alert_rule', id }, before: { paused: stopped }, after: { paused }, at })
    })
  }

  return {
    list: (): AlertRule[] => db.select().from(alertRules).where(isNull(alertRules.deletedAt)).orderBy(asc(sql`lower(${alertRules.name})`)).all().map(toRuleView),
    find: (id: string): AlertRule => toRuleView(findRule(db, id)),

    create(actor: UserActor, fields: AlertRuleFields): AlertRule {
      requireQueryRights(actor, fields)
      return write((tx, at) => {
        const { held } = tx.select({ held: count() }).from(alertRules).where(isNull(alertRules.deletedAt)).get()!
        if (held >= mostRules) throw new AppError('alert_rule.full', { most: mostRules })
        requireFreeName(tx, fields.name)
        const row = tx.insert(alertRules).values({ id: randomUUIDv7(), ...fields, revision: 1, updatedBy: actor.name, updatedById: actor.id, createdAt: at, updatedAt: at }).returning().get()
        recordAudit(tx, { actor, action: 'alert_rule.create', permission: 'alerts:write', ...auditOf(row), after: { ...fields }, at })
        return toRuleView(row)
      })
    },

    update(actor: UserActor, id: string, { revision, fields }: UpdateAlertRule): AlertRule {
      requireQueryRights(actor, fields)
      return write((tx, at) => {
        const row = findRule(tx, id)
        if (row.revision !== revision) throw new AppError('alert_rule.stale', { author: row.updatedBy, revision: row.revision }, { details: toRuleView(row) })
        return save(tx, actor, row, { fields, action: 'alert_rule.update', at })
      })
    },

    /** What fires of it is let go of in the next slot. */
    remove(actor: UserActor, id: string): void {
      write((tx, at) => {
        const row = findRule(tx, id)
        tx.update(alertRules).set({ deletedAt: at, updatedAt: at, updatedBy: actor.name }).where(eq(alertRules.id, id)).run()
        recordAudit(tx, { actor, action: 'alert_rule.delete', permission: 'alerts:write', ...auditOf(row), before: { ...fieldsOf(row) }, at })
      })
    },

    /** Own and built-in ones alike; the second time nothing happens. */
    pause: (actor: UserActor, id: string) => setPaused(actor, id, true),
    resume: (actor: UserActor, id: string) => setPaused(actor, id, false),

    judged: judgedRules(db),
  }
}

/** Rules as evaluation needs them: read at each slot, so that another process' changes count, too. */
function judgedRules(db: Database): OwnRules {
  return {
    active: () => db.select().from(alertRules).where(and(isNull(alertRules.deletedAt), eq(alertRules.paused, false))).all(),
    /** Until they were once judged to be paused. */
    stopped: () => db.select({ rule: alertRules }).from(alertRules)
      .innerJoin(alertStates, and(eq(alertStates.rule, alertRules.id), eq(alertStates.subjectKey, ''), ne(alertStates.state, 'paused')))
      .where(or(isNotNull(alertRules.deletedAt), eq(alertRules.paused, true))).all().map(({ rule }) => rule),
    open() {
      const open = new Map<string, Map<string, OpenSubject>>()
      const rows = db.select().from(alertStates).where(and(isNotNull(alertStates.subject), or(isNotNull(alertStates.alertId), isNotNull(alertStates.heldSince)))).all()
      for (const { rule, subjectKey, subject, heldSince } of rows) {
        if (!open.has(rule)) open.set(rule, new Map())
        open.get(rule)!.set(subjectKey, { subject: subject!, ...(heldSince && { heldSince }) })
      }
      return open
    },
  }
}

/** Built-in rules that are stopped. */
export function readBuiltInPauses(db: Database | Transaction): Map<string, { by: string, at: Date }> {
  return new Map(db.select().from(builtInPauses).all().map(({ rule, by, at }) => [rule, { by, at }]))
}

/** Whoever has a query run must be allowed to query. */
export function requireQueryRights(actor: UserActor, { condition }: Pick<AlertRuleFields, 'condition'>): void {
  if (condition.kind === 'promql' && !can(actor, 'metrics:query')) throw new AppError('access.forbidden', { permission: 'metrics:query' })
}

function requireFreeName(tx: Transaction, name: string, except = ''): void {
  const holder = tx.select().from(alertRules).where(and(isNull(alertRules.deletedAt), eq(sql`lower(${alertRules.name})`, sql`lower(${name})`), ne(alertRules.id, except))).get()
  if (holder) throw new AppError('alert_rule.name_taken', { name })
}

const auditOf = (row: RuleRow) => ({ params: { name: row.name, revision: row.revision }, subject: { kind: 'alert_rule', id: row.id } })
