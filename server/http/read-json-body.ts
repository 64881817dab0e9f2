import type { IncomingMessage } from 'node:http'
import { AppError } from '#shared/errors'

const maxBytes = 1024 * 1024
const maxDepth = 64
/** Names that reach an object's prototype when somebody merges what was sent. */
const unsafeKeys = new Set(['__proto__', 'constructor', 'prototype'])

/** The body as JSON, refused while it is read: too large, too deep, not UTF-8, not JSON. */
export async function readJsonBody(request: IncomingMessage): Promise<unknown> {
  if (request.headers['content-encoding'] !== undefined) throw new AppError('request.unsupported_media_type')
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) throw tooLarge()

  const chunks: Buffer[] = []
  let length = 0
  // Refusing must not tear down the connection that the refusal goes out on.
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    length += chunk.length
    if (length > maxBytes) throw tooLarge()
    chunks.push(chunk)
  }
  return parse(Buffer.concat(chunks))
}

export function hasBody(request: IncomingMessage): boolean {
  return request.headers['transfer-encoding'] !== undefined || Number(request.headers['content-length'] ?? 0) > 0
}

function parse(bytes: Buffer): unknown {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    if (isDeeperThan(text, maxDepth)) throw new AppError('request.malformed')
    return JSON.parse(text, mayHide(text) ? refuseUnsafeKeys : undefined)
  }
  catch (cause) {
    throw new AppError('request.malformed', {}, { cause })
  }
}

/** Counted before parsing: V8 parses a million levels and overflows the stack afterwards. */
function isDeeperThan(text: string, limit: number): boolean {
  let depth = 0
  let quoted = false
  for (let i = 0; i < text.length; i++) {
    const character = text.charCodeAt(i)
    if (quoted) {
      if (character === 0x5C) i++
      else if (character === 0x22) quoted = false
    }
    else if (character === 0x22) quoted = true
    else if (character === 0x7B || character === 0x5B) {
      if (++depth > limit) return true
    }
    else if (character === 0x7D || character === 0x5D) depth--
  }
  return false
}

/** Whether it is worth visiting every key; an escape can spell any of them. */
function mayHide(text: string): boolean {
  return /__proto__|constructor|prototype|\\u/.test(text)
}

function refuseUnsafeKeys(key: string, value: unknown): unknown {
  if (unsafeKeys.has(key)) throw new AppError('request.malformed')
  return value
}

function tooLarge() {
  return new AppError('request.too_large', { limit: '1 MiB' })
}
