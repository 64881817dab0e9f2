import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import BetterSqlite from 'better-sqlite3'
import { drizzle } from 'drizzle-orm/better-sqlite3'
import { migrate } from 'drizzle-orm/better-sqlite3/migrator'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import migrations from '#migrations'
import { openControl, readJournal } from '#server/db/client'

let folder: string
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'control-'))))
afterEach(() => rmSync(folder, { recursive: true }))

describe('the control file', () => {
  it('promises durability and integrity on every connection', () => {
    const db = openControl(join(folder, 'control.sqlite'))
    const pragma = (name: string) => db.$client.pragma(name, { simple: true })
    expect(pragma('journal_mode')).toBe('wal')
    expect(pragma('synchronous')).toBe(2)
    expect(pragma('foreign_keys')).toBe(1)
    expect(pragma('trusted_schema')).toBe(0)
    expect(pragma('busy_timeout')).toBe(100)
    db.$client.close()
  })

  it('is migrated once and needs no copy when it is new or up to date', () => {
    const path = join(folder, 'control.sqlite')
    openControl(path).$client.close()
    openControl(path).$client.close()
    expect(existsSync(join(folder, 'backups'))).toBe(false)
  })

  it('is copied before a migration is applied to it', () => {
    const path = join(folder, 'control.sqlite')
    openOlder(path)

    openControl(path).$client.close()
    const [copy] = readdirSync(join(folder, 'backups'))
    expect(copy).toBe('control.sqlite.before-0001_guard_audit')
    const held = new BetterSqlite(join(folder, 'backups', copy!), { readonly: true })
    expect(held.prepare('select count(*) from __drizzle_migrations').pluck().get()).toBe(1)
    held.close()
  })

  it('of a newer release is left alone, and told as such', () => {
    const path = join(folder, 'control.sqlite')
    const db = openControl(path)
    db.$client.prepare('insert into __drizzle_migrations (hash, created_at) values (?, ?)').run('of tomorrow', Date.UTC(2100, 0, 1))
    db.$client.close()
    expect(() => openControl(path)).toThrow('written by a newer release')
    expect(existsSync(join(folder, 'backups'))).toBe(false)
  })
})

/** A file as the first release left it: only the first migration applied. */
function openOlder(path: string) {
  const older = join(folder, 'older')
  const [first] = readJournal('control')
  mkdirSync(join(older, 'meta'), { recursive: true })
  copyFileSync(join(migrations, 'control', `${first!.tag}.sql`), join(older, `${first!.tag}.sql`))
  writeFileSync(join(older, 'meta', '_journal.json'), JSON.stringify({ entries: [first] }))
  const client = new BetterSqlite(path)
  migrate(drizzle(client), { migrationsFolder: older })
  client.close()
}

// drizzle skips, without a word, a migration older than the last one applied: two branches that meet must not do that.
describe.each(['control', 'telemetry'] as const)('the %s migrations', (file) => {
  it.skipIf(!existsSync(join(migrations, file)))('are stamped in the order they are applied', () => {
    const stamps = readJournal(file).map(entry => entry.when)
    expect(stamps).toEqual([...new Set(stamps)].sort((a, b) => a - b))
  })
})
