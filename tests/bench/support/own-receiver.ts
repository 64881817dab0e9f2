// Our receiver as it runs in the app, in a process of its own. Bundled before it is started, as the app is.
import { createHash } from 'node:crypto'
import { createSystemClock } from '#server/clock'
import { startTelemetry } from '#server/telemetry/telemetry'

const [dataDir, port, secret] = process.argv.slice(2)
const telemetry = await startTelemetry({
  config: { dataDir: dataDir!, otlp: { host: '127.0.0.1', port: Number(port), grpcPort: 0 } },
  clock: createSystemClock(),
  snapshot: {
    version: 1, keys: [{ id: 'bench', digest: createHash('sha256').update(secret!).digest('hex'), scopes: ['telemetry'], samplingRatio: 1 }],
    routes: [], consumerAttributes: ['api.client.id'], maskedKeys: ['authorization', 'cookie', 'password', 'token', 'secret'],
    retention: { spansDays: 7, logsDays: 7, maxBytes: 10e9, rollup10sDays: 2, rollup1mDays: 15, rollup10mDays: 400 },
  },
  onFailure: (error) => {
    throw error
  },
})

/** Asks a source by name and says how long it took: { source, verb, args, times }. */
process.on('message', async (message: { source: 'traces' | 'metrics' | 'logs', verb: string, args: unknown[], times: number } | 'stop') => {
  if (message === 'stop') {
    await telemetry.close()
    process.exit(0)
  }
  const source = telemetry[message.source] as unknown as Record<string, (...args: unknown[]) => Promise<unknown>>
  const took: number[] = []
  let answer: unknown
  for (let i = 0; i < message.times; i++) {
    const began = performance.now()
    answer = await source[message.verb]!(...message.args)
    took.push(performance.now() - began)
  }
  process.send!({ took, answer })
})
process.send!({ port: Number(port), grpcPort: 0 })
