import { blob, index, integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core'

/** Batches taken lately: a sender that got no answer sends the same bytes again. */
export const batches = sqliteTable('batches', {
  digest: blob({ mode: 'buffer' }).primaryKey(),
  arrivedAt: integer('arrived_at').notNull(),
}, table => [index('batches_arrived_at_idx').on(table.arrivedAt)])

/** What was taken and what not, by hour. `reason` is empty for what was taken. */
export const intake = sqliteTable('intake', {
  /** Hours since the epoch. */
  hour: integer().notNull(),
  keyId: text('key_id').notNull(),
  signal: text({ enum: ['traces', 'metrics', 'logs'] }).notNull(),
  service: text().notNull(),
  reason: text().notNull(),
  items: integer().notNull(),
  lastAt: integer('last_at').notNull(),
}, table => [primaryKey({ columns: [table.hour, table.keyId, table.signal, table.service, table.reason] })])

/** What retention took away. */
export const removals = sqliteTable('removals', {
  what: text().primaryKey(),
  rows: integer().notNull(),
  lastAt: integer('last_at').notNull(),
})
