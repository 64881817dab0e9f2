import { index, integer, real, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import type { Permission } from '../../../shared/permissions'
import type { ingestScopes } from '../../../shared/schemas/ingest-scope'
import { languages } from '../../../shared/text/languages'
import { time } from './columns'
import { users } from './users'

/** For a person's scripts; its rights are cut to its owner's at each use. */
export const apiTokens = sqliteTable('api_tokens', {
  id: text().primaryKey(),
  tokenHash: text('token_hash').notNull().unique(),
  userId: text('user_id').notNull().references(() => users.id, { onDelete: 'cascade' }),
  name: text().notNull(),
  permissions: text({ mode: 'json' }).$type<Permission[]>().notNull(),
  createdAt: time('created_at').notNull(),
  lastUsedAt: time('last_used_at'),
  expiresAt: time('expires_at'),
}, table => [index('api_tokens_user_id_idx').on(table.userId)])

/** For machines that send; opens no page and no API but the routes of its scopes. */
export const ingestKeys = sqliteTable('ingest_keys', {
  id: text().primaryKey(),
  name: text().notNull(),
  keyHash: text('key_hash').notNull().unique(),
  /** The last characters, to tell keys apart. */
  hint: text().notNull(),
  scopes: text({ mode: 'json' }).$type<(typeof ingestScopes)[number][]>().notNull(),
  /** The services it may write for; null for all. */
  services: text({ mode: 'json' }).$type<string[]>(),
  /** What share of requests its sender keeps, where the telemetry itself does not say. */
  samplingRatio: real('sampling_ratio').notNull().default(1),
  createdBy: text('created_by'),
  createdAt: time('created_at').notNull(),
  lastUsedAt: time('last_used_at'),
  revokedAt: time('revoked_at'),
})

/** Links for screens on a wall: whoever holds one sees the board and open incidents, and nothing else. */
export const displayLinks = sqliteTable('display_links', {
  id: text().primaryKey(),
  name: text().notNull(),
  tokenHash: text('token_hash').notNull().unique(),
  /** What the screen reads; null: what its browser asks for. */
  language: text({ enum: languages }),
  createdBy: text('created_by'),
  createdAt: time('created_at').notNull(),
  expiresAt: time('expires_at').notNull(),
  lastUsedAt: time('last_used_at'),
  revokedAt: time('revoked_at'),
})

/** Links that work once: the first set-up, and choosing a password. */
export const oneTimeLinks = sqliteTable('one_time_links', {
  tokenHash: text('token_hash').primaryKey(),
  /** Null for the set-up link. */
  userId: text('user_id').references(() => users.id, { onDelete: 'cascade' }),
  expiresAt: time('expires_at').notNull(),
}, table => [index('one_time_links_user_id_idx').on(table.userId)])

/** Failed sign-ins by account and by address; in the file, so that a restart forgives nothing. */
export const loginFailures = sqliteTable('login_failures', {
  /** `account:<e-mail>` or `address:<network>`. */
  subject: text().primaryKey(),
  failures: integer().notNull(),
  since: time('since').notNull(),
  blockedUntil: time('blocked_until'),
}, table => [
  // Forgetting what is over.
  index('login_failures_since_idx').on(table.since),
])
