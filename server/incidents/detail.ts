import { and, asc, desc, eq, gte, ne, or } from 'drizzle-orm'
import { can, type Actor } from '#server/access/access'
import { ruleNames, runbooksOf } from '#server/alerting/alerting'
import { incidents, incidentTimeline } from '#server/db/control/schema'
import { relapse } from '#shared/incidents/relapse'
import { isLive } from '#shared/registry/lifecycle'
import type { Change } from '#shared/schemas/change'
import { toAnsweredWindow, toSentWarning } from '#shared/schemas/time-range'
import type { FullIncident, IncidentExemplar, IncidentPicture, SentImpact, TimelineEntry } from '#shared/schemas/full-incident'
import type { Incident } from '#shared/schemas/incident-detail'
import type { PlainIncident } from '#shared/schemas/plain-incident'
import type { Reader } from '#shared/text/text'
import { MINUTE } from '#shared/units'
import { listEvidence, readEvidence } from './evidence-store'
import { affectedEndpoints, consumerNames, plainFactsOf, toAffected } from './facts'
import type { KeptExemplar } from './freezing'
import { badOf, type Impact } from './impact'
import { readImpact, unknownConsumer, type RequestsCourse } from './impact-keeper'
import { alertsOf, consumersOf, findRow, firingOf, isOpen, symptomsOf, type IncidentRow, type SymptomRow, type TimelineRow } from './incident-rows'
import { linkOf } from './links'
import { partnerTextOf } from './partner-text'
import { answersOf, causeOf, confidenceOf, doingOf, headlineOf, repeatOf, sinceOf, squaresOf, type PlainFacts } from './plain-words'
import { endedByOf, isCureOf, proposalOf } from './proposal'
import type { Room, StateOf } from './room'
import { routeIdOf } from './subject'

const changesBefore = 15 * MINUTE
const mostChanges = 20
const mostRelated = 8
const mostOthers = 20
const publicKinds = ['opened', 'update', 'told', 'resolved', 'reopened', 'promise'] as const

