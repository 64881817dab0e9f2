import { blob, index, integer, primaryKey, sqliteTable, text, unique } from 'drizzle-orm/sqlite-core'

/** Failing spans that say the same, ids and numbers aside. Times are milliseconds. */
export const errorGroups = sqliteTable('error_groups', {
  id: integer().primaryKey(),
  serviceId: integer('service_id').notNull(),
  operationId: integer('operation_id').notNull(),
  errorType: text('error_type').notNull(),
  message: text().notNull(),
  firstSeen: integer('first_seen').notNull(),
  lastSeen: integer('last_seen').notNull(),
}, table => [unique('error_groups_key').on(table.serviceId, table.operationId, table.errorType, table.message)])

/** How often in each 10 s, and the newest trace with it. */
export const errorCounts = sqliteTable('error_counts', {
  serviceId: integer('service_id').notNull(),
  /** Seconds since the epoch. */
  bucket: integer().notNull(),
  groupId: integer('group_id').notNull(),
  count: integer().notNull(),
  traceId: blob('trace_id', { mode: 'buffer' }).notNull(),
}, table => [
  primaryKey({ columns: [table.serviceId, table.bucket, table.groupId] }),
  // Retention.
  index('error_counts_bucket_idx').on(table.bucket),
])
