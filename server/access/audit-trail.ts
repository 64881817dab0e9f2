import { and, desc, eq, gt, gte, inArray, lt, or, sql, type SQL } from 'drizzle-orm'
import type { Database } from '#server/db/client'
import { anonymousRefusals, auditEntries } from '#server/db/control/audit'
import { auditActionsSaying } from '#shared/access/audit-actions'
import { dayStart } from '#shared/text/day-start'
import type { AuditFilter, AuditQuery } from '#shared/schemas/access'
import type { AuditEntryView, AuditPage, ChainView } from '#shared/schemas/access-views'
import { DAY } from '#shared/units'
import { genesis, hashOf, type AuditRow } from './audit-chain'

/** Rows one page looks through for words; the next page goes on from there. */
const mostSearched = 10_000
/** Rows checked before others get their turn. */
const slice = 500

export function createAuditTrail({ db, now }: { db: Database, now: () => Date }) {
  /** The newest row this process has seen: rows that vanish from the end break no link. */
  let newest = 0

  function counts(where: SQL | undefined): AuditPage['counts'] {
    const byOutcome = db.select({ outcome: auditEntries.outcome, count: sql<number>`count(*)` }).from(auditEntries).where(where).groupBy(auditEntries.outcome).all()
    const of = (outcome: string) => byOutcome.find(row => row.outcome === outcome)?.count ?? 0
    const since = new Date(now().getTime() - DAY)
    const anonymous = db.select({ count: sql<number>`coalesce(sum(${anonymousRefusals.count}), 0)` }).from(anonymousRefusals).where(gt(anonymousRefusals.hour, since)).get()
    return { done: of('done'), refused: of('refused'), anonymous: anonymous?.count ?? 0 }
  }

  function newestOf(where: SQL | undefined): number {
    return db.select({ number: auditEntries.number }).from(auditEntries).where(where).orderBy(desc(auditEntries.number)).limit(1).get()?.number ?? 0
  }

  function find(query: AuditQuery, kept: SQL | undefined): Pick<AuditPage, 'entries' | 'next'> {
    const words = query.text?.split(/\s+/).filter(Boolean) ?? []
    const asked = and(kept, query.before !== undefined ? lt(auditEntries.number, query.before) : undefined)
    const searchedTo = words.length ? newestOf(asked) - mostSearched : 0
    const conditions: (SQL | undefined)[] = [
      asked, searchedTo > 0 ? gt(auditEntries.number, searchedTo) : undefined, ...words.map(says),
      query.outcome && eq(auditEntries.outcome, query.outcome),
      query.subjectKind ? eq(auditEntries.subjectKind, query.subjectKind) : undefined,
      query.subject ? eq(auditEntries.subjectId, query.subject) : undefined,
      query.permission ? eq(auditEntries.permission, query.permission) : undefined,
    ]
    const rows = db.select().from(auditEntries).where(and(...conditions)).orderBy(desc(auditEntries.number)).limit(query.limit + 1).all()
    const entries = rows.slice(0, query.limit)
    const next = rows.length > query.limit ? entries.at(-1)!.number : searchedTo > 0 ? searchedTo + 1 : null
    return { entries: entries.map(viewOf), next }
  }

  return {
    /** Newest first; `next` continues where a page ended. */
    page(query: AuditQuery, zone: string): AuditPage {
      const kept = keptBy(query, zone)
      return { ...find(query, kept), counts: counts(kept) }
    },

    /** All of it, newest first, a slice at a time so that requests get their turn in between. */
    async *entries(filter: AuditFilter, zone: string): AsyncGenerator<AuditEntryView> {
      const kept = keptBy(filter, zone)
      let before: number | undefined
      do {
        const { entries, next } = find({ ...filter, before, limit: slice }, kept)
        yield* entries
        before = next ?? undefined
        await new Promise(resolve => setImmediate(resolve))
      } while (before !== undefined)
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

/** What the counts of a page are of: narrowing further leaves them as they are. */
function keptBy(query: AuditFilter, zone: string): SQL | undefined {
  return and(
    query.from ? gte(auditEntries.at, dayStart(query.from, zone)) : undefined,
    query.to ? lt(auditEntries.at, dayStart(query.to, zone, 1)) : undefined,
    query.actor ? eq(auditEntries.actorId, query.actor) : undefined,
  )
}

/** Somewhere in the row: who, what it was done to, the request, or what its sentence says in either language. */
function says(word: string): SQL | undefined {
  const like = `%${word.replaceAll(/[\\%_]/g, '\\$&')}%`
  const within = (column: SQL | typeof auditEntries.actorName) => sql`${column} like ${like} escape '\\'`
  return or(
    within(auditEntries.actorName), within(sql`${auditEntries.subjectId}`), within(sql`${auditEntries.requestId}`), within(sql`${auditEntries.permission}`),
    within(sql`json_extract(${auditEntries.origin}, '$.address')`),
    sql`exists (select 1 from json_each(${auditEntries.params}) where value like ${like} escape '\\')`,
    inArray(auditEntries.action, auditActionsSaying(word)),
  )
}

function viewOf({ actorKind, actorId, actorName, subjectKind, subjectId, ...row }: AuditRow): AuditEntryView {
  return {
    ...row,
    at: row.at.toISOString(),
    actor: { kind: actorKind, id: actorId, name: actorName },
    subject: subjectKind && subjectId ? { kind: subjectKind, id: subjectId } : null,
  }
}
