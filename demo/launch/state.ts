import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'

/** What the demo chose for one data directory, so that the next start can sign in again. */
export interface Entry {
  password: string
  /** The password before, while the new one may not hold for everybody yet. */
  former?: string
  ingestKey: string
  ingestKeyId?: string
}

type State = Record<string, Entry>

/** Passwords and keys by data directory, in a file that only its owner can read. */
export function createStateFile(path: string) {
  function read(): State {
    if (!existsSync(path)) return {}
    try {
      return JSON.parse(readFileSync(path, 'utf8')) as State
    }
    catch {
      throw new Error(`${path} is not JSON any more. Delete it, or set DEMO_PASSWORD and DEMO_INGEST_KEY to what they were.`)
    }
  }

  return {
    find: (dataDir: string): Entry | undefined => read()[dataDir],
    /** Written beside and moved into place: a kill in between leaves the old file. */
    save(dataDir: string, entry: Entry): void {
      mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
      const next = `${path}.${process.pid}`
      writeFileSync(next, `${JSON.stringify({ ...read(), [dataDir]: entry }, undefined, 2)}\n`, { mode: 0o600 })
      chmodSync(next, 0o600)
      renameSync(next, path)
    },
  }
}

export type StateFile = ReturnType<typeof createStateFile>
