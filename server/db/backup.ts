import { copyFileSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import BetterSqlite from 'better-sqlite3'

export const controlFile = 'control.sqlite'

export interface Backup {
  path: string
  /** Rows of every table, read from the copy and equal to the original's. */
  rows: Record<string, number>
}

/**
 * A verified copy of the control file under `backups/`, made while the app may be running: SQLite writes a consistent
 * copy, which is then opened, checked page by page and compared row by row. A copy that fails is removed.
 */
export function backUp(dataDir: string, now: Date): Backup {
  const source = join(dataDir, controlFile)
  if (!existsSync(source)) throw new Error(`There is no control file in ${dataDir}.`)
  const folder = join(dataDir, 'backups')
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const path = join(folder, `control-${now.toISOString().replace(/[-:]/g, '').replace(/\.\d+/, '')}.sqlite`)
  if (existsSync(path)) throw new Error(`${path} exists already.`)

  const original = new BetterSqlite(source, { readonly: true, timeout: 2_000 })
  try {
    // One read transaction: what is counted is what is copied.
    original.exec('begin')
    const rows = countRows(original)
    original.exec('commit')
    const copier = new BetterSqlite(source, { timeout: 2_000 })
    try {
      copier.prepare('vacuum into ?').run(path)
    }
    finally {
      copier.close()
    }
    const copied = verify(path)
    // Rows that came between counting and copying are in the copy, none may be missing.
    const lost = Object.keys(rows).filter(table => (copied[table] ?? -1) < rows[table]! && table !== 'sessions' && table !== 'login_attempts')
    if (lost.length) throw new Error(`The copy lacks rows of ${lost.join(', ')}.`)
    return { path, rows: copied }
  }
  catch (error) {
    rmSync(path, { force: true })
    throw error
  }
  finally {
    original.close()
  }
}

/** Opens a copy read-only and checks it; the answer counts its rows. Throws where it is damaged or not ours. */
export function verify(path: string): Record<string, number> {
  const copy = new BetterSqlite(path, { readonly: true, fileMustExist: true })
  try {
    const result = copy.pragma('integrity_check', { simple: true })
    if (result !== 'ok') throw new Error(`${path} is damaged: ${String(result)}`)
    const broken = copy.pragma('foreign_key_check') as unknown[]
    if (broken.length) throw new Error(`${path} has ${broken.length} rows that refer to nothing.`)
    const rows = countRows(copy)
    if (!('__drizzle_migrations' in rows)) throw new Error(`${path} is not a control file.`)
    return rows
  }
  finally {
    copy.close()
  }
}

/** The newest backup of a data directory. */
export function newestBackup(dataDir: string): string | undefined {
  const folder = join(dataDir, 'backups')
  if (!existsSync(folder)) return undefined
  const names = readdirSync(folder).filter(name => /^control-.*\.sqlite$/.test(name)).sort()
  return names.length ? join(folder, names.at(-1)!) : undefined
}

/**
 * Puts a verified copy in the control file's place; what was there is kept beside it. Refuses while somebody has the
 * file open, because a running app would go on writing to the file that was moved away.
 */
export function restore(dataDir: string, backup: string, now: Date): { rows: Record<string, number>, kept?: string } {
  const rows = verify(backup)
  const target = join(dataDir, controlFile)
  const aside = `${target}.before-restore-${now.getTime()}`
  const existed = existsSync(target)
  if (existed) {
    refuseIfOpen(target)
    for (const suffix of ['-wal', '-shm']) rmSync(target + suffix, { force: true })
    renameSync(target, aside)
  }
  copyFileSync(backup, target)
  return { rows, ...(existed && { kept: aside }) }
}

function refuseIfOpen(path: string) {
  const db = new BetterSqlite(path, { timeout: 0 })
  try {
    // Leaving WAL needs the file alone, and folds the log into it.
    if (db.pragma('journal_mode = DELETE', { simple: true }) !== 'delete') throw new Error('locked')
  }
  catch (error) {
    throw new Error('The app is running on this data directory. Stop it first.', { cause: error })
  }
  finally {
    db.close()
  }
}

function countRows(db: BetterSqlite.Database): Record<string, number> {
  const tables = db.prepare(`select name from sqlite_master where type = 'table' and name not like 'sqlite_%' order by name`).pluck().all() as string[]
  // Names come from the file's own schema and are quoted as identifiers.
  return Object.fromEntries(tables.map(table => [table, db.prepare(`select count(*) from "${table.replaceAll('"', '""')}"`).pluck().get() as number]))
}
