import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import BetterSqlite from 'better-sqlite3'

/**
 * The data directory belongs to one process at a time. The lock is an exclusive transaction on a file of its own: the
 * kernel lets go of it when the process ends, however it ends, which a file with a process id in it cannot promise.
 *
 * Answers how to let go, or undefined where another process holds it. Within one process a second try gives undefined,
 * too: it must not open the file, because closing any handle on it would free the lock.
 */
export function lockDirectory(directory: string): (() => void) | undefined {
  if (held.has(directory)) return undefined
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  const db = new BetterSqlite(join(directory, 'lock.db'), { timeout: 0 })
  try {
    db.pragma('journal_mode = DELETE')
    db.exec('begin exclusive')
  }
  catch (error) {
    db.close()
    if ((error as { code?: string }).code?.startsWith('SQLITE_BUSY')) return undefined
    throw error
  }
  held.add(directory)
  return () => {
    held.delete(directory)
    db.close()
  }
}

const held = new Set<string>()
