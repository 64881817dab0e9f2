import { promisify } from 'node:util'
import { gunzipSync, gzip, gzipSync } from 'node:zlib'
import { and, eq, inArray, ne, notInArray, sql } from 'drizzle-orm'
import type { Database, Transaction } from '#server/db/client'
import { incidentEvidence } from '#server/db/control/schema'

export type EvidenceKind = (typeof incidentEvidence.$inferSelect)['kind']

/** All that is kept with one incident, gzipped. */
export const evidenceLimit = 1024 * 1024

export interface Kept<T> {
  value: T
  at: Date
}

const compress = promisify(gzip)

/** Off the main thread, for what is large. */
export function packEvidence(value: unknown): Promise<Buffer> {
  return compress(JSON.stringify(value))
}

/** Before the thread goes on: where nobody is kept waiting, and time must not. */
export function packAtOnce(value: unknown): Buffer {
  return gzipSync(JSON.stringify(value))
}

/** Writes one piece, given as it is or packed; false where it would not fit beside the others. */
export function keepEvidence(tx: Database | Transaction, incidentId: string, { kind, key = '', summary = {}, at, ...what }: {
  kind: EvidenceKind, key?: string, summary?: Record<string, unknown>, at: Date,
} & ({ value: unknown } | { bytes: Buffer })): boolean {
  const bytes = 'bytes' in what ? what.bytes : packAtOnce(what.value)
  const others = tx.select({ size: sql<number>`coalesce(sum(length(${incidentEvidence.bytes})), 0)` }).from(incidentEvidence)
    .where(and(eq(incidentEvidence.incidentId, incidentId), sql`not (${incidentEvidence.kind} = ${kind} and ${incidentEvidence.key} = ${key})`)).get()!
  if (others.size + bytes.byteLength > evidenceLimit) return false
  const row = { incidentId, kind, key, summary, bytes, at }
  tx.insert(incidentEvidence).values(row).onConflictDoUpdate({ target: [incidentEvidence.incidentId, incidentEvidence.kind, incidentEvidence.key], set: row }).run()
  return true
}

export function readEvidence<T>(db: Database | Transaction, incidentId: string, kind: EvidenceKind, key = ''): Kept<T> | undefined {
  const row = db.select({ bytes: incidentEvidence.bytes, at: incidentEvidence.at }).from(incidentEvidence)
    .where(and(eq(incidentEvidence.incidentId, incidentId), eq(incidentEvidence.kind, kind), eq(incidentEvidence.key, key))).get()
  return row && { value: JSON.parse(gunzipSync(row.bytes).toString()) as T, at: row.at }
}

export function listEvidence(db: Database | Transaction, incidentId: string) {
  return db.select({ kind: incidentEvidence.kind, key: incidentEvidence.key, summary: incidentEvidence.summary, at: incidentEvidence.at, size: sql<number>`length(${incidentEvidence.bytes})` })
    .from(incidentEvidence).where(eq(incidentEvidence.incidentId, incidentId)).all()
}

/** Traces that no answer points at any more make room. */
export function dropTraces(tx: Database | Transaction, incidentId: string, butFor: readonly string[]): void {
  tx.delete(incidentEvidence).where(and(
    eq(incidentEvidence.incidentId, incidentId), eq(incidentEvidence.kind, 'trace'), butFor.length ? notInArray(incidentEvidence.key, [...butFor]) : undefined,
  )).run()
}

/** Of several incidents at once: what a list and other pages show. */
export function readSummaries(db: Database, ids: readonly string[], kind: EvidenceKind): Map<string, Record<string, unknown>> {
  if (!ids.length) return new Map()
  return new Map(db.select({ id: incidentEvidence.incidentId, summary: incidentEvidence.summary }).from(incidentEvidence)
    .where(and(inArray(incidentEvidence.incidentId, [...ids]), eq(incidentEvidence.kind, kind), ne(incidentEvidence.kind, 'trace'))).all().map(({ id, summary }) => [id, summary]))
}
