import { existsSync, mkdirSync, renameSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import BetterSqlite, { type Database } from 'better-sqlite3'

/** Pages in the log at which the writer makes room itself: 256 MB, which checkpoints.ts keeps it from reaching. */
const LOG_PAGES = 16_384

/** Opens the file for the one who writes. */
export function openForWriting(path: string): Database {
  const db = new BetterSqlite(path, { timeout: 2_000 })
  db.pragma('journal_mode = WAL')
  db.pragma('synchronous = NORMAL')
  db.pragma('trusted_schema = OFF')
  db.pragma('journal_size_limit = 67108864')
  db.pragma(`wal_autocheckpoint = ${LOG_PAGES}`)
  db.pragma('cache_size = -65536')
  db.pragma('temp_store = MEMORY')
  return db
}

/** Opens the file for the one who carries pages from the log into it. */
export function openForCheckpoints(path: string): Database {
  const db = new BetterSqlite(path, { timeout: 0 })
  db.pragma('synchronous = NORMAL')
  db.pragma('trusted_schema = OFF')
  return db
}

export function openForReading(path: string): Database {
  const db = new BetterSqlite(path, { readonly: true, timeout: 100 })
  db.pragma('trusted_schema = OFF')
  db.pragma('cache_size = -32768')
  db.pragma('mmap_size = 268435456')
  db.pragma('temp_store = MEMORY')
  return db
}

/**
 * Makes the file, or brings it to this release's schema. One that cannot be migrated, or is no database any more, is
 * set aside: telemetry may be dropped, a start may not fail for it. Answers where it was put.
 */
export function prepareFile(path: string, migrate: (db: Database) => void): string | undefined {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  try {
    migrateFile(path, migrate)
    return undefined
  }
  catch (error) {
    if (!existsSync(path)) throw error
    const aside = join(dirname(path), freeName(dirname(path), `${basename(path)}.set-aside`))
    for (const suffix of ['', '-wal', '-shm']) if (existsSync(path + suffix)) renameSync(path + suffix, aside + suffix)
    migrateFile(path, migrate)
    return aside
  }
}

function migrateFile(path: string, migrate: (db: Database) => void) {
  const db = new BetterSqlite(path, { timeout: 2_000 })
  try {
    // Both hold for a new file only, before anything is in it. A segment has 2 to 8 KiB: on pages of 8 KiB a fifth of the
    // file would be room that the next one does not fit into.
    db.pragma('page_size = 16384')
    db.pragma('auto_vacuum = INCREMENTAL')
    db.pragma('journal_mode = WAL')
    migrate(db)
  }
  finally {
    db.close()
  }
}

function freeName(folder: string, name: string): string {
  let free = name
  for (let count = 2; existsSync(join(folder, free)); count++) free = `${name}-${count}`
  return free
}
