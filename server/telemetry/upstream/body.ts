import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream'
import { createGunzip } from 'node:zlib'

export class TooLarge extends Error {}
export class WrongContent extends Error {}

/** The body as it arrives, inflated, and cut off where it grows past `maxBytes`. */
export async function* readBody(body: Readable, encoding: string | undefined, maxBytes: number): AsyncGenerator<Buffer> {
  const plain = inflated(body, encoding)
  let bytes = 0
  try {
    for await (const chunk of plain as AsyncIterable<Buffer>) {
      bytes += chunk.length
      if (bytes > maxBytes) throw new TooLarge()
      yield chunk
    }
  }
  finally {
    // Who stops early leaves nothing to arrive behind him.
    if (!body.readableEnded) body.destroy()
  }
}

function inflated(body: Readable, encoding: string | undefined): Readable {
  if (encoding === undefined || encoding === '' || encoding === 'identity') return body
  if (encoding !== 'gzip') throw new WrongContent(`content encoding ${encoding}`)
  // Its error reaches whoever reads; the callback only keeps it from being thrown twice.
  return pipeline(body, createGunzip(), () => {})
}

export async function readText(chunks: AsyncIterable<Buffer>): Promise<string> {
  const all: Buffer[] = []
  for await (const chunk of chunks) all.push(chunk)
  return Buffer.concat(all).toString()
}
