import { integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import { permissions } from '../../../shared/permissions'
import { time, timestamps } from './columns'

export const roles = sqliteTable('roles', {
  id: text().primaryKey(),
  name: text().notNull().unique(),
  builtIn: integer('built_in', { mode: 'boolean' }).notNull().default(false),
  /** Counts up with every change of its permissions, so that two admins cannot overwrite each other. */
  version: integer().notNull().default(1),
  ...timestamps,
})

export const rolePermissions = sqliteTable('role_permissions', {
  roleId: text('role_id').notNull().references(() => roles.id, { onDelete: 'cascade' }),
  permission: text({ enum: permissions }).notNull(),
}, table => [primaryKey({ columns: [table.roleId, table.permission] })])

/** When somebody last used a permission through a role; outlives taking the permission away. */
export const permissionUses = sqliteTable('permission_uses', {
  roleId: text('role_id').notNull().references(() => roles.id, { onDelete: 'cascade' }),
  permission: text({ enum: permissions }).notNull(),
  lastUsedAt: time('last_used_at').notNull(),
}, table => [primaryKey({ columns: [table.roleId, table.permission] })])
