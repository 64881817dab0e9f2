const digits = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))

/** Lower-case hex of a few bytes, as ids are written. */
export function hexOf(bytes: Uint8Array, from = 0, to = bytes.length): string {
  let text = ''
  for (let i = from; i < to; i++) text += digits[bytes[i]!]
  return text
}

/** 32 hex digits of any case, or 16 as of old, as the 16 bytes of a trace id; undefined where it is none. */
export function traceIdBytes(text: string): Buffer | undefined {
  if (!/^(?:[\da-f]{16}){1,2}$/i.test(text)) return undefined
  return Buffer.from(text.padStart(32, '0'), 'hex')
}
