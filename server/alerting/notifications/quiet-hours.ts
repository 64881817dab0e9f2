import { dayIn, timeOf } from '#shared/text/day-start'

export interface QuietHours {
  /** `22:00`; null where there is no quiet. */
  quietFrom: string | null
  quietTo: string | null
  /** IANA name. */
  zone: string
}

/**
 * When the quiet ends that holds at a moment; undefined where none does. The first minute belongs to it, the last one
 * does not; what ends before it begins goes past midnight.
 */
export function quietUntil({ quietFrom, quietTo, zone }: QuietHours, at: Date): Date | undefined {
  if (quietFrom === null || quietTo === null) return undefined
  const today = dayIn(zone, at)
  const from = timeOf(today, quietFrom, zone)
  const to = timeOf(today, quietTo, zone)
  const overnight = quietTo <= quietFrom
  if (overnight) return at < to ? to : at >= from ? timeOf(today, quietTo, zone, 1) : undefined
  return at >= from && at < to ? to : undefined
}
