import { and, eq, isNull } from 'drizzle-orm'
import type { Database, Transaction } from '#server/db/client'
import { alertRules } from '#server/db/control/schema'
import { AppError } from '#shared/errors'
import { alertRuleFieldNames, type AlertRule, type AlertRuleFields } from '#shared/schemas/alert-rule'

export type RuleRow = typeof alertRules.$inferSelect

export function fieldsOf(row: AlertRuleFields): AlertRuleFields {
  return Object.fromEntries(alertRuleFieldNames.map(name => [name, row[name]])) as unknown as AlertRuleFields
}

export function toRuleView(row: RuleRow): AlertRule {
  return { ...fieldsOf(row), id: row.id, revision: row.revision, updatedAt: row.updatedAt.toISOString(), updatedBy: row.updatedBy }
}

/** A deleted one is not there. */
export function findRule(db: Database | Transaction, id: string): RuleRow {
  const row = db.select().from(alertRules).where(and(eq(alertRules.id, id), isNull(alertRules.deletedAt))).get()
  if (!row) throw new AppError('alert_rule.not_found', { id })
  return row
}
