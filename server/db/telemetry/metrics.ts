import { blob, integer, primaryKey, real, sqliteTable, text, unique } from 'drizzle-orm/sqlite-core'

export const metrics = sqliteTable('metrics', {
  id: integer().primaryKey(),
  serviceId: integer('service_id').notNull(),
  name: text().notNull(),
  unit: text().notNull(),
  kind: text({ enum: ['gauge', 'sum', 'histogram'] }).notNull(),
  lastSeen: integer('last_seen').notNull(),
}, table => [unique('metrics_key').on(table.serviceId, table.name)])

/** One series of a metric: one resource, scope and set of attributes. */
export const metricSeries = sqliteTable('metric_series', {
  id: integer().primaryKey(),
  metricId: integer('metric_id').notNull(),
  digest: blob({ mode: 'buffer' }).notNull(),
  resourceId: integer('resource_id').notNull(),
  /** Cumulative series become rates when read. */
  cumulative: integer().notNull(),
  attributes: blob({ mode: 'buffer' }).notNull(),
}, table => [unique('metric_series_key').on(table.metricId, table.digest)])

/** Clustered by its key, see the migration. */
export const metricPoints = sqliteTable('metric_points', {
  seriesId: integer('series_id').notNull(),
  /** Milliseconds. */
  at: integer().notNull(),
  /** When a cumulative series began to count: another value is a reset. */
  startedAt: integer('started_at').notNull(),
  /** The value, or a histogram's sum. */
  value: real().notNull(),
  /** Of a histogram. */
  count: real(),
}, table => [primaryKey({ columns: [table.seriesId, table.at] })])
