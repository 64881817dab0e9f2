import type { Database, Statement } from 'better-sqlite3'
import type { Signal } from '../../telemetry'

/** Counts what was taken and what not, by hour, key, signal, service and reason ('' for taken). */
export class Intake {
  private counts = new Map<string, { signal: Signal, keyId: string, service: string, reason: string, items: number }>()
  private upsert: Statement

  constructor(db: Database) {
    this.upsert = db.prepare(`insert into intake (hour, key_id, signal, service, reason, items, last_at) values (?, ?, ?, ?, ?, ?, ?)
      on conflict do update set items = items + excluded.items, last_at = excluded.last_at`)
  }

  add(keyId: string, signal: Signal, service: string, reason: string, items: number): void {
    const key = `${keyId}\n${signal}\n${service}\n${reason}`
    const known = this.counts.get(key)
    if (known) known.items += items
    else this.counts.set(key, { signal, keyId, service, reason, items })
  }

  /** Inside the store's transaction. */
  flush(now: number): void {
    const hour = Math.floor(now / 3_600_000)
    for (const { signal, keyId, service, reason, items } of this.counts.values()) this.upsert.run(hour, keyId, signal, service, reason, items, now)
    this.counts.clear()
  }
}
