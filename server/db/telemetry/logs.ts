import { blob, index, integer, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import { isNotNull } from 'drizzle-orm'

/**
 * The id is the time in nanoseconds, moved on by one where it is taken: order, paging, windows and the full-text
 * index (`logs_text`, in a migration of its own) all go by it.
 */
export const logs = sqliteTable('logs', {
  id: integer().primaryKey(),
  /** What the id was moved by. */
  moved: integer().notNull(),
  /** Milliseconds. */
  observedAt: integer('observed_at').notNull(),
  arrivedAt: integer('arrived_at').notNull(),
  /** 0 trace to 5 fatal. */
  level: integer().notNull(),
  levelText: text('level_text').notNull(),
  serviceId: integer('service_id').notNull(),
  resourceId: integer('resource_id').notNull(),
  scopeId: integer('scope_id').notNull(),
  traceId: blob('trace_id', { mode: 'buffer' }),
  spanId: blob('span_id', { mode: 'buffer' }),
  body: text().notNull(),
  /** Attributes as OTLP bytes. */
  data: blob({ mode: 'buffer' }).notNull(),
}, table => [
  // Newest of a service; the id is part of every index.
  index('logs_service_idx').on(table.serviceId),
  index('logs_level_idx').on(table.level),
  index('logs_trace_idx').on(table.traceId).where(isNotNull(table.traceId)),
])
