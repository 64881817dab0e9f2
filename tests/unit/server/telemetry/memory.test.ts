import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import { AttributeKeys } from '#server/telemetry/embedded/ingest/attribute-keys'
import { Texts } from '#server/telemetry/embedded/ingest/texts'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void
const mebibyte = 1024 * 1024

/** Memory of 40 bodies of 1 MiB, of each of which one new word is remembered; what is left when they are gone. */
function kept(remember: (body: Buffer, from: number, to: number) => void): number {
  collect()
  const before = process.memoryUsage().arrayBuffers
  for (let n = 0; n < 40; n++) {
    const body = Buffer.allocUnsafeSlow(mebibyte)
    const word = `word-${n}`
    body.write(word)
    remember(body, 0, word.length)
  }
  collect()
  return process.memoryUsage().arrayBuffers - before
}

describe('memory of what bodies repeat', () => {
  it('OT-10 remembers a text without the body it came in', () => {
    const texts = new Texts()
    expect(kept((body, from, to) => void texts.get(body, from, to))).toBeLessThan(4 * mebibyte)
    expect(texts.get(Buffer.from('word-1'), 0, 6)).toBe('word-1')
  })

  it('OT-10 remembers the name of an attribute without the body it came in', () => {
    const keys = new AttributeKeys({ consumerAttributes: [], maskedKeys: [] })
    expect(kept((body, from, to) => void keys.find(body, from, to))).toBeLessThan(4 * mebibyte)
    expect(keys.find(Buffer.from('word-1'), 0, 6).name).toBe('word-1')
  })

  it('OT-10 does not remember a name as long as a body', () => {
    const keys = new AttributeKeys({ consumerAttributes: [], maskedKeys: [] })
    expect(kept(body => void keys.find(Uint8Array.from(body), 0, mebibyte))).toBeLessThan(4 * mebibyte)
  })
})
