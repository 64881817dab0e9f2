import { index, integer, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import { time } from './columns'
import { users } from './users'

/** One row per signed-in browser; ending a session deletes its row. */
export const sessions = sqliteTable('sessions', {
  /** SHA-256 of the cookie's token: the file alone signs nobody in. */
  tokenHash: text('token_hash').primaryKey(),
  /** What lists and links name it by. */
  id: text().notNull().unique(),
  userId: text('user_id').notNull().references(() => users.id, { onDelete: 'cascade' }),
  address: text(),
  userAgent: text('user_agent'),
  createdAt: time('created_at').notNull(),
  lastSeenAt: time('last_seen_at').notNull(),
  endsAt: time('ends_at').notNull(),
  /** The person's rights changed: the next request gets a new token. */
  renew: integer({ mode: 'boolean' }).notNull().default(false),
}, table => [
  // The sessions of one account, and ending all of them.
  index('sessions_user_id_idx').on(table.userId),
])
