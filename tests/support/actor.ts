import type { UserActor } from '#server/access/access'
import { builtInRoles, type Permission } from '#shared/permissions'

/** Somebody signed in with a built-in role, or with exactly these permissions. */
export function actorWith(role: keyof typeof builtInRoles | Permission[]): UserActor {
  return {
    kind: 'user', id: 'u1', name: 'Kim', email: 'kim@bongsu.example', roles: [], via: { kind: 'session', id: 's1', renew: false },
    permissions: new Set(typeof role === 'string' ? builtInRoles[role] : role), language: null, zone: null, theme: null,
  }
}
