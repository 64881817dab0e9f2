import { blob, integer, primaryKey, real, sqliteTable, unique } from 'drizzle-orm/sqlite-core'

/** One combination of the dimensions of the requests cube. */
export const requestKeys = sqliteTable('request_keys', {
  id: integer().primaryKey(),
  serviceId: integer('service_id').notNull(),
  routeId: integer('route_id').notNull(),
  /** 0 is "unknown". */
  consumerId: integer('consumer_id').notNull(),
  statusClass: integer('status_class').notNull(),
}, table => [unique('request_keys_key').on(table.routeId, table.consumerId, table.statusClass)])

/** One combination of the dimensions of the operations cube. */
export const operationKeys = sqliteTable('operation_keys', {
  id: integer().primaryKey(),
  serviceId: integer('service_id').notNull(),
  operationId: integer('operation_id').notNull(),
  kind: integer().notNull(),
  /** 0 where nobody is called. */
  remoteId: integer('remote_id').notNull(),
  statusClass: integer('status_class').notNull(),
}, table => [unique('operation_keys_key').on(table.operationId, table.kind, table.remoteId, table.statusClass)])

const cell = {
  /** Seconds of the step: 10, 60, 600. */
  level: integer().notNull(),
  serviceId: integer('service_id').notNull(),
  /** Start of the step, seconds since the epoch. */
  bucket: integer().notNull(),
  keyId: integer('key_id').notNull(),
  spans: integer().notNull(),
  requests: real().notNull(),
  failed: real().notNull(),
  /** Sum, microseconds. */
  duration: real().notNull(),
  /** Durations by logarithmic class, server/telemetry/embedded/rollup/sketch.ts. */
  sketch: blob({ mode: 'buffer' }).notNull(),
}

/** RED of requests. Clustered by its key: a table without row ids, see the migration. */
export const requestCells = sqliteTable('request_cells', cell, table => [
  primaryKey({ columns: [table.level, table.serviceId, table.bucket, table.keyId] }),
])

/** RED of operations. Clustered by its key, too. */
export const operationCells = sqliteTable('operation_cells', cell, table => [
  primaryKey({ columns: [table.level, table.serviceId, table.bucket, table.keyId] }),
])
