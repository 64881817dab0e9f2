/** Every permission of the product; roles in SQLite grant them, routes and pages name the one they need. */
export const permissions = [
  'status:read', 'endpoints:read', 'incidents:read',
  'incidents:update', 'incidents:manage',
  'traces:read', 'logs:read', 'metrics:query', 'map:read', 'consumers:read',
  'alerts:read', 'slos:read', 'sampling:read',
  'alerts:write', 'slos:write', 'sampling:write',
  'endpoints:write', 'consumers:write',
  'users:manage', 'roles:manage', 'audit:read', 'settings:manage', 'ingest-keys:manage',
] as const

export type Permission = (typeof permissions)[number]

/** What a route asks for: a permission, or one of the three ways of needing none (design: permissions). */
export type Requirement = Permission | 'public' | 'signedIn' | 'machine'

const everyone: Permission[] = ['status:read', 'endpoints:read', 'incidents:read']
const operator: Permission[] = [
  ...everyone,
  'incidents:update', 'incidents:manage',
  'traces:read', 'logs:read', 'metrics:query', 'map:read', 'consumers:read',
  'alerts:read', 'slos:read', 'sampling:read',
  'alerts:write', 'slos:write', 'sampling:write',
]

/** The roles a new installation starts with. They may be edited; the admin role keeps what it needs to undo a mistake. */
export const builtInRoles: Record<'admin' | 'operator' | 'support' | 'viewer', readonly Permission[]> = {
  admin: permissions,
  operator,
  support: [...everyone, 'incidents:update'],
  viewer: [...everyone, 'alerts:read', 'slos:read', 'sampling:read'],
}

/** All that a screen on a wall may ever read. */
export const displayPermissions: readonly Permission[] = ['status:read', 'incidents:read']

export function isPermission(value: string): value is Permission {
  return (permissions as readonly string[]).includes(value)
}
