import type { Permission } from '../permissions'

/** The order in which people read them. */
export const permissionGroups = {
  read: ['endpoints:read', 'status:read', 'incidents:read'],
  incidents: ['incidents:update', 'incidents:manage'],
  observe: ['traces:read', 'logs:read', 'metrics:query', 'map:read', 'consumers:read'],
  rules: ['alerts:read', 'alerts:write', 'slos:read', 'slos:write', 'sampling:read', 'sampling:write'],
  register: ['endpoints:write', 'consumers:write'],
  admin: ['users:manage', 'roles:manage', 'audit:read', 'settings:manage', 'ingest-keys:manage'],
} as const satisfies Record<string, readonly Permission[]>
