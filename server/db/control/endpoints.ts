import { sql } from 'drizzle-orm'
import { index, integer, primaryKey, real, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core'
import { lifecycles, methods, repeatAnswers, revisionKinds, type EndpointFields } from '../../../shared/schemas/endpoint'
import { time, timestamps } from './columns'
import { services } from './services'

export const endpoints = sqliteTable('endpoints', {
  id: text().primaryKey(),
  service: text().notNull().references(() => services.name, { onDelete: 'restrict' }),
  method: text({ enum: methods }).notNull(),
  template: text().notNull(),
  routeKey: text('route_key').notNull(),
  version: text().notNull(),
  nameKo: text('name_ko').notNull(),
  nameEn: text('name_en').notNull(),
  description: text().notNull(),
  ownerTeam: text('owner_team').notNull(),
  contact: text().notNull(),
  tags: text({ mode: 'json' }).$type<string[]>().notNull(),
  repeatSafe: text('repeat_safe', { enum: repeatAnswers }).notNull(),
  /** p95 in ms. */
  latencyObjective: integer('latency_objective'),
  errorDegraded: real('error_degraded'),
  errorCritical: real('error_critical'),
  availabilityObjective: real('availability_objective').notNull(),
  lifecycle: text({ enum: lifecycles }).notNull(),
  /** A day, as people say it: 2026-12-31. */
  sunset: text(),
  /** Since when it is where it is. */
  lifecycleSince: time('lifecycle_since').notNull(),
  /** Null for what never was more than a draft. */
  wentLiveAt: time('went_live_at'),
  /** Number of the newest revision; who saves against an older one is told. */
  revision: integer().notNull(),
  ...timestamps,
}, table => [
  // One live endpoint per route, whoever writes; drafts and retired ones may share it.
  uniqueIndex('endpoints_live_route_idx').on(table.service, table.method, table.routeKey).where(sql`${table.lifecycle} in ('active', 'deprecated')`),
  // The endpoints of a route or a service, wherever in their life.
  index('endpoints_service_method_route_key_idx').on(table.service, table.method, table.routeKey),
])

/** What an endpoint was; never changed, never deleted but with a draft that was never called. */
export const endpointRevisions = sqliteTable('endpoint_revisions', {
  endpointId: text('endpoint_id').notNull().references(() => endpoints.id, { onDelete: 'cascade' }),
  number: integer().notNull(),
  kind: text({ enum: revisionKinds }).notNull(),
  restoredFrom: integer('restored_from'),
  lifecycle: text({ enum: lifecycles }).notNull(),
  sunset: text(),
  fields: text({ mode: 'json' }).$type<EndpointFields>().notNull(),
  authorId: text('author_id'),
  /** As it was then; people are renamed and deleted. */
  authorName: text('author_name').notNull(),
  at: time('at').notNull(),
}, table => [
  primaryKey({ columns: [table.endpointId, table.number] }),
  // Changes of all endpoints within a time range.
  index('endpoint_revisions_at_idx').on(table.at),
])

/** Traffic that nobody means to register. */
export const ignoredRoutes = sqliteTable('ignored_routes', {
  service: text().notNull(),
  method: text().notNull(),
  routeKey: text('route_key').notNull(),
  by: text().notNull(),
  at: time('at').notNull(),
}, table => [primaryKey({ columns: [table.service, table.method, table.routeKey] })])
