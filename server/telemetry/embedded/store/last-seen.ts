import type { Database, Statement } from 'better-sqlite3'
import type { Seen } from './dictionary'

const tables = ['services', 'service_versions', 'service_instances', 'resources', 'routes'] as const
type Table = (typeof tables)[number]

/** A time that moves with every batch is written every few seconds only, ms. */
const often = 5_000

/** Collects which last-seen times moved, and writes them in the transaction of the batch. */
export class LastSeen {
  private moved = new Map<Seen, Table>()
  private update: Record<Table, Statement>

  constructor(db: Database) {
    this.update = Object.fromEntries(tables.map(table => [table, db.prepare(`update ${table} set last_seen = ? where id = ?`)])) as Record<Table, Statement>
  }

  touch(table: Table, seen: Seen, now: number): void {
    if (now - seen.last < often) return
    seen.last = now
    this.moved.set(seen, table)
  }

  flush(): void {
    for (const [seen, table] of this.moved) this.update[table].run(seen.last, seen.id)
    this.moved.clear()
  }
}
