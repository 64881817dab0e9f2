const quote = 0x22
const backslash = 0x5C

/** Whether JSON bytes nest deeper than `limit`; looked at before parsing, because V8 would parse a million levels. */
export function isDeeperThan(bytes: Uint8Array, limit: number): boolean {
  let depth = 0
  for (let at = 0; at < bytes.length; at++) {
    switch (bytes[at]) {
      case quote:
        for (at++; at < bytes.length && bytes[at] !== quote; at++) if (bytes[at] === backslash) at++
        break
      case 0x7B:
      case 0x5B:
        if (++depth > limit) return true
        break
      case 0x7D:
      case 0x5D:
        depth--
    }
  }
  return false
}
