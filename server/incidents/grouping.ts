import { subjectKeyOf, type Alert, type AlertSubject } from '#server/alerting/alerting'
import type { Confidence, Culprit } from '#server/diagnosis/diagnosis'
import { relapse } from '#shared/incidents/relapse'
import { MINUTE, type Millis } from '#shared/units'
import { culpritKeyOf, positionOf, routeIdOf } from './subject'
import type { Topology } from './topology'

/** An incident as far as it matters for whether an alert belongs to it. */
export interface Candidate {
  id: string
  isOpen: boolean
  resolvedAt: Date | null
  culprit: Culprit | null
  confidence: Confidence | null
  alerts: readonly { rule: string, subject: AlertSubject, onset: Date, startedAt: Date }[]
}

export type Place = { incident: string, how: 'same' | 'culprit' | 'path' | 'relapse' } | 'new'

/** Without a culprit, what began further apart is another disturbance. */
const together: Millis = 10 * MINUTE

/**
 * Where an alert belongs: to the open incident of the same rule and subject, or of the culprit on its path, or without
 * a culprit to one on its path that began at about the same time; to a resolved one when it is a relapse, or when its
 * subject was already odd before that was over; else to none.
 */
export function placeOf(alert: Pick<Alert, 'rule' | 'subject' | 'onset' | 'startedAt'>, candidates: readonly Candidate[], topology: Topology): Place {
  const open = candidates.filter(({ isOpen }) => isOpen)
  const ended = candidates.filter(({ isOpen, resolvedAt }) => !isOpen && resolvedAt && alert.startedAt.getTime() - resolvedAt.getTime() <= relapse)
  const same = open.find(candidate => hasFired(candidate, alert))
  if (same) return { incident: same.id, how: 'same' }
  const byCulprit = open.find(({ culprit, confidence }) => culprit && confidence !== 'low' && isOnPath(alert.subject, culprit, topology))
  if (byCulprit) return { incident: byCulprit.id, how: 'culprit' }
  const byPath = open.filter(({ culprit, confidence }) => !culprit || confidence === 'low')
    .map(candidate => ({ candidate, apart: apartOf(alert, candidate, topology) }))
    .filter(({ apart }) => apart <= together)
    .sort((a, b) => a.apart - b.apart)[0]
  if (byPath) return { incident: byPath.candidate.id, how: 'path' }
  const again = ended.find(candidate => hasFired(candidate, alert) || beganDuring(candidate, alert) || (candidate.culprit && isAt(alert.subject, candidate.culprit)))
  return again ? { incident: again.id, how: 'relapse' } : 'new'
}

/** The incident of which this one is a relapse, now that its culprit is known. */
export function relapseOf(culprit: Culprit, openedAt: Date, candidates: readonly Candidate[]): Candidate | undefined {
  return candidates.find(candidate => candidate.culprit && isSamePlace(candidate.culprit, culprit)
    && (candidate.isOpen || (candidate.resolvedAt !== null && openedAt.getTime() - candidate.resolvedAt.getTime() <= relapse)))
}

export function isSamePlace(a: Culprit, b: Culprit): boolean {
  return culpritKeyOf(a) === culpritKeyOf(b)
}

function hasFired({ alerts }: Candidate, { rule, subject }: Pick<Alert, 'rule' | 'subject'>): boolean {
  const key = subjectKeyOf(subject)
  return alerts.some(held => held.rule === rule && subjectKeyOf(held.subject) === key)
}

/** What one rule took for over another one may have been on its way to find. */
function beganDuring({ alerts, resolvedAt }: Candidate, { subject, onset }: Pick<Alert, 'subject' | 'onset'>): boolean {
  const key = subjectKeyOf(subject)
  return resolvedAt !== null && onset <= resolvedAt && alerts.some(held => subjectKeyOf(held.subject) === key)
}

/** Whether what is wrong with a subject may be the culprit's doing, or done by what the culprit does to others. */
function isOnPath(subject: AlertSubject, culprit: Culprit, topology: Topology): boolean {
  const guilty = { service: culprit.service, ...(culprit.remote && { remote: culprit.remote }) }
  return areRelated(subject, guilty, topology) || subject.service.toLowerCase() === culprit.service.toLowerCase() && !subject.routeKey
}

/** The subject is the culprit's own place. */
function isAt({ service, operation, remote, routeKey }: AlertSubject, culprit: Culprit): boolean {
  if (routeKey || service.toLowerCase() !== culprit.service.toLowerCase()) return false
  return (operation === undefined || operation === culprit.operation) && (remote?.toLowerCase() ?? null) === (culprit.remote?.toLowerCase() ?? null)
}

/** How far apart in time an alert and the nearest related one of an incident began; Infinity where none is related. */
function apartOf(alert: Pick<Alert, 'subject' | 'onset'>, { alerts }: Candidate, topology: Topology): Millis {
  const apart = alerts.filter(held => areRelated(alert.subject, held.subject, topology))
    .map(held => distance(alert.onset, held.onset, held.startedAt))
  return Math.min(...apart, Infinity)
}

/** Zero while the other one was already on its way. */
function distance(onset: Date, from: Date, to: Date): Millis {
  if (onset < from) return from.getTime() - onset.getTime()
  return Math.max(0, onset.getTime() - to.getTime())
}

/** One of both stands on the path of the other. */
function areRelated(a: AlertSubject, b: AlertSubject, topology: Topology): boolean {
  return isBehind(a, b, topology) || isBehind(b, a, topology)
}

/** Where nothing is known of whom a service calls, its edge is behind whatever passes the service. */
function isBehind(a: AlertSubject, b: AlertSubject, topology: Topology): boolean {
  const footprint = footprintOf(b, topology)
  const service = a.service.toLowerCase()
  return footprint.has(positionOf(a)) || (a.remote !== undefined && !topology.calls.has(service) && footprint.has(service))
}

/**
 * Everything that may be behind what is wrong with a subject: of a route the services that its requests pass, else all
 * that its service calls, directly or through others; of an edge whom it leads to and all behind that.
 */
export function footprintOf(subject: AlertSubject, { calls, routes }: Topology): Set<string> {
  const passed = subject.routeKey === undefined ? undefined : routes.get(routeIdOf(subject))
  if (!passed) return closureOf(positionOf(subject), calls)
  const found = new Set([subject.service.toLowerCase(), ...passed])
  // What sends no telemetry of its own stands in no trace but behind its caller.
  for (const service of [...found]) for (const callee of calls.get(service) ?? []) if (!calls.has(callee) && !isPassedByOthers(callee, routes)) found.add(callee)
  return found
}

function isPassedByOthers(service: string, routes: Topology['routes']): boolean {
  return [...routes.values()].some(passed => passed.has(service))
}

function closureOf(start: string, calls: Topology['calls']): Set<string> {
  const found = new Set([start])
  for (const service of found) for (const callee of calls.get(service) ?? []) found.add(callee)
  return found
}
