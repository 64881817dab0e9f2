import { blob, index, integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core'

/** What the list of traces shows and searches. Merged from every batch that brings spans of the trace. */
export const traces = sqliteTable('traces', {
  /** Rises with first arrival, so that what belongs to new traces lies together. */
  id: integer().primaryKey(),
  traceId: blob('trace_id', { mode: 'buffer' }).notNull().unique(),
  /** Microseconds: first start and last end over all spans. */
  startedAt: integer('started_at').notNull(),
  endedAt: integer('ended_at').notNull(),
  /** Milliseconds, of the newest batch. */
  arrivedAt: integer('arrived_at').notNull(),
  spans: integer().notNull(),
  /** Of the true root once it is here, until then of the earliest span. */
  rooted: integer().notNull(),
  rootStartedAt: integer('root_started_at').notNull(),
  rootServiceId: integer('root_service_id').notNull(),
  rootOperationId: integer('root_operation_id').notNull(),
  rootKind: integer('root_kind').notNull(),
  rootRouteId: integer('root_route_id'),
  rootDuration: integer('root_duration').notNull(),
  status: integer(),
  consumerId: integer('consumer_id'),
  failed: integer().notNull(),
  errorType: text('error_type'),
  /** When the span ended that says so; null where it was stored without. */
  errorEndedAt: integer('error_ended_at'),
  /** Numbers of its services in order of appearance: `,3,1,`. */
  services: text().notNull(),
}, table => [
  // The newest traces, whatever the service.
  index('traces_started_at_idx').on(table.startedAt),
])

/**
 * One service's part in a trace. Clustered by its key (see the migration), which lists a service's newest traces; a
 * trace's own parts are found by its services, between its start and its end.
 */
export const traceServices = sqliteTable('trace_services', {
  serviceId: integer('service_id').notNull(),
  /** Microseconds: its first span. */
  startedAt: integer('started_at').notNull(),
  /** `traces.id` */
  trace: integer().notNull(),
  spans: integer().notNull(),
  /** Numbers of its operations and of the routes called on it: `,12,7,`. */
  operations: text().notNull(),
  routes: text().notNull(),
  /** Numbers of the remotes it called, likewise. */
  remotes: text().notNull().default(','),
  consumerId: integer('consumer_id'),
  failed: integer().notNull(),
  /** HTTP status of its request, microseconds it took, and which span it is; of the slowest where there are several. */
  status: integer(),
  requestDuration: integer('request_duration'),
  requestSpan: blob('request_span', { mode: 'buffer' }),
  errorType: text('error_type'),
  errorEndedAt: integer('error_ended_at'),
  /** Of its first span: version, instance and the like. */
  resourceId: integer('resource_id').notNull(),
}, table => [primaryKey({ columns: [table.serviceId, table.startedAt, table.trace] })])

/** The spans that one batch brought for one trace, packed (server/telemetry/embedded/traces/segment.ts). */
export const segments = sqliteTable('segments', {
  /** Rises with arrival. */
  id: integer().primaryKey(),
  trace: integer().notNull(),
  arrivedAt: integer('arrived_at').notNull(),
  spans: integer().notNull(),
  data: blob({ mode: 'buffer' }).notNull(),
}, table => [
  // A whole trace.
  index('segments_trace_idx').on(table.trace),
])
