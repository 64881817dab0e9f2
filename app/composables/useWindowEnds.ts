import { dayIn } from '#shared/text/day-start'
import { formatClock, formatDay } from '#shared/text/format'

/** Both ends of a window in the reader's zone: clock times, with the day before them unless all of it is today. */
export function useWindowEnds() {
  const text = useText()
  const now = useNow()
  const dayOf = (at: Date) => dayIn(text.zone, at)
  return (window: { from: Date | string, to: Date | string }, precision: 'minute' | 'second' = 'minute') => {
    const [from, to] = [new Date(window.from), new Date(window.to)]
    const end = (at: Date, named: boolean) => `${named ? `${formatDay(at, text.zone, text.language, now.value)} ` : ''}${formatClock(at, text.zone, precision)}`
    const isToday = dayOf(from) === dayOf(now.value) && dayOf(to) === dayOf(now.value)
    return { from: end(from, !isToday), to: end(to, dayOf(from) !== dayOf(to)) }
  }
}
