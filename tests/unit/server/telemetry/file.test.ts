import { existsSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import BetterSqlite from 'better-sqlite3'
import { expect, it } from 'vitest'
import { lockDirectory } from '#server/db/directory-lock'
import { migrateTelemetry } from '#server/db/telemetry/migrate'
import { openForReading, prepareFile } from '#server/telemetry/embedded/store/open'
import { temporaryFolder } from '../../../support/telemetry-store'

it('sets a file aside that is no database, and says where', () => {
  const path = join(temporaryFolder(), 'telemetry.db')
  writeFileSync(path, 'not a database at all, but long enough to be taken for one at first sight'.repeat(100))
  const aside = prepareFile(path, migrateTelemetry)
  expect(existsSync(aside!)).toBe(true)
  expect(openForReading(path).prepare('select count(*) as traces from traces').get()).toEqual({ traces: 0 })
})

it('sets a file of a newer release aside, and keeps each one', () => {
  const folder = temporaryFolder()
  const path = join(folder, 'telemetry.db')
  for (const expected of ['telemetry.db.set-aside', 'telemetry.db.set-aside-2']) {
    prepareFile(path, migrateTelemetry)
    const db = new BetterSqlite(path)
    db.prepare('insert into __drizzle_migrations (hash, created_at) values (?, ?)').run('later', Date.now() * 2)
    db.close()
    expect(prepareFile(path, migrateTelemetry)).toBe(join(folder, expected))
  }
})

it('leaves a file alone that is as it should be', () => {
  const folder = temporaryFolder()
  expect([1, 2].map(() => prepareFile(join(folder, 'telemetry.db'), migrateTelemetry))).toEqual([undefined, undefined])
  expect(readdirSync(folder).filter(name => name.includes('aside'))).toEqual([])
})

it('gives a directory to one at a time', () => {
  const folder = temporaryFolder()
  const release = lockDirectory(folder)!
  expect(lockDirectory(folder)).toBeUndefined()
  release()
  lockDirectory(folder)!()
})
