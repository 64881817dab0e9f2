import { Client, credentials, Metadata, status, type ServiceError } from '@grpc/grpc-js'
import { onTestFinished } from 'vitest'
import { secret } from './running-telemetry'

const services = { traces: 'trace.v1.TraceService', metrics: 'metrics.v1.MetricsService', logs: 'logs.v1.LogsService' }

export interface GrpcAnswer {
  code: string
  details: string
  message?: Buffer
  /** google.rpc.Status, as the trailers carry it. */
  status?: Buffer
}

/** The gRPC library that senders use, with bytes in and bytes out. */
export function connect(address: string, { gzip = false } = {}) {
  const client = new Client(address, credentials.createInsecure(), { 'grpc.enable_retries': 0, ...(gzip && { 'grpc.default_compression_algorithm': 2 }) })
  onTestFinished(() => client.close())
  return (signal: keyof typeof services | `/${string}`, body: Uint8Array, headers: Record<string, string> = { 'x-ingest-key': secret }) => new Promise<GrpcAnswer>((resolve) => {
    const metadata = new Metadata()
    for (const [key, value] of Object.entries(headers)) metadata.set(key, value)
    const path = signal.startsWith('/') ? signal : `/opentelemetry.proto.collector.${services[signal as keyof typeof services]}/Export`
    const same = (bytes: Buffer) => bytes
    client.makeUnaryRequest(path, same, same, Buffer.from(body), metadata, (error: ServiceError | null, message?: Buffer) => {
      resolve(error
        ? { code: status[error.code]!, details: error.details, status: error.metadata.get('grpc-status-details-bin')[0] as Buffer | undefined }
        : { code: 'OK', details: '', message })
    })
  })
}
