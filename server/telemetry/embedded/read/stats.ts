import type { Database } from 'better-sqlite3'
import { HOUR, MINUTE } from '#shared/units'
import type { IngestStats, Signal } from '../../telemetry'

const hoursShown = 24

interface CountRow { keyId: string, signal: Signal, service: string, reason: string, items: number, lastAt: number }

/** What the file itself knows of what came in and what went. */
export function readStats(db: Database, now: Date): Omit<IngestStats, 'receiving' | 'address' | 'refused' | 'queue' | 'lag' | 'disk' | 'setAside'> & { oldestSpan?: Date, oldestLog?: Date } {
  const rows = db.prepare(`select key_id as keyId, signal, service, reason, sum(items) as items, max(last_at) as lastAt from intake group by 1, 2, 3, 4 order by items desc`).all() as CountRow[]
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
  const since = db.prepare('select min(first_seen) from services').pluck().get() as number | null
  return {
    accepted,
    rejected: counts.filter(row => row.reason !== ''),
    hours: readHours(db, now),
    rates: readRates(db, now),
    removed: (db.prepare('select what, rows, last_at as lastAt from removals').all() as { what: string, rows: number, lastAt: number }[]).map(row => ({ ...row, lastAt: new Date(row.lastAt) })),
    services: [...newest.values()],
    ...(since !== null && { since: new Date(since) }),
    ...(oldestSpan !== undefined && { oldestSpan: new Date(oldestSpan) }),
    ...(oldestLog !== undefined && { oldestLog: new Date(Number(oldestLog / 1_000_000n)) }),
  }
}

function readHours(db: Database, now: Date): IngestStats['hours'] {
  const rows = db.prepare(`select hour, signal, sum(case reason when '' then items else 0 end) as accepted, sum(case reason when '' then 0 else items end) as rejected
    from intake where hour > ? group by 1, 2 order by 1`).all(hourOf(now) - hoursShown) as { hour: number, signal: Signal, accepted: number, rejected: number }[]
  return rows.map(({ hour, ...row }) => ({ at: new Date(hour * HOUR), ...row }))
}

/** Two hours, because this one has perhaps only begun; a minute at the least, because a first batch is no rate. */
function readRates(db: Database, now: Date): IngestStats['rates'] {
  const from = hourOf(now) - 1
  const rows = db.prepare(`select i.key_id as keyId, i.signal, i.service, sum(i.items) as items, s.first_seen as firstSeen
    from intake i left join services s on s.name = lower(i.service) where i.hour >= ? and i.reason = '' group by 1, 2, 3`)
    .all(from) as { keyId: string, signal: Signal, service: string, items: number, firstSeen: number | null }[]
  return rows.map(({ items, firstSeen, ...row }) => ({
    ...row, perSecond: items / Math.max(MINUTE, now.getTime() - Math.max(from * HOUR, firstSeen ?? 0)) * 1_000,
  }))
}

function hourOf(at: Date): number {
  return Math.floor(at.getTime() / HOUR)
}
