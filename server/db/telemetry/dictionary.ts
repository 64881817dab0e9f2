import { blob, index, integer, sqliteTable, text, unique } from 'drizzle-orm/sqlite-core'

// What telemetry says over and over is stored once and named by a number. Times are milliseconds.

export const services = sqliteTable('services', {
  id: integer().primaryKey(),
  /** Lower case; "(other)" takes what is beyond the quota. */
  name: text().notNull().unique(),
  namespace: text(),
  language: text(),
  firstSeen: integer('first_seen').notNull(),
  lastSeen: integer('last_seen').notNull(),
})

export const serviceVersions = sqliteTable('service_versions', {
  id: integer().primaryKey(),
  serviceId: integer('service_id').notNull(),
  version: text().notNull(),
  firstSeen: integer('first_seen').notNull(),
  lastSeen: integer('last_seen').notNull(),
}, table => [unique('service_versions_key').on(table.serviceId, table.version)])

export const serviceInstances = sqliteTable('service_instances', {
  id: integer().primaryKey(),
  serviceId: integer('service_id').notNull(),
  instance: text().notNull(),
  firstSeen: integer('first_seen').notNull(),
  lastSeen: integer('last_seen').notNull(),
}, table => [unique('service_instances_key').on(table.serviceId, table.instance)])

export const resources = sqliteTable('resources', {
  id: integer().primaryKey(),
  digest: blob({ mode: 'buffer' }).notNull().unique(),
  serviceId: integer('service_id').notNull(),
  /** Attributes as OTLP bytes, secrets masked. */
  data: blob({ mode: 'buffer' }).notNull(),
  lastSeen: integer('last_seen').notNull(),
}, table => [
  // Forgetting those of instances long gone.
  index('resources_last_seen_idx').on(table.lastSeen),
])

export const scopes = sqliteTable('scopes', {
  id: integer().primaryKey(),
  name: text().notNull(),
  version: text().notNull(),
}, table => [unique('scopes_key').on(table.name, table.version)])

export const operations = sqliteTable('operations', {
  id: integer().primaryKey(),
  serviceId: integer('service_id').notNull(),
  name: text().notNull(),
}, table => [unique('operations_key').on(table.serviceId, table.name)])

export const routes = sqliteTable('routes', {
  id: integer().primaryKey(),
  serviceId: integer('service_id').notNull(),
  method: text().notNull(),
  routeKey: text('route_key').notNull(),
  samplePath: text('sample_path'),
  firstSeen: integer('first_seen').notNull(),
  lastSeen: integer('last_seen').notNull(),
}, table => [unique('routes_key').on(table.serviceId, table.method, table.routeKey)])

export const consumers = sqliteTable('consumers', {
  id: integer().primaryKey(),
  name: text().notNull().unique(),
})

/** Whom a service calls, as it says; `calleeId` once traces have shown who answers there. */
export const remotes = sqliteTable('remotes', {
  id: integer().primaryKey(),
  callerId: integer('caller_id').notNull(),
  kind: integer().notNull(),
  name: text().notNull(),
  calleeId: integer('callee_id'),
}, table => [unique('remotes_key').on(table.callerId, table.kind, table.name)])
