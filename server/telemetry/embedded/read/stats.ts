import type { Database } from 'better-sqlite3'
import type { IngestStats, Signal } from '../../telemetry'

/** What the file itself knows of what came in and what went. */
export function readStats(db: Database): Pick<IngestStats, 'accepted' | 'rejected' | 'removed' | 'services'> & { oldestSpan?: Date, oldestLog?: Date } {
  const rows = db.prepare(`select key_id as keyId, signal, service, reason, sum(items) as items, max(last_at) as lastAt from intake group by 1, 2, 3, 4 order by items desc`)
    .all() as { keyId: string, signal: Signal, service: string, reason: string, items: number, lastAt: number }[]
  const counts = rows.map(row => ({ ...row, lastAt: new Date(row.lastAt) }))
  const accepted = counts.filter(row => row.reason === '').map(({ keyId, signal, service, items, lastAt }) => ({ keyId, signal, service, items, lastAt }))
  const newest = new Map<string, { service: string, signal: Signal, lastReceived: Date }>()
  for (const { service, signal, lastAt } of accepted) {
    const key = `${service}\n${signal}`
    const known = newest.get(key)
    if (!known || known.lastReceived < lastAt) newest.set(key, { service, signal, lastReceived: lastAt })
  }
  const oldestSpan = db.prepare('select arrived_at from segments order by id limit 1').pluck().get() as number | undefined
  const oldestLog = db.prepare('select id from logs order by id limit 1').pluck().safeIntegers().get() as bigint | undefined
  return {
    accepted,
    rejected: counts.filter(row => row.reason !== ''),
    removed: (db.prepare('select what, rows, last_at as lastAt from removals').all() as { what: string, rows: number, lastAt: number }[]).map(row => ({ ...row, lastAt: new Date(row.lastAt) })),
    services: [...newest.values()],
    ...(oldestSpan !== undefined && { oldestSpan: new Date(oldestSpan) }),
    ...(oldestLog !== undefined && { oldestLog: new Date(Number(oldestLog / 1_000_000n)) }),
  }
}
