import { index, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import { changeKinds } from '../../../shared/schemas/change'
import { time } from './columns'

/** Deployments and configuration changes, announced or first seen; endpoint revisions are read beside them. */
export const changes = sqliteTable('changes', {
  id: text().primaryKey(),
  kind: text({ enum: changeKinds }).notNull(),
  service: text().notNull(),
  version: text(),
  key: text(),
  oldValue: text('old_value'),
  newValue: text('new_value'),
  author: text(),
  /** `announced` by a machine, `seen` as a version in telemetry. */
  source: text({ enum: ['announced', 'seen'] }).notNull(),
  /** The same announcement sent twice is one change. */
  digest: text().notNull().unique(),
  at: time('at').notNull(),
  receivedAt: time('received_at').notNull(),
}, table => [
  index('changes_at_idx').on(table.at),
  // Is this version known already?
  index('changes_service_version_idx').on(table.service, table.version),
])
