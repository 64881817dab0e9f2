import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { hashSources, isBuilt } from '../../../../demo/launch/build.ts'

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'demo-build-'))
  for (const folder of ['server/api', 'docs', '.output/server']) mkdirSync(join(root, folder), { recursive: true })
  writeFileSync(join(root, 'server/api/a.ts'), 'one')
  writeFileSync(join(root, 'nuxt.config.ts'), 'config')
  writeFileSync(join(root, '.output/server/index.mjs'), 'built')
  writeFileSync(join(root, '.output/.sources'), hashSources(root))
})
afterEach(() => rmSync(root, { recursive: true }))

describe('whether the app has to be built', () => {
  it('is no while the sources are those it was built from, however the folder is written', () => {
    expect(isBuilt(root)).toBe(true)
    expect(isBuilt(`${root}/`)).toBe(true)
    writeFileSync(join(root, 'docs/demo.md'), 'words')
    expect(isBuilt(root)).toBe(true)
  })

  it.each<[string, () => void]>([
    ['a file changed', () => writeFileSync(join(root, 'server/api/a.ts'), 'two')],
    ['a file came', () => writeFileSync(join(root, 'server/b.ts'), '')],
    ['a file moved', () => renameSync(join(root, 'server/api/a.ts'), join(root, 'server/a.ts'))],
    ['the configuration changed', () => writeFileSync(join(root, 'nuxt.config.ts'), 'other')],
    ['a build was cut off', () => rmSync(join(root, '.output/.sources'))],
    ['the output is gone', () => rmSync(join(root, '.output/server/index.mjs'))],
  ])('is yes when %s', (_, change) => {
    change()
    expect(isBuilt(root)).toBe(false)
  })
})
