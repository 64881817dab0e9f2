import { zoneOffset } from '#shared/chart/time-ticks'
import { dayIn, timeOf } from '#shared/text/day-start'
import { DAY } from '#shared/units'
import type { SilenceMatch } from '#shared/schemas/alert-silence'
import type { Alert } from '../alert'

/** What of a silence says when and what it keeps still. */
export interface SilenceRule {
  match: SilenceMatch
  /** Of the endpoint that it names. */
  route: { service: string, method: string, routeKey: string } | null
  from: Date
  to: Date
  weekly: boolean
  /** IANA name; where the clock of a weekly one hangs. */
  zone: string
  endedAt: Date | null
}

export interface Occurrence { from: Date, to: Date }

/**
 * The time in which a silence holds at a moment, else the next one that comes; undefined where none does. A weekly one
 * begins at the same time of its zone's clock, whatever becomes of summer time, and lasts as long as the first.
 */
export function occurrenceAt({ from, to, weekly, zone, endedAt }: Omit<SilenceRule, 'match' | 'route'>, at: Date): Occurrence | undefined {
  if (endedAt && endedAt <= at) return undefined
  if (!weekly || at < to) return at < to ? { from, to } : undefined
  const length = to.getTime() - from.getTime()
  const day = dayIn(zone, from)
  const clock = new Date(from.getTime() + zoneOffset(zone, from)).toISOString().slice(11, 19)
  const weeks = Math.floor((at.getTime() - from.getTime()) / (7 * DAY))
  // A week has an hour more or less where clocks are put forward or back.
  for (let week = Math.max(0, weeks - 1); week <= weeks + 2; week++) {
    const begins = new Date(timeOf(day, clock.slice(0, 5), zone, week * 7).getTime() + Number(clock.slice(6)) * 1_000)
    const ends = new Date(begins.getTime() + length)
    if (at < ends) return { from: begins, to: ends }
  }
  return undefined
}

export function isActive(silence: Omit<SilenceRule, 'match' | 'route'>, at: Date): boolean {
  const occurrence = occurrenceAt(silence, at)
  return occurrence !== undefined && occurrence.from <= at
}

/** All that the silence names must be what the alert is about. A service is meant as the one called, too. */
export function isMeant({ match, route }: Pick<SilenceRule, 'match' | 'route'>, { rule, origin, subject }: Pick<Alert, 'rule' | 'origin' | 'subject'>): boolean {
  if (match.rule !== null && match.rule !== rule && !(match.rule === 'alertmanager' && origin === 'alertmanager')) return false
  if (match.service !== null && match.service !== subject.service.toLowerCase() && match.service !== subject.remote?.toLowerCase()) return false
  if (match.consumer !== null && match.consumer !== subject.consumer) return false
  return match.endpoint === null || (route !== null && route.service === subject.service.toLowerCase() && route.method === subject.method && route.routeKey === subject.routeKey)
}
