import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { ownFaces } from '../../scripts/fonts'

const texts = fileURLToPath(new URL('../../shared/text', import.meta.url))

it('gives every character of our own texts a face, and Latin to a reader whatever a partner is called', async () => {
  const css = readFileSync(join(await ownFaces(), 'faces.css'), 'utf8')
  const ranges = [...css.matchAll(/U\+([\da-f]+)(?:-([\da-f]+))?/g)].map(([, from, to]) => [Number.parseInt(from!, 16), Number.parseInt(to ?? from!, 16)] as const)
  const covered = (character: string) => ranges.some(([from, to]) => character.codePointAt(0)! >= from && character.codePointAt(0)! <= to)
  const own = ['en', 'ko'].flatMap(language => readdirSync(join(texts, language)).flatMap(file => [...readFileSync(join(texts, language, file), 'utf8')]))
  expect([...new Set([...own, ...'Zoë & Søn, 100 %'])].filter(character => character > '\n' && !covered(character))).toEqual([])
})

it('makes faces of a size that a page can wait for', async () => {
  const folder = await ownFaces()
  for (const [file, most] of [['latin.woff2', 50_000], ['hangul.woff2', 100_000], ['mono.woff2', 50_000]] as const) {
    const bytes = readFileSync(join(folder, file))
    expect([file, bytes.subarray(0, 4).toString('latin1'), bytes.length < most]).toEqual([file, 'wOF2', true])
  }
})
