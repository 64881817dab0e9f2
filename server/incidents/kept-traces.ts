import { and, desc, eq, ne } from 'drizzle-orm'
import type { Database } from '#server/db/client'
import { incidentEvidence, incidents } from '#server/db/control/schema'
import type { Span } from '#shared/trace/span'
import { readEvidence } from './evidence-store'
import type { KeptExemplar, KeptLine } from './freezing'
import { packTrace } from './frozen-trace'

/** A trace as an incident keeps it, for when its source holds it no more. */
export interface KeptTrace {
  /** 128 of INC-128. */
  incident: number
  at: Date
  /** Fewer spans than there were. */
  cut: boolean
  /** The skeleton. */
  bytes: ArrayBuffer
  spans: Span[]
  lines: KeptLine[]
}

/** By whichever incident kept it last. */
export function createKeptTraces({ db }: { db: Database }) {
  return (traceId: string): KeptTrace | undefined => {
    const row = db.select({ id: incidents.id, number: incidents.number, summary: incidentEvidence.summary }).from(incidentEvidence)
      .innerJoin(incidents, eq(incidents.id, incidentEvidence.incidentId))
      .where(and(eq(incidentEvidence.kind, 'trace'), eq(incidentEvidence.key, traceId), ne(incidents.status, 'merged'))).orderBy(desc(incidentEvidence.at)).get()
    const kept = row && readEvidence<{ spans: Span[] }>(db, row.id, 'trace', traceId)
    if (!row || !kept) return undefined
    const { spans } = kept.value
    const lines = readEvidence<{ lines: KeptLine[] }>(db, row.id, 'logs')?.value.lines ?? []
    return { incident: row.number, at: kept.at, cut: (row.summary as unknown as KeptExemplar).cut, bytes: packTrace(spans), spans, lines: lines.filter(line => line.traceId === traceId) }
  }
}
