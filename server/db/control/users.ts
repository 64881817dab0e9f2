import { index, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import { languages } from '../../../shared/text/languages'
import { themes } from '../../../shared/schemas/theme'
import { time, timestamps } from './columns'
import { roles } from './roles'

export const users = sqliteTable('users', {
  id: text().primaryKey(),
  /** Lower case, so that one person has one account. */
  email: text().notNull().unique(),
  name: text().notNull(),
  /** PHC string; null until the person has followed a link and chosen a password. */
  passwordHash: text('password_hash'),
  disabledAt: time('disabled_at'),
  lastSeenAt: time('last_seen_at'),
  /** Null: what the browser or the installation says. */
  language: text({ enum: languages }),
  zone: text(),
  theme: text({ enum: themes }),
  ...timestamps,
})

export const userRoles = sqliteTable('user_roles', {
  userId: text('user_id').notNull().references(() => users.id, { onDelete: 'cascade' }),
  roleId: text('role_id').notNull().references(() => roles.id, { onDelete: 'restrict' }),
}, table => [
  primaryKey({ columns: [table.userId, table.roleId] }),
  // Who has this role.
  index('user_roles_role_id_idx').on(table.roleId),
])
