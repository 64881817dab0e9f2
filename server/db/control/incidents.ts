import { sql } from 'drizzle-orm'
import { blob, index, integer, primaryKey, real, sqliteTable, text, type AnySQLiteColumn } from 'drizzle-orm/sqlite-core'
import { alertOrigins, severities } from '../../../shared/alerting/severity'
import type { Change } from '../../../shared/schemas/change'
import type { SentDiagnosis } from '../../../shared/schemas/diagnosis'
import { timelineKinds } from '../../../shared/schemas/full-incident'
import { incidentStatuses, toldStates } from '../../../shared/schemas/incident'
import type { Sentence } from '../../../shared/text/text'
import { time, timestamps } from './columns'
import { users } from './users'

/** One disturbance, from its first alert to its end. */
export const incidents = sqliteTable('incidents', {
  id: text().primaryKey(),
  /** INC-128. */
  number: integer().notNull().unique(),
  /** Counts every change of it. */
  revision: integer().notNull(),
  /** Revision of the last change that is a decision; who decides must have seen it. */
  decision: integer().notNull(),
  status: text({ enum: incidentStatuses }).notNull(),
  severity: text({ enum: severities }).notNull(),
  worst: text({ enum: severities }).notNull(),
  title: text({ mode: 'json' }).$type<Sentence>().notNull(),
  onset: time('onset').notNull(),
  detectedAt: time('detected_at').notNull(),
  openedAt: time('opened_at').notNull(),
  acknowledgedAt: time('acknowledged_at'),
  acknowledgedBy: text('acknowledged_by'),
  /** No reference: people are deleted, what they did is not. */
  assigneeId: text('assignee_id'),
  assigneeName: text('assignee_name'),
  resolvedAt: time('resolved_at'),
  /** Null: by itself. */
  resolvedBy: text('resolved_by'),
  cause: text(),
  causeBy: text('cause_by'),
  diagnosisRight: integer('diagnosis_right', { mode: 'boolean' }),
  mergedInto: text('merged_into').references((): AnySQLiteColumn => incidents.id, { onDelete: 'set null' }),
  reopened: integer().notNull(),
  /** Opened again by hand while nothing fired: it does not end by itself. */
  heldOpen: integer('held_open', { mode: 'boolean' }).notNull().default(false),
  nextUpdateAt: time('next_update_at'),
  diagnosis: text({ mode: 'json' }).$type<SentDiagnosis>(),
  /** Answers so far, and when the next one is due; null where none is. */
  diagnoses: integer().notNull(),
  nextDiagnosisAt: time('next_diagnosis_at'),
  /** Service, operation and remote of the culprit, to find the same again. */
  culpritKey: text('culprit_key'),
  culpritType: text('culprit_type'),
  ...timestamps,
}, table => [
  // What is open; the past ones, newest first.
  index('incidents_status_opened_at_idx').on(table.status, table.openedAt),
  // Those of a range of days, and the windows that no baseline may use.
  index('incidents_onset_idx').on(table.onset),
  // The same culprit before.
  index('incidents_culprit_key_idx').on(table.culpritKey),
])

/** What was raised, as alerting said it last. */
export const incidentAlerts = sqliteTable('incident_alerts', {
  alertId: text('alert_id').primaryKey(),
  incidentId: text('incident_id').notNull().references(() => incidents.id, { onDelete: 'cascade' }),
  rule: text().notNull(),
  origin: text({ enum: alertOrigins }).notNull(),
  subjectKey: text('subject_key').notNull(),
  subject: text({ mode: 'json' }).$type<{ service: string, operation?: string, remote?: string, method?: string, routeKey?: string, consumer?: string }>().notNull(),
  severity: text({ enum: severities }).notNull(),
  onset: time('onset').notNull(),
  startedAt: time('started_at').notNull(),
  lastFiredAt: time('last_fired_at').notNull(),
  endedAt: time('ended_at'),
  reason: text({ mode: 'json' }).$type<Sentence>().notNull(),
}, table => [
  index('incident_alerts_incident_id_idx').on(table.incidentId),
  // What goes on, asked for in every slot.
  index('incident_alerts_firing_idx').on(table.incidentId).where(sql`ended_at is null`),
  // Has this rule fired for this subject before?
  index('incident_alerts_rule_subject_key_idx').on(table.rule, table.subjectKey, table.startedAt),
])

