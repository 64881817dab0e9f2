import { and, desc, eq, gt, lt, sql, type SQL } from 'drizzle-orm'
import type { Database } from '#server/db/client'
import { anonymousRefusals, auditEntries } from '#server/db/control/audit'
import type { AuditQuery } from '#shared/schemas/access'
import type { AuditEntryView, AuditPage, ChainView } from '#shared/schemas/access-views'
import { DAY } from '#shared/units'
import { genesis, hashOf, type AuditRow } from './audit-chain'


/** Rows checked before others get their turn. */
const slice = 500

export function createAuditTrail({ db, now }: { db: Database, now: () => Date }) {
  /** The newest row this process has seen: rows that vanish from the end break no link. */
  let newest = 0

  function counts(): AuditPage['counts'] {
    const byOutcome = db.select({ outcome: auditEntries.outcome, count: sql<number>`count(*)` }).from(auditEntries).groupBy(auditEntries.outcome).all()
    const of = (outcome: string) => byOutcome.find(row => row.outcome === outcome)?.count ?? 0
    const since = new Date(now().getTime() - DAY)
    const anonymous = db.select({ count: sql<number>`coalesce(sum(${anonymousRefusals.count}), 0)` }).from(anonymousRefusals).where(gt(anonymousRefusals.hour, since)).get()
    return { done: of('done'), refused: of('refused'), anonymous: anonymous?.count ?? 0 }
  }

  return {
    /** Newest first; `next` continues where a page ended. */
    page(query: AuditQuery): AuditPage {
      const conditions: (SQL | undefined)[] = [
        query.before !== undefined ? lt(auditEntries.number, query.before) : undefined,
        query.outcome && eq(auditEntries.outcome, query.outcome),
        query.actor ? eq(auditEntries.actorId, query.actor) : undefined,
        query.subjectKind ? eq(auditEntries.subjectKind, query.subjectKind) : undefined,
        query.subject ? eq(auditEntries.subjectId, query.subject) : undefined,
      ]
      const rows = db.select().from(auditEntries).where(and(...conditions)).orderBy(desc(auditEntries.number)).limit(query.limit + 1).all()
      const entries = rows.slice(0, query.limit)
      return { entries: entries.map(viewOf), next: rows.length > query.limit ? entries.at(-1)!.number : null, counts: counts() }
    },

    /** Walks the chain from its first row, a slice at a time so that requests get their turn in between. */
    async verify(): Promise<ChainView> {
      let previous = { number: 0, hash: genesis }
      for (;;) {
        const rows = db.select().from(auditEntries).where(gt(auditEntries.number, previous.number)).orderBy(auditEntries.number).limit(slice).all()
        for (const row of rows) {
          // eslint-disable-next-line no-restricted-syntax -- a checksum: everybody who may ask has both
          const fits = row.number === previous.number + 1 && row.previousHash === previous.hash && row.hash === hashOf(row)
          if (!fits) return { holds: false, checked: previous.number, brokenAt: previous.number + 1, head: null, at: now().toISOString() }
          previous = row
        }
        if (rows.length < slice) break
        await new Promise(resolve => setImmediate(resolve))
      }
      if (previous.number < newest) return { holds: false, checked: previous.number, brokenAt: previous.number + 1, head: null, at: now().toISOString() }
      newest = previous.number
      return { holds: true, checked: previous.number, brokenAt: null, head: previous.number ? { number: previous.number, hash: previous.hash } : null, at: now().toISOString() }
    },
  }
}

function viewOf({ actorKind, actorId, actorName, subjectKind, subjectId, ...row }: AuditRow): AuditEntryView {
  return {
    ...row,
    at: row.at.toISOString(),
    actor: { kind: actorKind, id: actorId, name: actorName },
    subject: subjectKind && subjectId ? { kind: subjectKind, id: subjectId } : null,
  }
}
