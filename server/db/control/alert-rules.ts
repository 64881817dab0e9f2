import { sql } from 'drizzle-orm'
import { index, integer, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core'
import { severities } from '../../../shared/alerting/severity'
import type { Condition, Target } from '../../../shared/schemas/alert-rule'
import { silenceKinds, type SilenceMatch } from '../../../shared/schemas/alert-silence'
import { time, timestamps } from './columns'

/** Rules of one's own. A deleted one stays, because alerts of it are read later. */
export const alertRules = sqliteTable('alert_rules', {
  id: text().primaryKey(),
  name: text().notNull(),
  condition: text({ mode: 'json' }).$type<Condition>().notNull(),
  target: text({ mode: 'json' }).$type<Target>().notNull(),
  /** ms. */
  for: integer('for').notNull(),
  keepFiring: integer('keep_firing').notNull(),
  severity: text({ enum: severities }).notNull(),
  ownerTeam: text('owner_team').notNull(),
  runbook: text().notNull(),
  paused: integer({ mode: 'boolean' }).notNull(),
  /** Counts changes; who saves against an older one is told. */
  revision: integer().notNull(),
  /** As they were called then; people are renamed and deleted. */
  updatedBy: text('updated_by').notNull(),
  /** In whose name a query is asked; no reference, because people are deleted. */
  updatedById: text('updated_by_id'),
  deletedAt: time('deleted_at'),
  ...timestamps,
}, table => [
  // One of a name at a time.
  uniqueIndex('alert_rules_name_idx').on(sql`lower(${table.name})`).where(sql`${table.deletedAt} is null`),
])

/** Built-in rules that somebody stopped; one that is not here runs. */
export const builtInPauses = sqliteTable('built_in_pauses', {
  rule: text().primaryKey(),
  by: text().notNull(),
  at: time('at').notNull(),
})

/** What keeps alerts still, and for how long; never deleted. */
export const alertSilences = sqliteTable('alert_silences', {
  id: text().primaryKey(),
  kind: text({ enum: silenceKinds }).notNull(),
  match: text({ mode: 'json' }).$type<SilenceMatch>().notNull(),
  /** The endpoint's route as telemetry names it, as it was when the silence was made. */
  route: text({ mode: 'json' }).$type<{ service: string, method: string, routeKey: string, template: string }>(),
  from: time('from').notNull(),
  to: time('to').notNull(),
  weekly: integer({ mode: 'boolean' }).notNull(),
  zone: text().notNull(),
  reason: text().notNull(),
  authorId: text('author_id').notNull(),
  /** As it was then. */
  author: text().notNull(),
  createdAt: time('created_at').notNull(),
  /** Before its time. */
  endedAt: time('ended_at'),
  endedBy: text('ended_by'),
}, table => [
  // What may hold now, or come again.
  index('alert_silences_to_idx').on(table.to).where(sql`${table.endedAt} is null`),
])
