import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createStateFile } from '../../../../demo/launch/state.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'demo-state-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

describe('what the demo remembers', () => {
  it('is kept per data directory', () => {
    const file = createStateFile(join(folder, 'deep/state.json'))
    expect(file.find('/a')).toBeUndefined()
    file.save('/a', { password: 'first', ingestKey: 'k1' })
    file.save('/b', { password: 'second', ingestKey: 'k2' })
    expect(createStateFile(join(folder, 'deep/state.json')).find('/a')).toEqual({ password: 'first', ingestKey: 'k1' })
    expect(file.find('/b')).toEqual({ password: 'second', ingestKey: 'k2' })
  })

  it('can be read by its owner only, even where the file was open before', () => {
    const path = join(folder, 'state.json')
    writeFileSync(path, '{}', { mode: 0o644 })
    createStateFile(path).save('/a', { password: 'p', ingestKey: 'k' })
    expect(statSync(path).mode & 0o777).toBe(0o600)
    expect(JSON.parse(readFileSync(path, 'utf8'))).toHaveProperty('/a')
  })

  it('says what to do when the file is broken', () => {
    writeFileSync(join(folder, 'state.json'), '{"/a"')
    expect(() => createStateFile(join(folder, 'state.json')).find('/a')).toThrow(/not JSON any more.*DEMO_PASSWORD/)
  })
})
