import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import BetterSqlite from 'better-sqlite3'
import { drizzle, type BetterSQLite3Database } from 'drizzle-orm/better-sqlite3'
import { migrate } from 'drizzle-orm/better-sqlite3/migrator'
import migrations from '#migrations'
import * as schema from './control/schema'

/** The control file, as rooms see it. Everything on it is synchronous. */
export type Database = BetterSQLite3Database<typeof schema> & { $client: BetterSqlite.Database }
export type Transaction = Parameters<Parameters<Database['transaction']>[0]>[0]

/**
 * Opens the control file and brings it to this release's schema, with a copy beside it first. Synchronous, so that
 * nothing is served before it is done. `:memory:` opens a fresh one for a test.
 */
export function openControl(path: string): Database {
  if (path !== ':memory:') mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  const client = new BetterSqlite(path, { timeout: 100 })
  try {
    configure(client)
    copyBeforeMigrating(client, path)
    const db = drizzle(client, { schema })
    migrate(db, { migrationsFolder: join(migrations, 'control') })
    return db
  }
  catch (error) {
    client.close()
    throw error
  }
}

function configure(client: BetterSqlite.Database) {
  client.pragma('journal_mode = WAL')
  // A decision that was answered survives a power cut; in WAL mode the driver's default would not promise that.
  client.pragma('synchronous = FULL')
  client.pragma('foreign_keys = ON')
  client.pragma('trusted_schema = OFF')
  client.pragma('journal_size_limit = 67108864')
}

/**
 * A new file has nothing to lose, and one that is up to date is left alone. One of a newer release is not opened: this
 * one would not know what it says.
 */
function copyBeforeMigrating(client: BetterSqlite.Database, path: string) {
  const known = client.prepare(`select count(*) as tables from sqlite_master where name = '__drizzle_migrations'`).get() as { tables: number }
  if (path === ':memory:' || known.tables === 0) return
  const { applied } = client.prepare('select coalesce(max(created_at), 0) as applied from __drizzle_migrations').get() as { applied: number }
  const journal = readJournal('control')
  if (journal.every(entry => entry.when < applied)) throw new Error(`${path} was written by a newer release. Start that one, or restore a backup of before it.`)
  const next = journal.find(entry => entry.when > applied)
  if (!next) return

  const folder = join(dirname(path), 'backups')
  const copy = join(folder, `${basename(path)}.before-${next.tag}`)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  // Left by a start that failed half way; what it was made of is still the file.
  if (existsSync(copy)) rmSync(copy)
  client.prepare('vacuum into ?').run(copy)
}

export function readJournal(file: 'control' | 'telemetry'): { tag: string, when: number }[] {
  return JSON.parse(readFileSync(join(migrations, file, 'meta', '_journal.json'), 'utf8')).entries
}
