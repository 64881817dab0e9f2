import type { NoticeEvent, NoticeSeverity, PersonalEvent } from '#shared/schemas/notification'
import { quietUntil, type QuietHours } from './quiet-hours'

/** What a route says of itself, wherever it leads. */
export interface RouteRules extends QuietHours {
  severity: NoticeSeverity
  /** '' is what nobody owns; null is everything. */
  teams: string[] | null
  events: readonly NoticeEvent[]
  criticalPierces: boolean
}

export interface Told {
  event: NoticeEvent | PersonalEvent
  severity: NoticeSeverity
  /** Owner teams of all that is affected; '' among them where something has no owner. */
  teams: readonly string[]
  /** The destination has heard of this incident before. */
  known: boolean
  /** The person at its end follows the incident, or is the one it concerns: everything of it goes over each route, as its quiet hours allow. */
  followed?: boolean
  at: Date
}

/**
 * When a notice goes over a route: at once, at the end of its quiet hours, or never. Who has heard of an incident hears
 * what becomes of it, even when it is no longer severe enough or has moved to another team: else it would never end for him.
 */
export function wayOf(route: RouteRules, told: Told): 'now' | Date | 'never' {
  if (told.followed) return wayNow(route, told)
  if (told.event === 'news' || told.event === 'assigned' || !(route.events.includes(told.event) || isNewTo(route, told))) return 'never'
  // Whoever carries reports carries all of them: nobody knows yet how severe it is, or whose.
  if (!told.known && told.event !== 'reported' && !(isSevereEnough(route, told) && isOwned(route, told))) return 'never'
  return wayNow(route, told)
}

/**
 * For who was not told when it opened, because it was not severe enough then or another team's, the change that makes it
 * theirs is its beginning: an incident that grows critical pages whoever asked to hear of critical ones that open.
 */
function isNewTo(route: RouteRules, { event, known }: Told): boolean {
  return !known && (event === 'updated' || event === 'reopened') && route.events.includes('opened')
}

function wayNow(route: RouteRules, told: Told): 'now' | Date {
  if (told.severity === 'critical' && route.criticalPierces) return 'now'
  return quietUntil(route, told.at) ?? 'now'
}

function isSevereEnough({ severity }: RouteRules, told: Told): boolean {
  return severity === 'warning' || told.severity === 'critical'
}

function isOwned({ teams }: RouteRules, told: Told): boolean {
  if (teams === null) return true
  const wanted = new Set(teams.map(comparable))
  return told.teams.some(team => wanted.has(comparable(team)))
}

/** Teams are typed by hand, at the endpoint and here. */
function comparable(team: string): string {
  return team.trim().toLowerCase()
}

/** The earliest of several ways to the same destination. */
export function earliest(ways: readonly ('now' | Date | 'never')[]): 'now' | Date | 'never' {
  if (ways.includes('now')) return 'now'
  const held = ways.filter(way => way instanceof Date)
  return held.length ? held.reduce((first, way) => (way < first ? way : first)) : 'never'
}
