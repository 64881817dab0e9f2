import { dayIn } from '#shared/text/day-start'
import { formatClock, formatDay, formatRelative, formatZone } from '#shared/text/format'

/** Times in the reader's language and zone: `ago` for what is recent, `exact` for the tooltip, `day`, and what stands before a clock time of another day than today. */
export function useWhen() {
  const text = useText()
  const now = useNow()
  const day = (at: string) => formatDay(new Date(at), text.zone, text.language, now.value)
  return {
    now,
    day,
    ago: (at: string) => formatRelative(new Date(at), now.value, text.zone, text.language),
    exact: (at: string) => `${day(at)} ${formatClock(new Date(at), text.zone)} ${formatZone(text.zone, new Date(at))}`,
    dayAndMinute: (at: string) => `${day(at)} ${formatClock(new Date(at), text.zone, 'minute')}`,
    otherDay: (at: string) => (dayIn(text.zone, new Date(at)) === dayIn(text.zone, now.value) ? '' : `${day(at)} `),
  }
}
