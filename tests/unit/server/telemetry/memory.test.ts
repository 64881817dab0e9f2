import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import { AttributeKeys } from '#server/telemetry/embedded/ingest/attribute-keys'
import { Texts } from '#server/telemetry/embedded/ingest/texts'
import { Summaries } from '#server/telemetry/embedded/traces/summaries'
import { createTelemetryStore } from '../../../support/telemetry-store'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void
const mebibyte = 1024 * 1024

/** Memory of arrays that are gone is given back a moment after their collection. */
async function settled(): Promise<number> {
  for (let turn = 0; turn < 3; turn++) {
    collect()
    await new Promise(done => setTimeout(done, 20))
  }
  return process.memoryUsage().arrayBuffers
}

/** Memory of 40 bodies of 1 MiB, of each of which one new word is remembered; what is left when they are gone. */
async function kept(remember: (body: Buffer, from: number, to: number) => void): Promise<number> {
  const before = await settled()
  for (let n = 0; n < 40; n++) {
    const body = Buffer.allocUnsafeSlow(mebibyte)
    const word = `word-${n}`
    body.write(word)
    remember(body, 0, word.length)
  }
  return await settled() - before
}

describe('memory of what bodies repeat', () => {
  it('OT-10 remembers a text without the body it came in', async () => {
    const texts = new Texts()
    expect(await kept((body, from, to) => void texts.get(body, from, to))).toBeLessThan(4 * mebibyte)
    expect(texts.get(Buffer.from('word-1'), 0, 6)).toBe('word-1')
  })

  it('OT-10 remembers the name of an attribute without the body it came in', async () => {
    const keys = new AttributeKeys({ consumerAttributes: [], maskedKeys: [] })
    expect(await kept((body, from, to) => void keys.find(body, from, to))).toBeLessThan(4 * mebibyte)
    expect(keys.find(Buffer.from('word-1'), 0, 6).name).toBe('word-1')
  })

  it('OT-10 does not remember a name as long as a body', async () => {
    const keys = new AttributeKeys({ consumerAttributes: [], maskedKeys: [] })
    expect(await kept(body => void keys.find(Uint8Array.from(body), 0, mebibyte))).toBeLessThan(4 * mebibyte)
  })

  it('OT-10 holds the summary of a trace without the batch it came in', async () => {
    const summaries = new Summaries(createTelemetryStore().db)
    let hash = 0
    expect(await kept(body => void summaries.of(hash++, body.subarray(0, 16)))).toBeLessThan(4 * mebibyte)
  })
})
