// The store as the worker runs it, without a thread between, and the memory of its process told on demand.
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { join } from 'node:path'
import { createSystemClock } from '#server/clock'
import { migrateTelemetry } from '#server/db/telemetry/migrate'
import { openForWriting, prepareFile } from '#server/telemetry/embedded/store/open'
import { createStore } from '#server/telemetry/embedded/store/store'
import { readJsonBody } from '#server/http/read-json-body'
import { Readable } from 'node:stream'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void
let unhandled = 0
process.on('unhandledRejection', () => unhandled++)

const path = join(process.argv[2]!, 'telemetry.db')
prepareFile(path, migrateTelemetry)
const store = createStore({
  db: openForWriting(path), clock: createSystemClock(),
  snapshot: {
    version: 1, keys: [{ id: 'bench', digest: '', scopes: ['telemetry'], samplingRatio: 1 }], routes: [], consumerAttributes: ['api.client.id'], maskedKeys: ['authorization', 'cookie', 'password', 'token', 'secret'],
    retention: { spansDays: 7, logsDays: 7, maxBytes: 10e9, rollup10sDays: 2, rollup1mDays: 15, rollup10mDays: 400 },
  },
})

export interface Survived { states: Record<string, number>, unhandled: number, heapMb: number, buffersMb: number }

/** The seed bodies and how many mutations of them to take in. */
process.on('message', async ({ bodies, times, seed, api }: { bodies: { signal: 'traces' | 'logs' | 'metrics', encoding: 'protobuf' | 'json', body: Uint8Array }[], times: number, seed: number, api: number }) => {
  const random = (below: number) => (seed = Math.imul(seed, 1103515245) + 12345 >>> 0) % below
  const states: Record<string, number> = {}
  const count = (state: string) => void (states[state] = (states[state] ?? 0) + 1)
  const mutate = (from: Uint8Array) => {
    const body = Buffer.from(from)
    for (let change = random(4); change >= 0; change--) body[random(body.length)] = random(256)
    return Buffer.from(random(10) === 0 ? body.subarray(0, random(body.length)) : body)
  }
  for (let done = 0; done < times; done += 250) {
    const replies = store.ingest(Array.from({ length: 250 }, () => {
      const { body, ...rest } = bodies[random(bodies.length)]!
      return { ...rest, body: mutate(body), keyId: 'bench' }
    }))
    for (const { state } of replies) count(state)
    // The writing worker does both every few moments.
    store.takeTouched()
    if (done % 5_000 === 0) while (store.maintain());
  }
  // And through the door of the API.
  for (let done = 0; done < api; done++) {
    const body = mutate(bodies.find(({ encoding }) => encoding === 'json')!.body)
    const request = Object.assign(Readable.from([body]), { headers: { 'content-length': String(body.length) } })
    await readJsonBody(request as never).then(() => count('read'), (error: { code?: string }) => count(error.code ?? 'crash'))
  }
  collect()
  await new Promise(done => setImmediate(done))
  collect()
  const { heapUsed, external, arrayBuffers } = process.memoryUsage()
  process.send!({ states, unhandled, heapMb: (heapUsed + external) / 1e6, buffersMb: arrayBuffers / 1e6 } satisfies Survived)
})
process.send!({ port: 0 })
