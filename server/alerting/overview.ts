import { and, asc, desc, eq, gt, isNotNull, isNull, lt, ne, or } from 'drizzle-orm'
import type { z } from 'zod'
import type { Clock } from '#server/clock'
import type { Database } from '#server/db/client'
import { alerts, alertStates } from '#server/db/control/schema'
import type { AlertState } from '#shared/alerting/state'
import type { RuleNow, Target } from '#shared/schemas/alert-rule'
import type { alertHistory, alertsOverview, historyQuery, sentAlert } from '#shared/schemas/alerts'
import { MINUTE, type Millis, type TimeWindow } from '#shared/units'
import type { Alert, AlertSubject } from './alert'
import { ownEvery } from './rules/own-tier'
import { readBuiltInPauses, type createRules } from './rules/rules'
import type { RuleRegister } from './rules/subjects'
import { runbooksOf } from './runbooks'
import { toAlert } from './settle'
import { isActive } from './silences/silence-rules'
import { readOpen, ruleNames, silenceOf, type SilenceRow } from './silences/silences'

type Sent = z.input<typeof sentAlert>
type StateRow = typeof alertStates.$inferSelect
export interface IncidentRef { id: string, number: number }

/** A tier that was not judged for so long is late. */
const late: Millis = MINUTE

export interface OverviewDependencies {
  db: Database
  clock: Clock
  register: RuleRegister & { services: () => readonly { name: string, colour?: number }[] }
  rules: ReturnType<typeof createRules>
  builtIn: () => readonly string[]
  evaluation: () => { tiers: { tier: string, at: Date | undefined }[], jumps: { at: Date, by: Millis }[] }
  /** The incident that an alert belongs to, by the alert's id. */
  incidentsOf: (alertIds: readonly string[]) => ReadonlyMap<string, IncidentRef>
}