/** What is disturbed, in the names of telemetry; empty where a part does not apply. */
export const incidentSymptoms = sqliteTable('incident_symptoms', {
  incidentId: text('incident_id').notNull().references(() => incidents.id, { onDelete: 'cascade' }),
  /** Lower case. */
  service: text().notNull(),
  operation: text().notNull(),
  remote: text().notNull(),
  method: text().notNull(),
  /** Empty: not a route. */
  routeKey: text('route_key').notNull(),
  /** An alert's own subject, or found by the diagnosis. */
  source: text({ enum: ['alert', 'diagnosis'] }).notNull(),
}, table => [
  primaryKey({ columns: [table.incidentId, table.service, table.operation, table.remote, table.method, table.routeKey] }),
  // Incidents of a service or a route.
  index('incident_symptoms_service_idx').on(table.service, table.method, table.routeKey),
])

/** Never changed but for the onset, which may become known better. */
export const incidentTimeline = sqliteTable('incident_timeline', {
  id: text().primaryKey(),
  incidentId: text('incident_id').notNull().references(() => incidents.id, { onDelete: 'cascade' }),
  at: time('at').notNull(),
  kind: text({ enum: timelineKinds }).notNull(),
  title: text({ mode: 'json' }).$type<Sentence>().notNull(),
  detail: text({ mode: 'json' }).$type<Sentence>(),
  /** Of a note. */
  text: text(),
  /** Of a public update. */
  ko: text(),
  en: text(),
  byId: text('by_id'),
  /** As it was then; null: by itself. */
  byName: text('by_name'),
  change: text({ mode: 'json' }).$type<Change>(),
}, table => [index('incident_timeline_incident_id_at_idx').on(table.incidentId, table.at)])

/** Who is hurt how much, and whether they were told. */
export const incidentConsumers = sqliteTable('incident_consumers', {
  incidentId: text('incident_id').notNull().references(() => incidents.id, { onDelete: 'cascade' }),
  consumer: text().notNull(),
  failed: real().notNull(),
  /** Null where the source cannot tell. */
  slow: real(),
  total: real().notNull(),
  firstAt: time('first_at'),
  lastAt: time('last_at'),
  told: text({ enum: toldStates }).notNull(),
  toldBy: text('told_by'),
  toldAt: time('told_at'),
  toldNote: text('told_note').notNull(),
}, table => [
  primaryKey({ columns: [table.incidentId, table.consumer] }),
  // Incidents that hurt a consumer.
  index('incident_consumers_consumer_idx').on(table.consumer),
])

/** What stays when telemetry is gone: gzipped, at most 1 MiB an incident. */
export const incidentEvidence = sqliteTable('incident_evidence', {
  incidentId: text('incident_id').notNull().references(() => incidents.id, { onDelete: 'cascade' }),
  kind: text({ enum: ['impact', 'requests', 'picture', 'trace', 'logs'] }).notNull(),
  /** Of a trace its id, else empty. */
  key: text().notNull(),
  /** What a list needs to know without unpacking. */
  summary: text({ mode: 'json' }).$type<Record<string, unknown>>().notNull(),
  bytes: blob({ mode: 'buffer' }).notNull(),
  at: time('at').notNull(),
}, table => [
  primaryKey({ columns: [table.incidentId, table.kind, table.key] }),
  // Who keeps a trace.
  index('incident_evidence_kind_key_idx').on(table.kind, table.key),
])

/** Who wants to hear of one incident. */
export const incidentFollowers = sqliteTable('incident_followers', {
  incidentId: text('incident_id').notNull().references(() => incidents.id, { onDelete: 'cascade' }),
  userId: text('user_id').notNull().references(() => users.id, { onDelete: 'cascade' }),
  at: time('at').notNull(),
}, table => [
  primaryKey({ columns: [table.incidentId, table.userId] }),
  // Gone with their owner.
  index('incident_followers_user_id_idx').on(table.userId),
])

/** What support staff heard of and no incident told of then. */
export const problemReports = sqliteTable('problem_reports', {
  id: text().primaryKey(),
  text: text().notNull(),
  /** No reference: people are deleted, what they did is not. */
  byId: text('by_id').notNull(),
  byName: text('by_name').notNull(),
  at: time('at').notNull(),
  /** May be empty where it was found to belong to an incident. */
  answer: text().notNull().default(''),
  /** Null while it waits. */
  answeredAt: time('answered_at'),
  answeredBy: text('answered_by'),
  incidentId: text('incident_id').references(() => incidents.id, { onDelete: 'set null' }),
}, table => [
  // What waits, and what was answered lately.
  index('problem_reports_at_idx').on(table.at),
  index('problem_reports_answered_at_idx').on(table.answeredAt),
])
