import { randomBytes } from 'node:crypto'
import { expect } from 'vitest'
import { MINUTE } from '#shared/units'
import { createFakeClock } from '../support/fake-clock'
import { startZipkinDouble } from '../support/zipkin/double'
import { toZipkin } from '../support/zipkin/from-spans'
import { isolate } from '../support/zipkin/isolated-source'
import { createZipkinAt } from '../support/zipkin/source'
import { describeTraceSource } from './trace-source'

for (const storage of ['memory', 'elasticsearch'] as const) {
  describeTraceSource(`zipkin, as it answers over ${storage}`, async (spans) => {
    const zipkin = await startZipkinDouble(storage)
    zipkin.add(toZipkin(spans))
    return createZipkinAt(zipkin.url, { clock: createFakeClock() })
  }, { dependencies: storage === 'memory' })
}

const address = process.env.BACKENDS_ZIPKIN_URL
if (address) {
  // Anywhere in the last month, so that one run does not meet what another left.
  const first = Number(randomBytes(2).readUInt16BE()) % 2_000
  let last = 0
  describeTraceSource('zipkin, the real one', async (spans) => {
    const { source, outward } = isolate(createZipkinAt(address), { shift: -(first + last++) * 20 * MINUTE, nonce: randomBytes(16).toString('hex') })
    const sent = outward(spans)
    const answer = await fetch(new URL('/api/v2/spans', address), { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(toZipkin(sent)) })
    expect(answer.status).toBe(202)
    // Accepted is not stored; one sent twice in a batch is stored once.
    for (const [traceId, members] of Map.groupBy(sent, span => span.traceId)) {
      const wanted = new Set(members.map(({ spanId, kind }) => `${spanId} ${kind}`)).size
      await expect.poll(() => storedOf(traceId), { timeout: 20_000 }).toBeGreaterThanOrEqual(wanted)
    }
    return source
  })
}

async function storedOf(traceId: string): Promise<number> {
  const answer = await fetch(new URL(`/api/v2/trace/${traceId}`, address))
  return answer.ok ? ((await answer.json()) as unknown[]).length : 0
}
