import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'

/** What a route answers when it is not JSON: it writes the response itself. */
export class RawAnswer {
  readonly write: (response: ServerResponse, request: IncomingMessage) => void | Promise<void>

  constructor(write: RawAnswer['write']) {
    this.write = write
  }
}

export function binary(bytes: Uint8Array | ArrayBuffer, type = 'application/octet-stream', headers: Record<string, string> = {}): RawAnswer {
  const body = bytes instanceof ArrayBuffer ? new Uint8Array(bytes) : bytes
  return new RawAnswer((response) => {
    response.writeHead(response.statusCode, { 'content-type': type, 'content-length': body.byteLength, ...headers })
    response.end(body)
  })
}

/** Sent as it comes; destroyed when the reader goes away. */
export function stream(body: Readable, type: string, headers: Record<string, string> = {}): RawAnswer {
  return new RawAnswer(async (response) => {
    response.writeHead(response.statusCode, { 'content-type': type, ...headers })
    await pipeline(body, response)
  })
}

/** The route keeps the response open and ends it in its own time, as an event stream does. */
export function raw(write: RawAnswer['write']): RawAnswer {
  return new RawAnswer(write)
}
