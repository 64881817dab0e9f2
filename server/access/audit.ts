import { desc } from 'drizzle-orm'
import type { Transaction } from '#server/db/client'
import { auditEntries } from '#server/db/control/audit'
import type { Permission } from '#shared/permissions'
import type { AuditOrigin } from '#shared/schemas/access-views'
import type { Actor, CameBy, UserActor } from './actor'
import { genesis, hashOf, type AuditRow } from './audit-chain'

/** Somebody who acts, or a person by name where nobody is signed in yet. */
export type Author = Actor | Pick<UserActor, 'kind' | 'id' | 'name' | 'cameBy'>

/** Every change by a person or a token is written down in the transaction that makes it. */
export interface AuditInput {
  actor: Author
  /** `endpoint.create`; its sentence is the text `audit.endpoint.create`, filled with `params`. */
  action: string
  params?: Record<string, unknown>
  subject?: { kind: string, id: string }
  permission?: Permission
  /** The fields that changed, as they were and as they are. */
  before?: Record<string, unknown>
  after?: Record<string, unknown>
  outcome?: 'done' | 'refused'
  requestId?: string
  at: Date
}

export function recordAudit(tx: Transaction, input: AuditInput): void {
  const last = tx.select({ number: auditEntries.number, hash: auditEntries.hash }).from(auditEntries).orderBy(desc(auditEntries.number)).limit(1).get()
  const row = {
    number: (last?.number ?? 0) + 1,
    at: input.at,
    ...who(input.actor),
    action: input.action,
    params: plain(input.params ?? {}),
    outcome: input.outcome ?? 'done',
    permission: input.permission ?? null,
    subjectKind: input.subject?.kind ?? null,
    subjectId: input.subject?.id ?? null,
    before: input.before ? plain(input.before) : null,
    after: input.after ? plain(input.after) : null,
    requestId: input.requestId ?? cameBy(input.actor)?.requestId ?? null,
    origin: originOf(input.actor),
    previousHash: last?.hash ?? genesis,
  }
  tx.insert(auditEntries).values({ ...row, hash: hashOf(row) }).run()
}

/** Whose name stands in the row: people are renamed and deleted, the trail is not. */
function who(actor: Author): Pick<AuditRow, 'actorKind' | 'actorId' | 'actorName'> {
  if (actor.kind === 'anonymous') return { actorKind: 'anonymous', actorId: null, actorName: '' }
  // A screen changes nothing, so it never stands in the trail.
  if (actor.kind === 'display') throw new TypeError('a display link acts on nothing')
  if (actor.kind === 'key') return { actorKind: 'key', actorId: actor.id, actorName: actor.name }
  if ('via' in actor && actor.via.kind === 'token') return { actorKind: 'token', actorId: actor.id, actorName: `${actor.name} (${actor.via.name})` }
  return { actorKind: 'user', actorId: actor.id, actorName: actor.name }
}

function cameBy(actor: Author): CameBy | undefined {
  return actor.kind === 'anonymous' ? undefined : actor.cameBy
}

function originOf(actor: Author): AuditOrigin | null {
  if (actor.kind === 'anonymous') return null
  const { address, userAgent, via } = actor.cameBy ?? {}
  const shown = actor.kind === 'key' ? { via: 'key' as const, id: actor.id } : 'via' in actor ? { via: actor.via.kind, id: actor.via.id } : { via }
  const origin = plain({ address, userAgent: userAgent?.slice(0, 200), ...shown })
  return Object.keys(origin).length ? origin : null
}

/** As it will be read back, so that writing and checking hash the same bytes. */
function plain<T extends Record<string, unknown>>(values: T): T {
  return JSON.parse(JSON.stringify(values))
}
