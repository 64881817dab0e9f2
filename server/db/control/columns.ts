import { integer } from 'drizzle-orm/sqlite-core'

export const time = (name: string) => integer(name, { mode: 'timestamp_ms' })

/** Set by the room from its clock, never by the database. */
export const timestamps = {
  createdAt: time('created_at').notNull(),
  updatedAt: time('updated_at').notNull(),
}
