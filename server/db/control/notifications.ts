import { index, integer, primaryKey, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core'
import { channelKinds, noticeKinds, noticeSeverities, wordings, type NoticeEvent } from '../../../shared/schemas/notification'
import type { Sentence } from '../../../shared/text/text'
import { languages } from '../../../shared/text/languages'
import { time, timestamps } from './columns'
import { users } from './users'

/** A place that several people read: a webhook, a chat room, a list of mail addresses. */
export const notificationChannels = sqliteTable('notification_channels', {
  id: text().primaryKey(),
  name: text().notNull().unique(),
  kind: text({ enum: channelKinds }).notNull(),
  /** Of webhook and chat. Whoever knows a chat's address may write there, so it never leaves this column. */
  url: text(),
  /** Of e-mail. */
  recipients: text({ mode: 'json' }).$type<string[]>().notNull(),
  /** Signs what a webhook is sent; the one before it signs too until its time is over. */
  secret: text(),
  previousSecret: text('previous_secret'),
  previousSecretUntil: time('previous_secret_until'),
  language: text({ enum: languages }).notNull(),
  zone: text().notNull(),
  wording: text({ enum: wordings }).notNull(),
  enabled: integer({ mode: 'boolean' }).notNull(),
  /** The receiver said that it is gone for good; nothing is sent until somebody changes the channel. */
  goneAt: time('gone_at'),
  ...timestamps,
})

/** What goes where: of all incidents those that fit, to a channel or to one person's mail. */
export const notificationRoutes = sqliteTable('notification_routes', {
  id: text().primaryKey(),
  /** Either of the two. */
  channelId: text('channel_id').references(() => notificationChannels.id, { onDelete: 'cascade' }),
  userId: text('user_id').references(() => users.id, { onDelete: 'cascade' }),
  /** The least it carries. */
  severity: text({ enum: noticeSeverities }).notNull(),
  /** Owner teams of endpoints and services; '' is what nobody owns, null is everything. */
  teams: text({ mode: 'json' }).$type<string[]>(),
  events: text({ mode: 'json' }).$type<NoticeEvent[]>().notNull(),
  /** `22:00` in the route's zone; null where there is no quiet. Past midnight where it ends before it begins. */
  quietFrom: text('quiet_from'),
  quietTo: text('quiet_to'),
  zone: text().notNull(),
  criticalPierces: integer('critical_pierces', { mode: 'boolean' }).notNull(),
  enabled: integer({ mode: 'boolean' }).notNull(),
  ...timestamps,
}, table => [
  index('notification_routes_channel_id_idx').on(table.channelId),
  // One's own.
  index('notification_routes_user_id_idx').on(table.userId),
])

/** What there was to tell, written in the transaction that made it true. */
export const notices = sqliteTable('notices', {
  id: text().primaryKey(),
  /** The same thing is told once. */
  key: text().notNull().unique(),
  kind: text({ enum: noticeKinds }).notNull(),
  incidentId: text('incident_id'),
  number: integer(),
  severity: text({ enum: noticeSeverities }).notNull(),
  title: text({ mode: 'json' }).$type<Sentence>().notNull(),
  facts: text({ mode: 'json' }).$type<Sentence[]>().notNull(),
  services: text({ mode: 'json' }).$type<string[]>().notNull(),
  endpointIds: text('endpoint_ids', { mode: 'json' }).$type<string[]>().notNull(),
  consumers: text({ mode: 'json' }).$type<string[]>().notNull(),
  path: text().notNull(),
  at: time('at').notNull(),
  createdAt: time('created_at').notNull(),
}, table => [index('notices_created_at_idx').on(table.createdAt)])

/** One thing sent to one destination: one notice, or several joined. */
export const notificationMessages = sqliteTable('notification_messages', {
  /** The same for every try, so that a receiver knows it again. */
  id: text().primaryKey(),
  /** `channel:<id>` or `user:<id>`. */
  destination: text().notNull(),
  channelId: text('channel_id').references(() => notificationChannels.id, { onDelete: 'set null' }),
  userId: text('user_id').references(() => users.id, { onDelete: 'set null' }),
  /** As it was then; channels and people are renamed and deleted. */
  recipient: text().notNull(),
  /** `dead`: given up, shown until somebody sends it again. `dropped`: nobody waits for it: a test, or whom it was for is not there any more. */
  state: text({ enum: ['waiting', 'sent', 'dead', 'dropped'] }).notNull(),
  /** Of the present round; sending again by hand begins a new one. */
  firstAttemptAt: time('first_attempt_at'),
  /** The next planned try; while one is under way, when it counts as lost. */
  nextAt: time('next_at').notNull(),
  /** Before this not even news brings a try forward. */
  earliestAt: time('earliest_at'),
  finishedAt: time('finished_at'),
  createdAt: time('created_at').notNull(),
}, table => [
  // What is due; what was given up.
  index('notification_messages_state_next_at_idx').on(table.state, table.nextAt),
  // What went to a destination in the last minute, and its log.
  index('notification_messages_destination_idx').on(table.destination, table.finishedAt),
  index('notification_messages_created_at_idx').on(table.createdAt),
])

/** What is owed: a notice to a destination, once, however many routes lead there. */
export const notificationDeliveries = sqliteTable('notification_deliveries', {
  id: text().primaryKey(),
  noticeId: text('notice_id').notNull().references(() => notices.id, { onDelete: 'cascade' }),
  destination: text().notNull(),
  channelId: text('channel_id').references(() => notificationChannels.id, { onDelete: 'cascade' }),
  userId: text('user_id').references(() => users.id, { onDelete: 'cascade' }),
  /** The end of quiet hours; null for at once. */
  heldUntil: time('held_until'),
  /** Null until it is put into one. */
  messageId: text('message_id').references(() => notificationMessages.id, { onDelete: 'cascade' }),
  createdAt: time('created_at').notNull(),
}, table => [
  uniqueIndex('notification_deliveries_notice_destination_idx').on(table.noticeId, table.destination),
  // What is still to be put into a message (null), and what a message holds.
  index('notification_deliveries_message_id_idx').on(table.messageId),
])

/** Every try, with what came back in words. */
export const notificationAttempts = sqliteTable('notification_attempts', {
  messageId: text('message_id').notNull().references(() => notificationMessages.id, { onDelete: 'cascade' }),
  number: integer().notNull(),
  at: time('at').notNull(),
  /** ms. */
  took: integer().notNull(),
  succeeded: integer({ mode: 'boolean' }).notNull(),
  answer: text({ mode: 'json' }).$type<Sentence>().notNull(),
}, table => [primaryKey({ columns: [table.messageId, table.number] })])
