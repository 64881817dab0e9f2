import { and, desc, eq, gte, inArray, isNull, lte, ne, or, sql } from 'drizzle-orm'
import { can, type Actor } from '#server/access/access'
import { incidentAlerts, incidents } from '#server/db/control/schema'
import type { IncidentMark } from '#shared/schemas/incident'
import { DAY, SECOND, type TimeWindow } from '#shared/units'
import { readSummaries } from './evidence-store'
import { affectedEndpoints, plainFactsOf } from './facts'
import { concernsOneOf, consumersOf, openRows, symptomsOf, type IncidentRow, type SymptomRow } from './incident-rows'
import { headlineOf, type PlainFacts } from './plain-words'
import type { Room } from './room'
import { routeIdOf, type Route } from './subject'

/** A trace as far as it matters for whether it belongs to an incident. */
export interface TraceFacts {
  traceId: string
  startedAt: Date
  /** Lower case. */
  services: readonly string[]
  /** The request it began with, where it is known. */
  route?: Route
}

/** Figures grow while a page is open; so often they are read again. */
const fresh = 5 * SECOND

interface Entry { row: IncidentRow, symptoms: SymptomRow[], mark: IncidentMark, plain: IncidentMark }

/** What other pages say of incidents: read once for all that look at the same moment. */
export function createMarks(room: Room) {
  const { db, clock, register, feed } = room
  let held: { at: number, entries: Entry[], full: readonly IncidentMark[], plain: readonly IncidentMark[] } | undefined
  feed.subscribe(() => (held = undefined))

  function current() {
    const now = clock.monotonic()
    if (held && now - held.at < fresh) return held
    const entries = entriesOf(openRows(db))
    held = { at: now, entries, full: Object.freeze(entries.map(({ mark }) => mark)), plain: Object.freeze(entries.map(({ plain }) => plain)) }
    return held
  }

  function entriesOf(rows: readonly IncidentRow[]): Entry[] {
    const ids = rows.map(({ id }) => id)
    const symptoms = Map.groupBy(symptomsOf(db, ids), ({ incidentId }) => incidentId)
    const hurt = Map.groupBy(consumersOf(db, ids), ({ incidentId }) => incidentId)
    const sums = readSummaries(db, ids, 'impact') as Map<string, NonNullable<PlainFacts['hits']>>
    return rows.map((row) => {
      const own = symptoms.get(row.id) ?? []
      const hits = sums.get(row.id) ?? null
      const facts = plainFactsOf({ row, endpoints: affectedEndpoints(own, register), hits, register, now: clock.now() })
      const mark: IncidentMark = {
        id: row.id, number: row.number, status: row.status, severity: row.severity, title: row.title, onset: row.onset.toISOString(),
        assignee: row.assigneeName, failed: hits?.failed ?? 0, consumers: hurt.get(row.id)?.length ?? 0,
      }
      return { row, symptoms: own, mark, plain: { ...mark, title: headlineOf(facts) } }
    })
  }

  const seen = (actor: Actor, entries: readonly Entry[]) => entries.map(entry => (can(actor, 'traces:read') ? entry.mark : entry.plain))
  const mayRead = (actor: Actor) => can(actor, 'incidents:read')

  return {
    /** All that are open, oldest first; the same list until something changes. */
    open: (actor: Actor): readonly IncidentMark[] => !mayRead(actor) ? [] : can(actor, 'traces:read') ? current().full : current().plain,

    openForEndpoint: (actor: Actor, endpoint: Route): IncidentMark[] => mayRead(actor)
      ? seen(actor, current().entries.filter(({ symptoms }) => symptoms.some(symptom => routeIdOf(symptom) === routeIdOf(endpoint))))
      : [],

    openForService: (actor: Actor, name: string): IncidentMark[] => mayRead(actor)
      ? seen(actor, current().entries.filter(({ row, symptoms }) => concerns(row, symptoms, name.toLowerCase())))
      : [],

    /** Open or past ones, in one question for those whose time it falls into. */
    ofTrace(actor: Actor, trace: TraceFacts): IncidentMark[] {
      if (!mayRead(actor)) return []
      const rows = db.select().from(incidents).where(and(
        ne(incidents.status, 'merged'), lte(incidents.onset, trace.startedAt), or(isNull(incidents.resolvedAt), gte(incidents.resolvedAt, trace.startedAt)),
      )).orderBy(desc(incidents.onset)).limit(20).all()
      const shown = db.select().from(incidents).where(and(
        ne(incidents.status, 'merged'), sql`exists (select 1 from json_each(${incidents.diagnosis}, '$.exemplars') where json_extract(value, '$.traceId') = ${trace.traceId})`,
        gte(incidents.onset, new Date(trace.startedAt.getTime() - DAY)),
      )).limit(5).all()
      const entries = entriesOf([...new Map([...shown, ...rows].map(row => [row.id, row])).values()])
      return seen(actor, entries.filter(({ row, symptoms }) => isShown(row, trace.traceId) || isHit(symptoms, trace)))
    },

    /** By id of the alert. */
    ofAlerts(alertIds: readonly string[]): Map<string, { id: string, number: number }> {
      if (!alertIds.length) return new Map()
      return new Map(db.select({ alertId: incidentAlerts.alertId, id: incidents.id, number: incidents.number }).from(incidentAlerts)
        .innerJoin(incidents, eq(incidents.id, incidentAlerts.incidentId)).where(inArray(incidentAlerts.alertId, [...alertIds])).all()
        .map(({ alertId, ...incident }) => [alertId, incident]))
    },

    /**
     * Times in which an incident was open, for those who learn what is usual: any, or one that concerns a service. `butFor`
     * an incident: others that concern a service where this one shows, because what goes on elsewhere spoils nothing there.
     */
    excluded({ since, service, butFor }: { since: Date, service?: string, butFor?: string }): TimeWindow[] {
      const services = butFor ? symptomsOf(db, [butFor]).map(symptom => symptom.service) : service ? [service.toLowerCase()] : undefined
      return db.select({ onset: incidents.onset, resolvedAt: incidents.resolvedAt }).from(incidents).where(and(
        ne(incidents.status, 'merged'), or(isNull(incidents.resolvedAt), gte(incidents.resolvedAt, since)),
        services && concernsOneOf(db, services), butFor ? ne(incidents.id, butFor) : undefined,
      )).all().map(({ onset, resolvedAt }) => ({ from: onset, to: resolvedAt ?? clock.now() }))
    },
  }
}

export type Marks = ReturnType<typeof createMarks>

function concerns({ diagnosis }: IncidentRow, symptoms: readonly SymptomRow[], name: string): boolean {
  const culprit = diagnosis?.culprit
  return symptoms.some(({ service }) => service === name) || culprit?.service.toLowerCase() === name || culprit?.remote?.toLowerCase() === name
}

function isShown({ diagnosis }: IncidentRow, traceId: string): boolean {
  return diagnosis?.exemplars.some(exemplar => exemplar.traceId === traceId) ?? false
}

/** A disturbed request, or one that passes an edge or an operation that is; without a route, whatever passes the service. */
function isHit(symptoms: readonly SymptomRow[], { route, services }: TraceFacts): boolean {
  const routes = symptoms.filter(({ routeKey }) => routeKey)
  if (routes.length) return route !== undefined && routes.some(symptom => routeIdOf(symptom) === routeIdOf(route))
  return symptoms.some(({ service }) => services.includes(service))
}
