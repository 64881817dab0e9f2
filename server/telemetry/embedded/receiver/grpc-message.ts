import type { ServerHttp2Stream } from 'node:http2'
import { BodyRefused, inflate, mostCompressed, mostDecompressed, tooLarge, type IntakeLimits } from './read-body'

const prefix = 5

interface ReadOptions {
  /** Of `grpc-encoding`; counts where the message says it is compressed. */
  encoding: string | string[] | undefined
  limits: IntakeLimits
  /** Told of every byte taken from the limits, for the caller to give back. */
  reserved: (bytes: number) => void
  /** Ends the reading. */
  slow: AbortSignal
}

/**
 * The one message of a call, decompressed, in memory of its own:
 *
 *   | compressed: 1 byte | length: 4 bytes, big endian | message |
 *
 * Its length is known before its first byte, so what is too large is refused unread, and the rest moves to the worker
 * without being copied again.
 */
export async function readMessage(stream: ServerHttp2Stream, { encoding, limits, reserved, slow }: ReadOptions): Promise<Uint8Array> {
  const reserve = (size: number) => {
    limits.reserve(size)
    reserved(size)
  }
  const { compressed, message } = await collect(stream, { reserve, slow, unpacks: encoding === 'gzip' })
  return compressed ? inflate(message, reserve) : message
}

function collect(stream: ServerHttp2Stream, { reserve, slow, unpacks }: { reserve: (size: number) => void, slow: AbortSignal, unpacks: boolean }): Promise<{ compressed: boolean, message: Buffer }> {
  return new Promise((resolve, reject) => {
    const start = Buffer.alloc(prefix)
    let message: Buffer | undefined
    let size = 0

    function begin(): Buffer {
      const flag = start[0]
      if (flag !== 0 && flag !== 1) throw malformed('not a gRPC message')
      if (flag === 1 && !unpacks) throw new BodyRefused({ status: 415, reason: 'wrong_encoding', message: 'send gzip or no encoding' })
      const cap = flag === 1 ? mostCompressed : mostDecompressed
      const length = start.readUInt32BE(1)
      if (length > cap) throw tooLarge(cap)
      reserve(length)
      return Buffer.allocUnsafeSlow(length)
    }

    function take(chunk: Buffer) {
      let from = 0
      if (size < prefix) {
        from = chunk.copy(start, size, 0, prefix - size)
        size += from
        if (size < prefix) return
        message = begin()
      }
      if (size - prefix + chunk.length - from > message!.length) throw malformed('more than one message')
      chunk.copy(message!, size - prefix, from)
      size += chunk.length - from
    }

    function stop(error: Error) {
      stream.removeAllListeners('data')
      reject(error)
    }

    stream.on('data', (chunk: Buffer) => {
      try {
        take(chunk)
      }
      catch (error) {
        stop(error as Error)
      }
    })
    stream.once('end', () => {
      if (message && size === prefix + message.length) resolve({ compressed: start[0] === 1, message })
      else stop(cutOff())
    })
    stream.once('close', () => stop(cutOff()))
    slow.addEventListener('abort', () => stop(new BodyRefused({ status: 408, reason: 'slow', message: 'sent too slowly' })))
  })
}

function malformed(message: string): BodyRefused {
  return new BodyRefused({ status: 400, reason: 'malformed', message })
}

function cutOff(): BodyRefused {
  return new BodyRefused({ status: 400, reason: 'cut_off', message: 'the message ended early' })
}