/** One incident as its page shows it, from the control file alone: this is the page that is opened during an outage. */
export function createDetail({ stateOf, isFollowing, ...room }: Room & { stateOf: StateOf, isFollowing: (userId: string, incidentId: string) => boolean }) {
  const { db, clock, register } = room

  function read(actor: Actor, id: string, reader: Reader): Incident {
    const row = findRow(db, id)
    const now = clock.now()
    const symptoms = symptomsOf(db, [row.id])
    const impact = readImpact(db, row.id)
    const entries = db.select().from(incidentTimeline).where(eq(incidentTimeline.incidentId, row.id)).orderBy(asc(incidentTimeline.at), asc(incidentTimeline.id)).all()
    const target = row.mergedInto ? db.select({ number: incidents.number }).from(incidents).where(eq(incidents.id, row.mergedInto)).get() : undefined
    const sinceDetected = (at: Date | null) => at && Math.max(0, at.getTime() - row.detectedAt.getTime())
    return {
      id: row.id, number: row.number, revision: row.revision, status: row.status, severity: row.severity, worst: row.worst,
      onset: row.onset.toISOString(), detectedAt: row.detectedAt.toISOString(), openedAt: row.openedAt.toISOString(),
      acknowledgedAt: row.acknowledgedAt?.toISOString() ?? null, acknowledgedBy: row.acknowledgedBy,
      resolvedAt: row.resolvedAt?.toISOString() ?? null, resolvedBy: row.resolvedBy,
      assignee: row.assigneeId ? { id: row.assigneeId, name: row.assigneeName ?? '' } : null,
      mergedInto: target?.number ?? null,
      timeToAcknowledge: sinceDetected(row.acknowledgedAt), timeToResolve: sinceDetected(row.resolvedAt), reopened: row.reopened,
      following: actor.kind === 'user' && isFollowing(actor.id, row.id),
      plain: { ...plainOf(row, symptoms, impact?.value, entries, reader, now), reports: can(actor, 'incidents:update') ? reportsOf(entries) : [] },
      ...(can(actor, 'traces:read') && { full: fullOf(row, symptoms, impact?.value, entries) }),
      at: now.toISOString(),
    }
  }

  function plainOf(row: IncidentRow, symptoms: SymptomRow[], impact: Impact | undefined, entries: TimelineRow[], reader: Reader, now: Date): Omit<PlainIncident, 'reports'> {
    const endpoints = affectedEndpoints(symptoms, register)
    const facts = plainFactsOf({ row, endpoints, register, now, hits: impact ?? null })
    const course = readEvidence<RequestsCourse>(db, row.id, 'requests')
    const hurt = consumersOf(db, [row.id])
    const names = consumerNames(db, hurt.map(({ consumer }) => consumer))
    const unknown = impact?.consumers.find(({ id }) => id === unknownConsumer)
    const others = otherFunctions(endpoints)
    return {
      endpoints, headline: headlineOf(facts), since: sinceOf(facts), squares: squaresOf(facts), cause: causeOf(facts), confidence: confidenceOf(facts), doing: doingOf(facts),
      consumers: hurt.map(({ consumer, failed, slow, total, firstAt, lastAt, told, toldBy, toldAt, toldNote }) => ({
        id: consumer, name: names.get(consumer)?.name ?? consumer, contact: names.get(consumer)?.contact ?? '', failed, slow, total,
        firstAt: firstAt?.toISOString() ?? null, lastAt: lastAt?.toISOString() ?? null,
        told: { state: told, by: toldBy, at: toldAt?.toISOString() ?? null, note: toldNote },
      })),
      unknown: { failed: unknown?.failed ?? 0, slow: unknown ? unknown.slow : 0, total: unknown?.total ?? 0 },
      others,
      requests: course
        ? { ...course.value, keptAt: isOpen(row) ? null : course.at.toISOString() }
        : { from: row.onset.toISOString(), step: MINUTE, ok: [], failed: [], keptAt: null },
      repeat: repeatOf(facts), answers: answersOf(facts),
      partnerText: { ...partnerTextOf(facts, reader.zone, { othersAreFine: others.length > 0 && others.every(({ state }) => state === 'healthy') }), at: now.toISOString() },
      nextUpdateAt: row.nextUpdateAt?.toISOString() ?? null,
      updates: entries.filter(({ kind }) => (publicKinds as readonly string[]).includes(kind)).reverse().map(entry => ({
        id: entry.id, at: entry.at.toISOString(), by: entry.byName,
        // An update is what was typed; what else happened is said without a name of the inside.
        sentence: entry.kind === 'update' ? null : entry.title,
        text: entry.kind === 'update' ? { ko: entry.ko ?? '', en: entry.en ?? '' } : null,
      })),
    }
  }

  function otherFunctions(hit: PlainFacts['endpoints']): PlainIncident['others'] {
    const ids = new Set(hit.flatMap(({ id }) => id ?? []))
    return register.endpoints().filter(({ id, lifecycle }) => isLive(lifecycle) && !ids.has(id)).slice(0, mostOthers).map((endpoint) => {
      const standing = stateOf(endpoint.id)
      return { ...toAffected(endpoint), state: standing?.state ?? 'unknown', since: standing?.since.toISOString() ?? null }
    })
  }

  function fullOf(row: IncidentRow, symptoms: SymptomRow[], impact: Impact | undefined, entries: TimelineRow[]): FullIncident {
    const { diagnosis } = row
    const changes = changesOf(row, symptoms)
    const kept = listEvidence(db, row.id)
    const course = { diagnosis, onset: row.onset, resolvedAt: row.resolvedAt, resolvedBy: row.resolvedBy, changes }
    const names = ruleNames(db)
    const alerts = alertsOf(db, [row.id])
    const runbooks = runbooksOf(db, alerts.map(({ alertId }) => alertId))
    const firing = firingOf(db, alerts, clock.now()).length
    const picture = readEvidence<IncidentPicture>(db, row.id, 'picture')?.value ?? null
    return {
      title: row.title, culprit: diagnosis?.culprit ?? null, qualifier: diagnosis?.qualifier ?? null, diagnosis,
      pending: row.nextDiagnosisAt && isOpen(row) ? { at: row.nextDiagnosisAt.toISOString() } : null,
      evidence: diagnosis?.evidence.map(sentence => ({ sentence, link: linkOf(sentence, diagnosis) })) ?? [],
      picture, exemplars: exemplarsOf(row, kept),
      impact: impact ? toSentImpact(impact) : null,
      timeline: [...entries.map(toEntry), ...changes.map(toChangeEntry)].sort((a, b) => a.at.localeCompare(b.at)),
      alerts: alerts.map(({ alertId, rule, origin, subject, severity, onset, startedAt, lastFiredAt, endedAt, reason }) => ({
        id: alertId, rule: names.get(rule) ?? rule, origin, subject, severity, reason, onset: onset.toISOString(), startedAt: startedAt.toISOString(), lastFiredAt: lastFiredAt.toISOString(), endedAt: endedAt?.toISOString() ?? null, runbook: runbooks.get(alertId) ?? '',
      })),
      firing, reopensAt: firing && row.status === 'resolved' && row.resolvedAt ? new Date(row.resolvedAt.getTime() + relapse).toISOString() : null,
      related: related(row, symptoms),
      proposal: isOpen(row) ? proposalOf({ ...course, isCure: cureOfOthers(row) }) : null, endedBy: endedByOf(course),
      cause: row.cause ? { text: row.cause, by: row.causeBy ?? '', diagnosisRight: row.diagnosisRight } : null,
      frozen: {
        bytes: kept.reduce((sum, { size }) => sum + size, 0),
        traces: kept.filter(({ kind }) => kind === 'trace').length,
        lines: kept.filter(({ kind }) => kind === 'logs').reduce((sum, { summary }) => sum + Number(summary.lines ?? 0), 0),
        charts: kept.filter(({ kind }) => kind === 'picture' || kind === 'requests' || kind === 'impact').length,
      },
      colours: Object.fromEntries(register.services().map(({ name, colour }) => [name, colour])),
    }
  }

  /** Which changes ended other incidents shortly before this one. */
  function cureOfOthers(row: IncidentRow): (change: Change) => boolean {
    const others = db.select().from(incidents).where(and(ne(incidents.id, row.id), eq(incidents.status, 'resolved'), gte(incidents.resolvedAt, new Date(row.onset.getTime() - changesBefore)))).all()
    return change => others.some(other => isCureOf(change, other))
  }

  /** Of the services that are concerned, from shortly before the onset to the end. */
  function changesOf(row: IncidentRow, symptoms: SymptomRow[]): Change[] {
    const { diagnosis } = row
    const services = new Set([
      ...symptoms.flatMap(({ service, remote }) => [service, remote]),
      ...[diagnosis?.culprit?.service, diagnosis?.culprit?.remote], ...diagnosis?.decomposition.rows.map(({ service }) => service) ?? [],
    ].flatMap(name => name?.toLowerCase() || []))
    const window = { from: new Date(row.onset.getTime() - changesBefore), to: new Date((row.resolvedAt ?? clock.now()).getTime() + 1) }
    return register.changes({ window, limit: 5 * mostChanges }).filter(({ service }) => services.has(service.toLowerCase())).slice(0, mostChanges)
  }

  function toSentImpact(impact: Impact): SentImpact {
    const names = consumerNames(db, impact.consumers.map(({ id }) => id))
    const endpoints = new Map(register.endpoints().map(endpoint => [routeIdOf(endpoint), endpoint]))
    const bad = badOf(impact)
    return {
      failed: impact.failed, slow: impact.slow, total: impact.total,
      share: impact.total > 0 ? bad / impact.total : 0, shareOfAll: impact.all > 0 ? bad / impact.all : null,
      consumers: impact.consumers.filter(consumer => badOf(consumer) > 0).map(({ sent, firstAt, lastAt, ...consumer }) => ({
        ...consumer, name: names.get(consumer.id)?.name ?? consumer.id, contact: names.get(consumer.id)?.contact ?? '',
        share: sent > 0 ? badOf(consumer) / sent : 0, firstAt: firstAt?.toISOString() ?? null, lastAt: lastAt?.toISOString() ?? null,
      })),
      endpoints: impact.routes.map(({ service, method, routeKey, limit, failed, slow, total }) => {
        const endpoint = endpoints.get(routeIdOf({ service, method, routeKey }))
        return { ...(endpoint ? toAffected(endpoint) : { id: null, method, template: routeKey, nameKo: '', nameEn: '' }), service, failed, slow, total, limit }
      }),
      matrix: {
        from: impact.from.toISOString(), step: impact.step, steps: impact.steps,
        cells: impact.cells.filter(cell => badOf(cell) > 0).map(({ route, fails, slows, ...cell }) => ({ ...cell, endpoint: route, bad: fails.map((failed, i) => failed + slows[i]!) })),
      },
      window: toAnsweredWindow(impact.window), population: impact.population, warnings: impact.warnings.map(toSentWarning),
    }
  }

  /** Earlier ones at the same place, the same kind of fault on the same functions, and what was merged or split. */
  function related(row: IncidentRow, symptoms: SymptomRow[]): FullIncident['related'] {
    const routes = new Set(symptoms.filter(({ routeKey }) => routeKey).map(routeIdOf))
    const similar = row.culpritKey
      ? db.select().from(incidents).where(and(ne(incidents.id, row.id), ne(incidents.status, 'merged'), or(eq(incidents.culpritKey, row.culpritKey), eq(incidents.culpritType, row.culpritType!)))).orderBy(desc(incidents.onset)).limit(60).all()
      : []
    const theirs = Map.groupBy(symptomsOf(db, similar.map(({ id }) => id)), ({ incidentId }) => incidentId)
    const merged = db.select().from(incidents).where(eq(incidents.mergedInto, row.id)).orderBy(desc(incidents.onset)).all()
    const of = (because: FullIncident['related'][number]['because']) => ({ id, number, title, onset, resolvedAt, worst, cause }: IncidentRow): FullIncident['related'][number] =>
      ({ id, number, title, onset: onset.toISOString(), resolvedAt: resolvedAt?.toISOString() ?? null, severity: worst, because, cause })
    const sameShape = ({ id, culpritKey }: IncidentRow) => culpritKey !== row.culpritKey && (theirs.get(id) ?? []).some(symptom => routes.has(routeIdOf(symptom)))
    return [
      ...merged.map(of('merged')),
      ...similar.filter(({ culpritKey }) => culpritKey === row.culpritKey).map(of('culprit')),
      ...similar.filter(sameShape).map(of('shape')),
    ].slice(0, mostRelated)
  }

  return { read, changesOf, toSentImpact }
}

