import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Database } from 'better-sqlite3'
import { drizzle } from 'drizzle-orm/better-sqlite3'
import { migrate } from 'drizzle-orm/better-sqlite3/migrator'
import migrations from '#migrations'

/** Brings a telemetry file to this release's schema; throws where it is of a newer one. */
export function migrateTelemetry(db: Database): void {
  const folder = join(migrations, 'telemetry')
  migrate(drizzle(db), { migrationsFolder: folder })
  const newest = db.prepare('select max(created_at) as at from __drizzle_migrations').get() as { at: number }
  if (newest.at > newestOf(folder)) throw new Error('made by a newer release')
}

function newestOf(folder: string): number {
  const journal = JSON.parse(readFileSync(join(folder, 'meta', '_journal.json'), 'utf8')) as { entries: { when: number }[] }
  return Math.max(...journal.entries.map(entry => entry.when))
}
