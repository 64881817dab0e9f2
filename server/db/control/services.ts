import { integer, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import { time, timestamps } from './columns'

/** One per `service.name`; appears at first sight, or when an endpoint of it is registered before. */
export const services = sqliteTable('services', {
  /** Lower case, because one backend lower-cases names and the same service must stay one. */
  name: text().primaryKey(),
  /** As its sender writes it. */
  display: text().notNull(),
  namespace: text(),
  /** 1 to 12, given in the order of appearance and kept for good. */
  colour: integer().notNull(),
  ownerTeam: text('owner_team').notNull().default(''),
  contact: text().notNull().default(''),
  /** Degraded above this p95 (ms), for endpoints without an objective; null for the product's 2 s. */
  latencyThreshold: integer('latency_threshold'),
  firstSeenAt: time('first_seen_at'),
  ...timestamps,
})
