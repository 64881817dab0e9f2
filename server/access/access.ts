import type { Clock } from '#server/clock'
import type { Database } from '#server/db/client'
import type { ErrorCode } from '#shared/errors'
import type { Permission, Requirement } from '#shared/permissions'
import type { SessionView } from '#shared/schemas/access-views'
import { MINUTE } from '#shared/units'
import { createAccount } from './account'
import type { Actor, DisplayActor, KeyActor, UserActor } from './actor'
import { recordAudit } from './audit'
import { createAuditTrail } from './audit-trail'
import { createDisplayLinks } from './display-links'
import { createIdentity } from './identity'
import { createIngestKeys } from './ingest-keys'
import { createLinks } from './links'
import { createPasswordHasher } from './password-hash'
import { createRoles, seedRoles } from './roles'
import { createSessions } from './sessions'
import { createSightings } from './sightings'
import { createThrottle } from './throttle'
import { createTokens } from './tokens'
import { createUnchanged } from './unchanged'
import { createUsers } from './users'
import { prepareHeldRoles } from './user-rows'

export * from './actor'
export { recordAudit, type AuditInput } from './audit'
export type { KeyGrant } from './ingest-keys'

export type Access = ReturnType<typeof createAccess>

/** Who may do what, and who did. */
export function createAccess({ db, clock }: { db: Database, clock: Clock }) {
  seedRoles(db, clock)
  const hasher = createPasswordHasher()
  const sightings = createSightings({ db, clock })
  const throttle = createThrottle({ db, now: clock.now })
  const sessions = createSessions({ db, clock, hasher, throttle, sightings })
  const links = createLinks({ db, clock, hasher, sessions })
  const tokens = createTokens({ db, clock })
  const audit = createAuditTrail({ db, now: clock.now })

  const heldRoles = prepareHeldRoles(db)
  const unchanged = createUnchanged<ReturnType<typeof heldRoles.all>>(db)

  const stopForgetting = clock.every(10 * MINUTE, () => {
    sightings.flush()
    sessions.forgetEnded()
    links.forgetExpired()
    throttle.forgetOld()
  })

  return {
    ...createIdentity({ db, clock, sightings }),
    sessions,
    links,
    audit,
    users: createUsers({ db, clock }),
    roles: createRoles({ db, clock }),
    tokens,
    ingestKeys: createIngestKeys({ db, clock }),
    displayLinks: createDisplayLinks({ db, clock }),
    account: createAccount({ db, clock, hasher, throttle, sessions, tokens }),

    /** What a page needs to know of its reader. */
    describe(actor: Actor): SessionView['user'] {
      if (actor.kind !== 'user') return null
      const { id, name, email, permissions, language, zone, theme } = actor
      return { id, name, email, roles: unchanged(id, () => heldRoles.all({ userId: id })) ?? [], permissions: [...permissions], language, zone, theme }
    },

    noteUse(actor: UserActor | KeyActor | DisplayActor, permission: Permission): void {
      if (actor.kind === 'user') sightings.use(actor.id, permission)
    },

    countRefusal: (code: ErrorCode) => sightings.refusal(code),

    recordRefusal(actor: UserActor | KeyActor, refusal: { code: ErrorCode, permission: Requirement, requestId: string, method: string, route: string }): void {
      const { code, permission, requestId, method, route } = refusal
      db.transaction(tx => recordAudit(tx, {
        actor, action: `refused.${code}`, outcome: 'refused', params: { permission, method, route }, requestId, at: clock.now(),
        ...(permission.includes(':') && { permission: permission as Permission }),
      }), { behavior: 'immediate' })
    },

    close(): void {
      stopForgetting()
      sightings.close()
    },
  }
}
