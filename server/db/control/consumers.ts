import { sqliteTable, text } from 'drizzle-orm/sqlite-core'
import { time, timestamps } from './columns'

/** A partner company or app, by the id its requests carry; appears from traffic. */
export const consumers = sqliteTable('consumers', {
  id: text().primaryKey(),
  name: text().notNull().default(''),
  contact: text().notNull().default(''),
  note: text().notNull().default(''),
  firstSeenAt: time('first_seen_at'),
  ...timestamps,
})
