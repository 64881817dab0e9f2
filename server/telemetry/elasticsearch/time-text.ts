const perMilli = 1_000_000n
const written = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}:\d{2})(?:[.,](\d{1,9})\d*)?(Z|[+-]\d{2}(?::?\d{2})?)?$/
const counted = /^(\d{9,19})(?:\.(\d{1,9})\d*)?$/

/**
 * A time as documents carry it, in nanoseconds since the epoch: ISO 8601 (UTC where no zone stands), or a count of
 * seconds, milliseconds, microseconds or nanoseconds, told apart by their size. Undefined for anything else.
 *
 *   2026-11-23T05:30:00.123456789Z     1795411800123.456789     1795411800
 */
export function nanosOf(value: unknown): bigint | undefined {
  if (typeof value !== 'string' && typeof value !== 'number') return undefined
  const text = String(value).trim()
  const iso = written.exec(text)
  if (iso) {
    const [, day, time, fraction = '', zone = 'Z'] = iso
    const millis = Date.parse(`${day}T${time}${zone.length === 3 ? `${zone}:00` : zone}`)
    return Number.isNaN(millis) ? undefined : BigInt(millis) * perMilli + BigInt(fraction.padEnd(9, '0'))
  }
  const count = counted.exec(text)
  if (!count) return undefined
  const [, whole, fraction = ''] = count
  // Seconds have ten digits until the year 2286, and each smaller unit three more.
  const digits = whole!.length <= 11 ? 9 : whole!.length <= 14 ? 6 : whole!.length <= 17 ? 3 : 0
  return BigInt(whole!) * 10n ** BigInt(digits) + BigInt(fraction.padEnd(9, '0').slice(0, digits) || '0')
}

export function dateOf(nanos: bigint): Date {
  return new Date(Number(nanos / perMilli))
}
