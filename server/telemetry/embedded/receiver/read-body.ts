import type { IncomingMessage } from 'node:http'
import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'

export const mostCompressed = 4 * 1024 * 1024
export const mostDecompressed = 16 * 1024 * 1024
/** Of all requests together, being read, waiting or written. */
const mostInFlight = 64 * 1024 * 1024
const mostRequests = 256

export interface Refusal {
  status: 400 | 401 | 403 | 404 | 405 | 408 | 413 | 415 | 429 | 503
  reason: string
  message: string
  /** Seconds. */
  retryAfter?: number
  allow?: string
}

export class BodyRefused extends Error {
  readonly refusal: Refusal

  constructor(refusal: Refusal) {
    super(refusal.message)
    this.refusal = refusal
  }
}

export type IntakeLimits = ReturnType<typeof createIntakeLimits>

/** The bounded queue: bytes and requests in hand. Full means busy, and busy means come again. */
export function createIntakeLimits() {
  let bytes = 0
  let requests = 0
  return {
    enter(): void {
      if (requests >= mostRequests) throw busy()
      requests++
    },
    leave(): void {
      requests--
    },
    reserve(size: number): void {
      if (bytes + size > mostInFlight) throw busy()
      bytes += size
    },
    release(size: number): void {
      bytes -= size
    },
    usage: () => ({ batches: requests, bytes, limitBytes: mostInFlight }),
  }
}

function busy(): BodyRefused {
  return new BodyRefused({ status: 503, reason: 'queue_full', message: 'too much at once', retryAfter: 1 })
}

const decompress = promisify(gunzip)

/**
 * The whole body, decompressed, in memory of its own. `reserved` is told of every byte taken from the limits, for
 * the caller to give back.
 */
export async function readBody(request: IncomingMessage, limits: IntakeLimits, reserved: (bytes: number) => void): Promise<Uint8Array> {
  const coding = (request.headers['content-encoding'] ?? 'identity').trim().toLowerCase()
  if (coding !== 'identity' && coding !== 'gzip') throw new BodyRefused({ status: 415, reason: 'wrong_encoding', message: 'send gzip or no content encoding' })
  const cap = coding === 'gzip' ? mostCompressed : mostDecompressed
  const declared = Number(request.headers['content-length'] ?? 0)
  if (declared > cap) throw tooLarge(cap)
  const reserve = (size: number) => {
    limits.reserve(size)
    reserved(size)
  }
  reserve(declared)
  const body = await collect(request, { cap, declared, reserve })
  return coding === 'identity' ? body : inflate(body, reserve)
}

/** Stops at the cap, whatever the compressed bytes would become. */
export async function inflate(body: Uint8Array, reserve: (size: number) => void): Promise<Uint8Array> {
  let plain: Buffer
  try {
    plain = await decompress(body, { maxOutputLength: mostDecompressed })
  }
  catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(mostDecompressed)
    throw new BodyRefused({ status: 400, reason: 'malformed', message: 'not gzip' })
  }
  reserve(plain.length)
  return owned(plain)
}

function collect(request: IncomingMessage, { cap, declared, reserve }: { cap: number, declared: number, reserve: (size: number) => void }): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    // One piece of memory where the size is known: it moves to the worker without being copied again.
    let whole = Buffer.allocUnsafeSlow(declared)
    let size = 0
    request.on('data', (chunk: Buffer) => {
      if (size + chunk.length > whole.length) {
        if (size + chunk.length > cap) return stop(tooLarge(cap))
        const larger = Buffer.allocUnsafeSlow(Math.min(cap, Math.max(65_536, whole.length * 2, size + chunk.length)))
        try {
          reserve(larger.length - whole.length)
        }
        catch (error) {
          return stop(error as Error)
        }
        whole.copy(larger, 0, 0, size)
        whole = larger
      }
      chunk.copy(whole, size)
      size += chunk.length
    })
    request.on('end', () => resolve(size === whole.length ? whole : owned(whole.subarray(0, size))))
    request.on('error', () => reject(new BodyRefused({ status: 400, reason: 'cut_off', message: 'the body ended early' })))
    request.on('close', () => reject(new BodyRefused({ status: 400, reason: 'cut_off', message: 'the body ended early' })))

    function stop(error: Error) {
      request.removeAllListeners('data')
      request.pause()
      reject(error)
    }
  })
}

/** Only memory that is nobody else's may move to the worker. */
function owned(bytes: Buffer): Buffer {
  if (bytes.byteLength === bytes.buffer.byteLength) return bytes
  const copy = Buffer.allocUnsafeSlow(bytes.length)
  bytes.copy(copy)
  return copy
}

export function tooLarge(cap: number): BodyRefused {
  return new BodyRefused({ status: 413, reason: 'too_large', message: `more than ${cap / 1024 / 1024} MiB` })
}
