import { formatClock, formatDay } from '../text/format'
import type { Reader, TextKey } from '../text/text'
import { DAY, HOUR, MINUTE } from '../units'

/** How long ago a right was used, as short as a cell needs it: a text, or words ready to show. */
export function lastUse(usedAt: string | undefined, now: Date, { zone, language }: Reader): { text: TextKey } | { words: string } {
  if (!usedAt) return { text: 'access.roles.use.never' }
  const at = new Date(usedAt)
  const age = now.getTime() - at.getTime()
  if (age < 2 * MINUTE) return { text: 'access.roles.use.now' }
  if (age >= 90 * DAY) return { text: 'access.roles.use.unused' }
  const day = (time: Date) => formatDay(time, zone, language, now)
  if (day(at) === day(now)) {
    if (age < HOUR) return { words: language === 'ko' ? `${Math.floor(age / MINUTE)}분 전` : `${Math.floor(age / MINUTE)} min ago` }
    return { words: formatClock(at, zone, 'minute') }
  }
  if (day(at) === day(new Date(now.getTime() - DAY))) return { text: 'access.roles.use.yesterday' }
  return { words: day(at) }
}