function exemplarsOf({ diagnosis }: IncidentRow, kept: ReturnType<typeof listEvidence>): IncidentExemplar[] {
  const summaries = new Map(kept.filter(({ kind }) => kind === 'trace').map(({ key, summary }) => [key, summary as unknown as KeptExemplar]))
  return diagnosis?.exemplars.map(({ traceId, kind, duration, at }): IncidentExemplar => {
    const { spans: _spans, cut: _cut, ...held } = summaries.get(traceId) ?? { spans: 0, cut: false, startedAt: new Date(at / 1_000).toISOString(), duration, status: null, failed: kind === 'failed', consumer: null, path: [] }
    return { traceId, kind, spanAt: at, frozen: summaries.has(traceId), ...held }
  }) ?? []
}

function reportsOf(entries: readonly TimelineRow[]): PlainIncident['reports'] {
  return entries.filter(({ kind }) => kind === 'report').reverse().map(({ id, at, text, byName }) => ({ id, at: at.toISOString(), text: text ?? '', by: byName ?? '' }))
}

function toEntry({ id, kind, at, title, detail, text, ko, en, byName, change }: TimelineRow): TimelineEntry {
  return { id, kind, at: at.toISOString(), title, detail, text, update: kind === 'update' ? { ko: ko ?? '', en: en ?? '' } : null, by: byName, change }
}

function toChangeEntry(change: Change): TimelineEntry {
  const { id, kind, service, version, key, oldValue, newValue, endpoint, author, at } = change
  return {
    id, kind: 'change', at, by: author, text: null, update: null, change,
    title: kind === 'endpoint'
      ? { code: 'incidents.timeline.change.endpoint', params: { endpoint: `${endpoint?.method} ${endpoint?.template}`, revision: endpoint?.revision } }
      : { code: `incidents.timeline.change.${kind}`, params: { service, version } },
    detail: kind === 'configuration' ? { code: 'incidents.timeline.change_detail', params: { key, before: oldValue ?? '–', after: newValue ?? '–' } } : null,
  }
}
