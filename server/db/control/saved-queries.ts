import { index, integer, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import { timestamps } from './columns'
import { users } from './users'

/** Queries of the explorer that somebody keeps, for himself or for all who may query. */
export const savedQueries = sqliteTable('saved_queries', {
  id: text().primaryKey(),
  ownerId: text('owner_id').notNull().references(() => users.id, { onDelete: 'cascade' }),
  name: text().notNull(),
  query: text().notNull(),
  mode: text({ enum: ['range', 'instant'] }).notNull(),
  shared: integer({ mode: 'boolean' }).notNull().default(false),
  ...timestamps,
}, table => [
  // One's own, and those of all.
  index('saved_queries_owner_id_idx').on(table.ownerId),
  index('saved_queries_shared_idx').on(table.shared),
])
