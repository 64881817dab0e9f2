import { createHash } from 'node:crypto'
import type { auditEntries } from '#server/db/control/audit'

export type AuditRow = typeof auditEntries.$inferSelect

/** What the first row is chained to. */
export const genesis = '0'.repeat(64)

/**
 * The hash of a row covers everything in it and the hash of the row before: to change one, all after it would have to
 * be written again, up to the head that somebody may have noted.
 */
export function hashOf(row: Omit<AuditRow, 'hash'>): string {
  const { number, at, actorKind, actorId, actorName, action, params, outcome, permission, subjectKind, subjectId, before, after, requestId, previousHash, origin } = row
  return createHash('sha256').update(JSON.stringify([
    number, at.getTime(), actorKind, actorId, actorName, action, params, outcome, permission, subjectKind, subjectId, before, after, requestId, previousHash,
    // Left out where it was not noted: rows written before there was one keep their hash.
    ...(origin ? [origin] : []),
  ])).digest('hex')
}
