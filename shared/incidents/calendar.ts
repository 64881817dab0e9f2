/** A day of the calendar; `undefined` of its figures is a day without an incident. */
export interface CalendarDay<D> { day: string, of?: D }

/**
 * Whole weeks, each from Monday on, that end with the week of `today`. Days are `2026-11-23` and have no zone: whoever
 * counted them chose it. Days to come are left out.
 */
export function calendarWeeks<D extends { day: string }>(days: readonly D[], today: string, weeks = 13): CalendarDay<D>[][] {
  const byDay = new Map(days.map(day => [day.day, day]))
  const sunday = plusDays(today, 6 - weekday(today))
  return Array.from({ length: weeks }, (_, week) => Array.from({ length: 7 }, (_, i) => plusDays(sunday, (week - weeks) * 7 + i + 1))
    .filter(day => day <= today).map(day => ({ day, of: byDay.get(day) })))
}

export function plusDays(day: string, days: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10)
}

/** 0 is Monday. */
function weekday(day: string): number {
  return (new Date(`${day}T00:00:00Z`).getUTCDay() + 6) % 7
}
