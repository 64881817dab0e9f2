import { AppError } from '#shared/errors'
import type { Permission } from '#shared/permissions'
import type { IngestScope } from '#shared/schemas/ingest-scope'
import type { Theme } from '#shared/schemas/theme'
import type { Language } from '#shared/text/languages'

/** Who is asking, looked up anew for every request. */
export type Actor = UserActor | KeyActor | DisplayActor | AnonymousActor

/** The request an actor came with, for the audit trail. */
export interface CameBy {
  requestId?: string
  /** Undefined where the server asks itself while it renders a page. */
  address?: string
  userAgent?: string
  /** Only where neither session nor token tells: by what somebody got in. */
  via?: 'password' | 'link'
}

export interface UserActor {
  kind: 'user'
  id: string
  name: string
  email: string
  /** Ids of the roles. */
  roles: string[]
  /** What the roles grant together, cut to the token's own where one is used. */
  permissions: ReadonlySet<Permission>
  /** What showed who it is: a browser's session or one of the person's API tokens. */
  via: { kind: 'session', id: string, renew: boolean } | { kind: 'token', id: string, name: string }
  language: Language | null
  zone: string | null
  theme: Theme | null
  cameBy?: CameBy
}

/** A machine with an ingest key. */
export interface KeyActor {
  kind: 'key'
  id: string
  name: string
  scopes: readonly IngestScope[]
  /** Null: all. */
  services: readonly string[] | null
  cameBy?: CameBy
  permissions: ReadonlySet<Permission>
}

/** A screen on a wall, by its link. It reads the board and open incidents; nobody is behind it. */
export interface DisplayActor {
  kind: 'display'
  id: string
  name: string
  language: Language | null
  expiresAt: Date
  cameBy?: CameBy
  permissions: ReadonlySet<Permission>
}

export interface AnonymousActor {
  kind: 'anonymous'
  permissions: ReadonlySet<Permission>
}

export const anonymous: AnonymousActor = { kind: 'anonymous', permissions: new Set() }

export function can(actor: Actor, permission: Permission): boolean {
  return actor.permissions.has(permission)
}

/** What only the person may do: a leaked token must not become a password or another token. */
export function refuseToken(actor: UserActor): void {
  if (actor.via.kind !== 'session') throw new AppError('access.session_required')
}