/** What /alerts shows: what fires, what the rules do now, and what was. */
export function createOverview({ db, clock, register, rules, builtIn, evaluation, incidentsOf }: OverviewDependencies) {
  const startedAt = clock.now()

  function read(): z.input<typeof alertsOverview> {
    const at = clock.now()
    const states = db.select().from(alertStates).where(or(ne(alertStates.state, 'ok'), eq(alertStates.subjectKey, ''))).all()
    const byRule = Map.groupBy(states.filter(({ rule }) => !rule.startsWith('alertmanager-')), ({ rule }) => rule)
    const firing = db.select().from(alerts).where(isNull(alerts.endedAt)).orderBy(asc(alerts.startedAt), asc(alerts.id)).all().map(toAlert)
    const stale = new Map(states.flatMap(({ alertId, state }) => (alertId && (state === 'no_data' || state === 'error') ? [[alertId, state] as const] : [])))
    const own = rules.list()
    const names = new Map(own.map(({ id, name }) => [id, name]))
    const quiet = states.filter(({ rule, subject, alertId, state }) => subject && !alertId && (state === 'no_data' || state === 'error') && (names.has(rule) || builtIn().includes(rule)))
      .sort((a, b) => a.since.getTime() - b.since.getTime())
    const pauses = readBuiltInPauses(db)
    const silences = readOpen(db, at)
    return {
      at: at.toISOString(),
      firing: toSent(firing, { at, silences, stale }),
      noData: quiet.map(({ rule, subject, state, since, reason }) => ({
        rule, ruleName: names.get(rule) ?? null, subject: { ...subject! }, endpoint: endpointOf(subject!), state: state as 'no_data' | 'error', since: since.toISOString(), reason,
      })),
      rules: [
        ...builtIn().map(id => ({ id, rule: null, endpoint: null, now: nowOf(byRule.get(id) ?? [], pauses.has(id)), pausedBy: pauses.get(id)?.by ?? null })),
        ...own.map(rule => ({ id: rule.id, rule, endpoint: namedBy(rule.target), now: nowOf(byRule.get(rule.id) ?? [], rule.paused), pausedBy: rule.paused ? rule.updatedBy : null })),
      ],
      colours: coloursOf([...firing.map(({ subject }) => subject), ...quiet.map(({ subject }) => subject!)]),
      silences: silences.filter(row => isActive(row, at)).length,
      evaluation: { every: ownEvery, late: lateSince(at), jumps: evaluation().jumps.map(({ at, by }) => ({ at: at.toISOString(), by })) },
    }
  }

  /** What ended, newest first. */
  function history({ before, limit }: z.output<typeof historyQuery>): z.input<typeof alertHistory> {
    const at = clock.now()
    const last = before ? db.select({ id: alerts.id, endedAt: alerts.endedAt }).from(alerts).where(eq(alerts.id, before)).get() : undefined
    // Forgotten meanwhile, and with it all that ended before.
    if (before && !last?.endedAt) return { at: at.toISOString(), alerts: [], colours: {}, next: null }
    const older = last && or(lt(alerts.endedAt, last.endedAt!), and(eq(alerts.endedAt, last.endedAt!), lt(alerts.id, last.id)))
    const rows = db.select().from(alerts).where(and(isNotNull(alerts.endedAt), older)).orderBy(desc(alerts.endedAt), desc(alerts.id)).limit(limit + 1).all()
    const shown = rows.slice(0, limit).map(toAlert)
    return {
      at: at.toISOString(), alerts: toSent(shown, { at, silences: [], stale: new Map() }), colours: coloursOf(shown.map(({ subject }) => subject)),
      next: rows.length > limit ? shown.at(-1)!.id : null,
    }
  }

  function toSent(all: readonly Alert[], { at, silences, stale }: { at: Date, silences: readonly SilenceRow[], stale: ReadonlyMap<string, 'no_data' | 'error'> }): Sent[] {
    const names = ruleNames(db)
    const ids = all.map(({ id }) => id)
    const runbooks = runbooksOf(db, ids)
    const incidents = incidentsOf(ids)
    return all.map((alert) => {
      const silence = silenceOf(silences, alert, at)
      return {
        id: alert.id, rule: alert.rule, ruleName: names.get(alert.rule) ?? null, origin: alert.origin, subject: { ...alert.subject }, endpoint: endpointOf(alert.subject),
        severity: alert.severity, onset: alert.onset.toISOString(), startedAt: alert.startedAt.toISOString(), endedAt: alert.endedAt?.toISOString() ?? null, reason: alert.reason,
        runbook: runbooks.get(alert.id) ?? '',
        silence: silence ? { id: silence.row.id, reason: silence.row.reason, until: silence.until.toISOString() } : null,
        stale: stale.get(alert.id) ?? null, incident: incidents.get(alert.id) ?? null,
      }
    })
  }

  function endpointOf({ service, method, routeKey }: AlertSubject): Sent['endpoint'] {
    if (!method || routeKey === undefined) return null
    const found = register.endpoints().find(route => route.service === service.toLowerCase() && route.method === method && route.routeKey === routeKey)
    return found ? { id: found.id, template: found.template } : null
  }

  function namedBy(target: Target): { method: string, template: string } | null {
    const named = target.kind === 'endpoint' && target.endpoint !== null ? register.endpoints().find(({ id }) => id === target.endpoint) : undefined
    return named ? { method: named.method, template: named.template } : null
  }

  function coloursOf(subjects: readonly AlertSubject[]): Record<string, number> {
    const wanted = new Set(subjects.flatMap(({ service, remote }) => [service.toLowerCase(), ...(remote ? [remote.toLowerCase()] : [])]))
    return Object.fromEntries(register.services().flatMap(({ name, colour }) => (wanted.has(name) && colour ? [[name, colour]] : [])))
  }

  /** Since when no rule of one's own was judged, where that is longer than a moment. */
  function lateSince(at: Date): string | null {
    const judged = evaluation().tiers.find(({ tier }) => tier === 'rules')?.at
    const since = judged && judged > startedAt ? judged : startedAt
    return at.getTime() - since.getTime() > late ? since.toISOString() : null
  }

  return {
    read, history,
    /** Alerts that fired for a service within a window, and the incident of one of them. */
    alertsOf(service: string, { from, to }: TimeWindow): { count: number, incident?: IncidentRef } {
      const rows = db.select().from(alerts).where(and(lt(alerts.startedAt, to), gt(alerts.lastFiredAt, from))).all().filter(({ subject }) => subject.service.toLowerCase() === service)
      const incident = [...incidentsOf(rows.map(({ id }) => id)).values()][0]
      return { count: rows.length, ...(incident && { incident }) }
    },
  }
}

/** Of all that a rule says, the worst stands for it; a rule that was never judged is not ok. */
function nowOf(rows: readonly StateRow[], paused: boolean): RuleNow {
  const itself = rows.find(({ subjectKey }) => subjectKey === '')
  const subjects = rows.filter(({ subjectKey, state }) => subjectKey !== '' && state !== 'ok')
  const counts = {
    firing: subjects.filter(({ alertId }) => alertId !== null).length,
    pending: subjects.filter(({ state }) => state === 'pending').length,
    noData: subjects.filter(({ state, alertId }) => state === 'no_data' && alertId === null).length,
  }
  const state: AlertState | null = paused
    ? 'paused'
    : itself?.state === 'error' ? 'error' : !itself ? null : counts.firing ? 'firing' : counts.noData ? 'no_data' : counts.pending ? 'pending' : 'ok'
  const about = itself && (itself.state === 'error' || paused) ? itself : subjects.filter(row => row.state === state).sort((a, b) => a.since.getTime() - b.since.getTime())[0]
  return { state, since: about?.since.toISOString() ?? null, reason: state === 'error' ? itself?.reason ?? null : null, ...counts }
}
