import { decodeText } from '../otlp/wire'

const slots = 32_768
const mostTexts = 16_384
const longestText = 256

/** The same bytes give the same string without decoding them again: span names, routes, consumers repeat for ever. */
export class Texts {
  private hashes = new Int32Array(slots)
  private texts = new Array<string | undefined>(slots)
  private keys = new Array<Uint8Array | undefined>(slots)
  private count = 0

  get(bytes: Uint8Array, from: number, to: number): string {
    if (to - from > longestText) return decodeText(bytes, from, to)
    let hash = to - from
    for (let at = from; at < to; at++) hash = Math.imul(hash ^ bytes[at]!, 0x01000193)
    let slot = (hash ^ hash >>> 15) & slots - 1
    for (let key = this.keys[slot]; key !== undefined; key = this.keys[slot]) {
      // eslint-disable-next-line no-restricted-syntax -- of a hash table
      if (this.hashes[slot] === hash && isSame(key, bytes, from, to)) return this.texts[slot]!
      slot = slot + 1 & slots - 1
    }
    const text = decodeText(bytes, from, to)
    // Full of texts that nobody repeats: begin again.
    if (this.count >= mostTexts) this.clear()
    else {
      this.count++
      this.hashes[slot] = hash
      // A copy: a Buffer's own slice would keep the whole body.
      this.keys[slot] = new Uint8Array(bytes.subarray(from, to))
      this.texts[slot] = text
    }
    return text
  }

  private clear() {
    this.count = 0
    this.keys.fill(undefined)
    this.texts.fill(undefined)
  }
}

function isSame(key: Uint8Array, bytes: Uint8Array, from: number, to: number): boolean {
  if (key.length !== to - from) return false
  for (let i = 0; i < key.length; i++) if (key[i] !== bytes[from + i]) return false
  return true
}
