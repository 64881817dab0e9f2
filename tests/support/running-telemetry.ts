import { createHash } from 'node:crypto'
import { onTestFinished } from 'vitest'
import { createSystemClock, type Clock } from '#server/clock'
import type { IngestKey, TelemetrySnapshot } from '#server/telemetry/embedded/snapshot'
import { startEmbedded } from '#server/telemetry/embedded/embedded'
import type { Signal } from '#server/telemetry/telemetry'
import { snapshot, temporaryFolder } from './telemetry-store'

export const secret = 'a-key-of-more-than-thirty-two-characters'

export function ingestKey(changes: Partial<IngestKey> = {}, of = secret): IngestKey {
  return { id: 'key-1', digest: createHash('sha256').update(of).digest('hex'), scopes: ['telemetry'], samplingRatio: 1, ...changes }
}

/** Receiver, workers and file as they run in production, on a free port. */
export async function startRunning(options: { dataDir?: string, snapshot?: Partial<TelemetrySnapshot>, connected?: Signal[], port?: number, grpcPort?: number, clock?: Clock } = {}) {
  const dataDir = options.dataDir ?? temporaryFolder()
  const telemetry = await startEmbedded({
    config: { dataDir, otlp: { host: '127.0.0.1', port: options.port ?? await freePort(), grpcPort: options.grpcPort ?? 0 } },
    clock: options.clock ?? createSystemClock(),
    snapshot: snapshot({ keys: [ingestKey()], ...options.snapshot }),
    connected: options.connected ?? [],
    onFailure: (error) => {
      throw error
    },
  })
  let closed: Promise<void> | undefined
  const close = () => closed ??= telemetry.close()
  onTestFinished(close)
  const { address, grpcAddress } = await telemetry.stats()
  const url = `http://127.0.0.1:${address?.port}`
  return {
    telemetry, dataDir, close, url, port: address?.port, grpc: `127.0.0.1:${grpcAddress?.port}`,
    post: (path: string, body: Uint8Array | string, headers: Record<string, string> = {}) => fetch(url + path, {
      method: 'POST', body: body as BodyInit, headers: { 'content-type': 'application/x-protobuf', 'authorization': `Bearer ${secret}`, ...headers },
    }),
  }
}

export async function freePort(): Promise<number> {
  const { createServer } = await import('node:net')
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject).listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number }
      server.close(() => resolve(port))
    })
  })
}
