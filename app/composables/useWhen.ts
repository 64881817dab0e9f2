import { formatClock, formatDay, formatRelative, formatZone } from '#shared/text/format'

/** Times in the reader's language and zone: `ago` for what is recent, `exact` for the tooltip, `day`. */
export function useWhen() {
  const text = useText()
  const now = useNow()
  return {
    now,
    ago: (at: string) => formatRelative(new Date(at), now.value, text.zone, text.language),
    day: (at: string) => formatDay(new Date(at), text.zone, text.language, now.value),
    exact: (at: string) => `${formatDay(new Date(at), text.zone, text.language, now.value)} ${formatClock(new Date(at), text.zone)} ${formatZone(text.zone, new Date(at))}`,
    dayAndMinute: (at: string) => `${formatDay(new Date(at), text.zone, text.language, now.value)} ${formatClock(new Date(at), text.zone, 'minute')}`,
  }
}
