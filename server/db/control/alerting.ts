import { sql } from 'drizzle-orm'
import { index, integer, primaryKey, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core'
import type { AlertSubject } from '../../alerting/alert'
import { alertOrigins, severities } from '../../../shared/alerting/severity'
import { alertStates as states } from '../../../shared/alerting/state'
import type { Sentence } from '../../../shared/text/text'
import { time } from './columns'

/** One firing of one rule for one subject. */
export const alerts = sqliteTable('alerts', {
  id: text().primaryKey(),
  /** Id of a rule of one's own, or the name of a built-in one. */
  rule: text().notNull(),
  origin: text({ enum: alertOrigins }).notNull(),
  /** The subject's names in one text, for comparing. */
  subjectKey: text('subject_key').notNull(),
  subject: text({ mode: 'json' }).$type<AlertSubject>().notNull(),
  /** Counts the firings of the rule for the subject, from 1. */
  episode: integer().notNull(),
  severity: text({ enum: severities }).notNull(),
  onset: time('onset').notNull(),
  startedAt: time('started_at').notNull(),
  lastFiredAt: time('last_fired_at').notNull(),
  endedAt: time('ended_at'),
  reason: text({ mode: 'json' }).$type<Sentence>().notNull(),
  /** As another system names it with its alert; that of a rule of one's own stands with the rule. */
  runbook: text().notNull().default(''),
  /** What a silence keeps from those who are told of alerts, until it ends; null where they know. */
  heldBack: text('held_back', { enum: ['firing', 'worse'] }),
}, table => [
  // Whoever evaluates, however often: one row per firing.
  uniqueIndex('alerts_episode_idx').on(table.rule, table.subjectKey, table.episode),
  // What fires now.
  index('alerts_open_idx').on(table.startedAt).where(sql`${table.endedAt} is null`),
  // What waits for the end of a silence.
  index('alerts_held_back_idx').on(table.startedAt).where(sql`${table.heldBack} is not null`),
  // What ended, newest first.
  index('alerts_ended_at_idx').on(table.endedAt),
  // Alerts of a time range.
  index('alerts_started_at_idx').on(table.startedAt),
])

/** Where each rule stands with each subject that ever left its range; with the empty key, where the rule itself stands. */
export const alertStates = sqliteTable('alert_states', {
  rule: text().notNull(),
  subjectKey: text('subject_key').notNull(),
  subject: text({ mode: 'json' }).$type<AlertSubject>(),
  state: text({ enum: states }).notNull(),
  since: time('since').notNull(),
  /** Since when the condition has held, before it fires and while it does. */
  heldSince: time('held_since'),
  /** Since when a firing alert's condition has no longer held. */
  clearSince: time('clear_since'),
  episode: integer().notNull(),
  /** The firing alert, while there is one. */
  alertId: text('alert_id').references(() => alerts.id, { onDelete: 'set null' }),
  /** Why, where the state needs a reason: what could not be asked, what is not there. */
  reason: text({ mode: 'json' }).$type<Sentence>(),
}, table => [primaryKey({ columns: [table.rule, table.subjectKey] })])

/** Who evaluates. Whoever takes over counts `fence` up, so that what the one before still does is refused. */
export const evaluationLeases = sqliteTable('evaluation_leases', {
  name: text().primaryKey(),
  /** Null once it was given back. */
  holder: text(),
  fence: integer().notNull(),
  /** Counts up while the holder lives. */
  beat: integer().notNull(),
})

/** The newest slot that was evaluated, by tier. */
export const evaluationSlots = sqliteTable('evaluation_slots', {
  tier: text().primaryKey(),
  slot: time('slot').notNull(),
})
