import { index, integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import type { AuditOrigin } from '../../../shared/schemas/access-views'
import { time } from './columns'

/**
 * What people and tokens did and were refused. Rows are chained by hash and guarded by triggers (see the migration):
 * none can be changed or deleted through SQL.
 */
export const auditEntries = sqliteTable('audit_entries', {
  /** Counts up without gaps. */
  number: integer().primaryKey(),
  at: time('at').notNull(),
  actorKind: text('actor_kind', { enum: ['user', 'token', 'key', 'anonymous', 'app'] }).notNull(),
  actorId: text('actor_id'),
  /** As it was then; people are renamed and deleted. */
  actorName: text('actor_name').notNull(),
  /** `user.create`: names the sentence in the text catalogue. */
  action: text().notNull(),
  params: text({ mode: 'json' }).$type<Record<string, unknown>>().notNull(),
  outcome: text({ enum: ['done', 'refused'] }).notNull(),
  /** The permission it was done with, or refused for the want of. */
  permission: text(),
  subjectKind: text('subject_kind'),
  subjectId: text('subject_id'),
  before: text({ mode: 'json' }).$type<Record<string, unknown>>(),
  after: text({ mode: 'json' }).$type<Record<string, unknown>>(),
  requestId: text('request_id'),
  /** Null in rows of releases that did not note it, and for what the app does itself. */
  origin: text({ mode: 'json' }).$type<AuditOrigin>(),
  previousHash: text('previous_hash').notNull(),
  hash: text().notNull(),
}, table => [
  index('audit_entries_at_idx').on(table.at),
  index('audit_entries_subject_idx').on(table.subjectKind, table.subjectId),
  index('audit_entries_actor_id_idx').on(table.actorId),
  index('audit_entries_outcome_idx').on(table.outcome, table.number),
])

/** Refusals of callers that are not signed in, by hour: counted, because they can be made without end. */
export const anonymousRefusals = sqliteTable('anonymous_refusals', {
  hour: time('hour').notNull(),
  code: text().notNull(),
  count: integer().notNull(),
}, table => [primaryKey({ columns: [table.hour, table.code] })])
