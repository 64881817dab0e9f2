import { mkdtempSync, readdirSync, rmSync, writeFileSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { backUp, controlFile, newestBackup, restore, verify } from '#server/db/backup'
import { openControl } from '#server/db/client'

const now = new Date('2026-11-23T05:32:10Z')
let folder: string
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'bongsu-backup-'))))
afterEach(() => rmSync(folder, { recursive: true }))

const open = () => openControl(join(folder, controlFile))
const addService = (name: string) => {
  const db = open()
  db.$client.prepare(`insert into services (name, display, colour, created_at, updated_at) values (?, ?, 1, 1, 1)`).run(name, name)
  return db
}

describe('a backup of the control file', () => {
  it('is opened, checked and counted while the app is running', () => {
    const db = addService('api-gateway')
    const { path, rows } = backUp(folder, now)
    expect(verify(path)).toEqual(rows)
    expect(rows.services).toBe(1)
    db.$client.close()
  })

  it('comes back, with what was there kept aside', () => {
    addService('api-gateway').$client.close()
    const { path } = backUp(folder, now)
    addService('auth-service').$client.close()

    const { kept } = restore(folder, newestBackup(folder)!, now)
    expect(newestBackup(folder)).toBe(path)
    const db = open()
    expect(db.$client.prepare('select name from services').pluck().all()).toEqual(['api-gateway'])
    db.$client.close()
    expect(verify(kept!).services).toBe(2)
  })

  it('is refused while the app runs', () => {
    const db = addService('api-gateway')
    const { path } = backUp(folder, now)
    expect(() => restore(folder, path, now)).toThrow('running')
    db.$client.close()
  })

  it('is refused when it is damaged or something else, and the file stays', () => {
    addService('api-gateway').$client.close()
    const { path } = backUp(folder, now)
    const bytes = readFileSync(path)
    bytes.fill(0xFF, 4_096, 8_192)
    writeFileSync(path, bytes)
    expect(() => restore(folder, path, now)).toThrow()
    writeFileSync(join(folder, 'other.sqlite'), 'not a database at all, just words')
    expect(() => restore(folder, join(folder, 'other.sqlite'), now)).toThrow()
    expect(readdirSync(folder)).toContain(controlFile)
  })
})
