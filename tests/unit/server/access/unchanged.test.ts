import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createUnchanged } from '#server/access/unchanged'
import { openControl, type Database } from '#server/db/client'

let dir: string
let db: Database
let reads: number
let ask: () => string | undefined

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'bongsu-unchanged-'))
  db = openControl(join(dir, 'control.db'))
  db.$client.exec('CREATE TABLE said (word TEXT)')
  db.$client.exec(`INSERT INTO said VALUES ('one')`)
  const unchanged = createUnchanged<string>(db)
  const word = db.$client.prepare<[], string>('SELECT word FROM said').pluck()
  reads = 0
  ask = () => unchanged('word', () => {
    reads++
    return word.get()
  })
})

afterEach(() => {
  db.$client.close()
  rmSync(dir, { recursive: true })
})

describe('what was read of the control file', () => {
  it('is read once while nothing is written', () => {
    expect([ask(), ask(), ask(), reads]).toEqual(['one', 'one', 'one', 1])
  })

  it('is read again after a write of our own', () => {
    ask()
    db.$client.exec(`UPDATE said SET word = 'two'`)
    expect([ask(), ask(), reads]).toEqual(['two', 'two', 2])
  })

  it('is read again after a write of another connection', () => {
    ask()
    const other = openControl(join(dir, 'control.db'))
    other.$client.exec(`UPDATE said SET word = 'three'`)
    other.$client.close()
    expect(ask()).toBe('three')
  })

  it('is asked for again where there was nothing', () => {
    db.$client.exec('DELETE FROM said')
    expect([ask(), ask(), reads]).toEqual([undefined, undefined, 2])
  })
})
