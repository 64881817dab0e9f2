import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'

/** 256 random bits, with a prefix that tells people and scanners what it is. */
export function createSecret(prefix = ''): string {
  return prefix + randomBytes(32).toString('base64url')
}

/**
 * What is stored of a secret, and what it is found by: comparing digests by index look-up gives a caller no time to
 * measure. 256 random bits need no slow hash.
 */
export function digest(secret: string): string {
  return createHash('sha256').update(secret).digest('hex')
}

/** Takes as long whether nothing, half or all of it is right. */
export function isSameSecret(one: string | null, other: string | null): boolean {
  if (one === null || other === null) return one === other
  return timingSafeEqual(Buffer.from(digest(one)), Buffer.from(digest(other)))
}
