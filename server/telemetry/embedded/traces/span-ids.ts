/** Remembers spans for at least this long, ms, unless more than `most` come in that time. */
const turn = 10 * 60_000
const first = 1 << 14
const most = 1 << 21

/**
 * The ids of the spans of the last ten minutes or more, to recognise a span that is sent again and to tell whose span
 * a parent is. Two generations of a hash table over (trace, span): the older one is dropped when the younger has run
 * for ten minutes or is full, so that memory stays bounded under any load (about 60 MB a generation at most).
 */
export class SpanIds {
  private young = new Generation()
  private old: Generation | undefined
  private turnedAt: number

  constructor(now: number) {
    this.turnedAt = now
  }

  /** Drops what is old. */
  turnOver(now: number): void {
    if (now - this.turnedAt < turn && this.young.count < most) return
    this.old = this.young
    this.young = new Generation()
    this.turnedAt = now
  }

  /** False where the span is here already. Client and server may share an id (Zipkin): two kinds are two spans. */
  add(trace: number, high: number, low: number, kind: number, service: number, remote: number): boolean {
    const key = keyOf(trace, high)
    const value = service << 3 | kind
    const first = this.valueOf(key, keyOf(~trace, low))
    if (first === undefined) return this.young.add(key, keyOf(~trace, low), value, remote)
    return first !== value && this.valueOf(key, keyOf(~trace, ~low)) === undefined && this.young.add(key, keyOf(~trace, ~low), value, remote)
  }

  /** Number of the service whose span it is; 0 where it is not known. */
  serviceOf(trace: number, high: number, low: number): number {
    return (this.valueOf(keyOf(trace, high), keyOf(~trace, low)) ?? 0) >>> 3
  }

  /** Number of what that span calls, as its sender named it; 0 for nothing. */
  remoteOf(trace: number, high: number, low: number): number {
    const key = keyOf(trace, high)
    const key2 = keyOf(~trace, low)
    const at = this.young.find(key, key2)
    if (at >= 0) return this.young.remotes[at]!
    const before = this.old?.find(key, key2) ?? -1
    return before >= 0 ? this.old!.remotes[before]! : 0
  }

  private valueOf(key: number, key2: number): number | undefined {
    const at = this.young.find(key, key2)
    if (at >= 0) return this.young.values[at]!
    const before = this.old?.find(key, key2) ?? -1
    return before >= 0 ? this.old!.values[before]! : undefined
  }
}

class Generation {
  count = 0
  private size = first
  private keys = new Uint32Array(first * 2)
  values = new Uint16Array(first)
  remotes = new Uint32Array(first)

  find(key: number, key2: number): number {
    const mask = this.size - 1
    for (let at = (key ^ key2) & mask; ; at = at + 1 & mask) {
      const held = this.keys[at * 2]!
      if (held === 0 && this.keys[at * 2 + 1] === 0) return -1
      if (held === key && this.keys[at * 2 + 1] === key2) return at
    }
  }

  add(key: number, key2: number, value: number, remote: number): boolean {
    if (this.count * 2 >= this.size) this.grow()
    const mask = this.size - 1
    for (let at = (key ^ key2) & mask; ; at = at + 1 & mask) {
      const held = this.keys[at * 2]!
      if (held === 0 && this.keys[at * 2 + 1] === 0) {
        this.keys[at * 2] = key
        this.keys[at * 2 + 1] = key2
        this.values[at] = value
        this.remotes[at] = remote
        this.count++
        return true
      }
      if (held === key && this.keys[at * 2 + 1] === key2) return false
    }
  }

  private grow() {
    const { keys, values, remotes, size } = this
    this.size = size * 2
    this.keys = new Uint32Array(this.size * 2)
    this.values = new Uint16Array(this.size)
    this.remotes = new Uint32Array(this.size)
    this.count = 0
    for (let at = 0; at < size; at++) {
      if (keys[at * 2] !== 0 || keys[at * 2 + 1] !== 0) this.add(keys[at * 2]!, keys[at * 2 + 1]!, values[at]!, remotes[at]!)
    }
  }
}

/** Mixes 53 bits of the trace id with half of the span id into 32 bits; never 0. */
function keyOf(trace: number, half: number): number {
  let hash = Math.imul(half ^ (trace | 0), 0x85EBCA6B) ^ Math.imul((trace / 4294967296) | 0, 0xC2B2AE35)
  hash = Math.imul(hash ^ hash >>> 16, 0x27D4EB2F)
  return (hash ^ hash >>> 15) >>> 0 || 1
}
