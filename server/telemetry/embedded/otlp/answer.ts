import type { Signal } from '../../telemetry'
import { WireWriter } from './wire-writer'

export type Encoding = 'protobuf' | 'json'

export const contentTypes: Record<Encoding, string> = { protobuf: 'application/x-protobuf', json: 'application/json' }

const rejectedField: Record<Signal, string> = { traces: 'rejectedSpans', metrics: 'rejectedDataPoints', logs: 'rejectedLogRecords' }

/** Body of a 200. Nothing rejected and nothing to say is the empty message. */
export function successBody(encoding: Encoding, signal: Signal, rejected: number, message: string): Buffer {
  const partial = rejected > 0 || message !== ''
  if (encoding === 'json') {
    return Buffer.from(JSON.stringify(partial ? { partialSuccess: { [rejectedField[signal]]: String(rejected), errorMessage: message } } : {}))
  }
  const writer = new WireWriter(64)
  if (partial) {
    const from = writer.open(1)
    if (rejected > 0) {
      writer.varint(8)
      writer.varint(rejected)
    }
    writer.text(2, message)
    writer.close(from)
  }
  return writer.take()
}

/** google.rpc.Status, in the encoding of the request. `retryAfter`, in seconds, goes with it as google.rpc.RetryInfo. */
export function statusBody(encoding: Encoding, code: number, message: string, retryAfter?: number): Buffer {
  if (encoding === 'json') return Buffer.from(JSON.stringify({ code, message }))
  const writer = new WireWriter(64)
  writer.varint(8)
  writer.varint(code)
  writer.text(2, message)
  if (retryAfter !== undefined) {
    const detail = writer.open(3)
    writer.text(1, 'type.googleapis.com/google.rpc.RetryInfo')
    const info = writer.open(2)
    const delay = writer.open(1)
    writer.varint(8)
    writer.varint(retryAfter)
    for (const from of [delay, info, detail]) writer.close(from)
  }
  return writer.take()
}
