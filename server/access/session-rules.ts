import { HOUR, MINUTE } from '#shared/units'

const idle = 30 * MINUTE
const longest = 12 * HOUR

/** A session ends 12 h after it began, and after 30 min without a request, whatever the cookie says. */
export function isSessionAlive({ endsAt, lastSeenAt }: { endsAt: Date, lastSeenAt: Date }, now: Date): boolean {
  return now < endsAt && now.getTime() - lastSeenAt.getTime() < idle
}

export function sessionEnd(start: Date): Date {
  return new Date(start.getTime() + longest)
}

export function idleSince(now: Date): Date {
  return new Date(now.getTime() - idle)
}
