import { and, desc, eq, exists, gte, inArray, lt, sql, type SQL } from 'drizzle-orm'
import { can, type Actor } from '#server/access/access'
import { incidentConsumers, incidents, incidentSymptoms } from '#server/db/control/schema'
import type { Severity } from '#shared/alerting/severity'
import { isLive } from '#shared/registry/lifecycle'
import type { IncidentLine, Incidents, ListIncidents } from '#shared/schemas/incident-list'
import type { Report } from '#shared/schemas/incident-report'
import { urgency } from '#shared/status/state'
import { dayIn, dayStart } from '#shared/text/day-start'
import { catalogues } from '#shared/text/catalogues'
import { createText, type Reader } from '#shared/text/text'
import { DAY, MINUTE } from '#shared/units'
import { readSummaries } from './evidence-store'
import { affectedEndpoints, consumerNames, plainFactsOf, toAffected } from './facts'
import { concernsOneOf, consumersOf, hasSymptom, openRows, symptomsOf, type IncidentRow } from './incident-rows'
import { graver } from './incident-rules'
import { headlineOf, repeatOf, squaresOf, type PlainFacts } from './plain-words'
import type { Room, StateOf } from './room'

/** Of the calendar. */
const daysShown = 91
const mostZones = 50
/** How many past ones a search in words reads. */
const mostSearched = 500

type Sift = (rows: readonly IncidentRow[], words: string) => readonly IncidentRow[]

/** Open ones first, in words; past ones by filter. A fixed number of questions, however many there are. */
export function createList({ stateOf, reportsFor, ...room }: Room & { stateOf: StateOf, reportsFor: (actor: Actor) => Report[] }) {
  const { db, clock, register, feed } = room
  const calendars = new Map<string, { at: number, days: Incidents['days'] }>()
  feed.subscribe(() => calendars.clear())
  // Made ready once, because every page asks for it.
  const standing = db.select({ severity: incidents.severity, untold: sql<number>`count(*) filter (where ${incidentConsumers.told} = 'open')` })
    .from(incidents).leftJoin(incidentConsumers, eq(incidentConsumers.incidentId, incidents.id))
    .where(inArray(incidents.status, ['open', 'acknowledged'])).groupBy(incidents.id).prepare()

  function list(actor: Actor, asked: ListIncidents, reader: Reader): Incidents {
    const now = clock.now()
    const isOperator = can(actor, 'traces:read')
    // Who may not see services is told nothing by filtering for them either.
    const query = isOperator ? asked : { ...asked, service: undefined, culprit: undefined }
    const sift = sifter(isOperator, reader, now)
    const all = openRows(db)
    const openLines = linesOf(all, { isOperator, now })
    const shown = query.state === 'past' ? new Set<string>() : fittingOf(all, query, reader, sift)
    const { rows: past, next, found } = query.state === 'open' ? { rows: [], next: undefined, found: 0 } : readPast(query, reader, sift)
    return {
      at: now.toISOString(),
      open: openLines.filter(({ id }) => shown.has(id)),
      past: linesOf(past, { isOperator, now }),
      ...(next && { next }),
      counts: { open: all.length, critical: all.filter(({ severity }) => severity === 'critical').length, unassigned: all.filter(({ assigneeId }) => !assigneeId).length, pastFound: found },
      untold: openLines.reduce((sum, { consumers }) => sum + consumers.filter(({ told }) => told === 'open').length, 0),
      days: calendar(reader, now),
      ...means(query, reader),
      functions: functionsOf(openLines),
      reports: reportsFor(actor),
    }
  }

  function linesOf(rows: readonly IncidentRow[], { isOperator, now }: { isOperator: boolean, now: Date }): IncidentLine[] {
    const ids = rows.map(({ id }) => id)
    const symptoms = Map.groupBy(symptomsOf(db, ids), ({ incidentId }) => incidentId)
    const hurt = Map.groupBy(consumersOf(db, ids), ({ incidentId }) => incidentId)
    const names = consumerNames(db, [...hurt.values()].flat().map(({ consumer }) => consumer))
    const sums = readSummaries(db, ids, 'impact') as Map<string, NonNullable<PlainFacts['hits']>>
    return rows.map((row): IncidentLine => {
      const endpoints = affectedEndpoints(symptoms.get(row.id) ?? [], register)
      const hits = sums.get(row.id) ?? null
      const facts = plainFactsOf({ row, endpoints, hits, register, now })
      return {
        id: row.id, number: row.number, status: row.status, severity: row.severity, worst: row.worst, headline: headlineOf(facts),
        onset: row.onset.toISOString(), detectedAt: row.detectedAt.toISOString(), resolvedAt: row.resolvedAt?.toISOString() ?? null,
        assignee: row.assigneeId ? { id: row.assigneeId, name: row.assigneeName ?? '' } : null,
        endpoints, squares: squaresOf(facts),
        consumers: (hurt.get(row.id) ?? []).map(({ consumer, told }) => ({ id: consumer, name: names.get(consumer)?.name ?? consumer, told })),
        repeat: repeatOf(facts), nextUpdateAt: row.nextUpdateAt?.toISOString() ?? null,
        ...(isOperator && { operator: { title: row.title, culprit: row.diagnosis?.culprit ?? null, confidence: row.diagnosis?.confidence ?? null, failed: hits?.failed ?? 0, slow: hits ? hits.slow : null } }),
      }
    })
  }

  /** Those whose number, or whose words as their reader sees them, hold what was looked for. */
  function sifter(isOperator: boolean, reader: Reader, now: Date): Sift {
    const text = createText(catalogues[reader.language], reader)
    return (rows, words) => {
      const wanted = words.toLowerCase()
      if (isNumber(wanted)) return rows.filter(({ number }) => String(number) === wanted.replace('inc-', ''))
      const symptoms = isOperator ? undefined : Map.groupBy(symptomsOf(db, rows.map(({ id }) => id)), ({ incidentId }) => incidentId)
      const titleOf = (row: IncidentRow) => symptoms
        ? headlineOf(plainFactsOf({ row, endpoints: affectedEndpoints(symptoms.get(row.id) ?? [], register), hits: null, register, now }))
        : row.title
      return rows.filter((row) => {
        const said = `${text.sentence(titleOf(row))} ${isOperator ? row.cause ?? '' : ''}`.toLowerCase()
        return wanted.split(/\s+/).every(word => said.includes(word))
      })
    }
  }

  function readPast(query: ListIncidents, reader: Reader, sift: Sift) {
    // What was merged is told by what it went into; who knows its number finds it.
    const statuses = isNumber(query.q) ? ['resolved', 'merged'] as const : ['resolved'] as const
    const where = and(inArray(incidents.status, [...statuses]), filterOf(query, reader), query.cursor ? sql`${incidents.number} < ${Number(query.cursor) || 0}` : undefined)
    if (query.q) {
      const rows = sift(db.select().from(incidents).where(where).orderBy(desc(incidents.number)).limit(mostSearched).all(), query.q)
      return { rows: rows.slice(0, query.limit), next: rows.length > query.limit ? String(rows[query.limit - 1]!.number) : undefined, found: rows.length }
    }
    const rows = db.select().from(incidents).where(where).orderBy(desc(incidents.number)).limit(query.limit + 1).all()
    const found = db.select({ count: sql<number>`count(*)` }).from(incidents).where(and(eq(incidents.status, 'resolved'), filterOf(query, reader))).get()!.count
    return { rows: rows.slice(0, query.limit), next: rows.length > query.limit ? String(rows[query.limit - 1]!.number) : undefined, found }
  }

  /** Ids of those open ones that the filter keeps. */
  function fittingOf(open: readonly IncidentRow[], query: ListIncidents, reader: Reader, sift: Sift): Set<string> {
    const spoken = query.q ? sift(open, query.q) : open
    const fitting = db.select({ id: incidents.id }).from(incidents).where(and(inArray(incidents.id, spoken.map(({ id }) => id)), filterOf(query, reader))).all()
    return new Set(fitting.map(({ id }) => id))
  }

  function filterOf({ severity, service, endpoint, consumer, culprit, assignee, from, to }: ListIncidents, { zone }: Reader): SQL | undefined {
    const route = endpoint ? register.endpoints().find(({ id }) => id === endpoint) : undefined
    return and(
      severity ? eq(incidents.worst, severity) : undefined,
      service ? concernsOneOf(db, [service]) : undefined,
      endpoint ? (route ? hasSymptom(db, and(eq(incidentSymptoms.service, route.service.toLowerCase()), eq(incidentSymptoms.method, route.method), eq(incidentSymptoms.routeKey, route.routeKey))) : sql`0`) : undefined,
      consumer ? exists(db.select({ one: sql`1` }).from(incidentConsumers).where(and(eq(incidentConsumers.incidentId, incidents.id), eq(incidentConsumers.consumer, consumer)))) : undefined,
      culprit ? eq(incidents.culpritKey, culprit) : undefined,
      assignee ? eq(incidents.assigneeId, assignee) : undefined,
      from ? gte(incidents.onset, dayStart(from, zone)) : undefined,
      to ? lt(incidents.onset, dayStart(to, zone, 1)) : undefined,
    )
  }

  /** Mean times over all resolved ones that the filter keeps, whatever the page. */
  function means(query: ListIncidents, reader: Reader) {
    const row = db.select({
      acknowledge: sql<number | null>`avg(${incidents.acknowledgedAt} - ${incidents.detectedAt})`,
      resolve: sql<number | null>`avg(${incidents.resolvedAt} - ${incidents.detectedAt})`,
    }).from(incidents).where(and(eq(incidents.status, 'resolved'), filterOf(query, reader))).get()!
    return { meanTimeToAcknowledge: row.acknowledge, meanTimeToResolve: row.resolve }
  }

  /** Kept until something happens: to tell the day of each of hundreds of moments in a zone costs more than all the rest. */
  function calendar({ zone }: Reader, now: Date): Incidents['days'] {
    const held = calendars.get(zone)
    if (held && clock.monotonic() - held.at < MINUTE) return held.days
    const days = readCalendar(zone, now)
    if (calendars.size >= mostZones) calendars.clear()
    calendars.set(zone, { at: clock.monotonic(), days })
    return days
  }

  function readCalendar(zone: string, now: Date): Incidents['days'] {
    const from = new Date(now.getTime() - daysShown * DAY)
    const rows = db.select({ onset: incidents.onset, resolvedAt: incidents.resolvedAt, worst: incidents.worst }).from(incidents)
      .where(and(gte(incidents.onset, from), inArray(incidents.status, ['open', 'acknowledged', 'resolved']))).all()
    const days = new Map<string, { incidents: number, worst: Severity, millis: number }>()
    for (const { onset, resolvedAt, worst } of rows) {
      const day = dayIn(zone, onset)
      const known = days.get(day) ?? { incidents: 0, worst: 'info' as Severity, millis: 0 }
      days.set(day, { incidents: known.incidents + 1, worst: graver(known.worst, worst), millis: known.millis + (resolvedAt ?? now).getTime() - onset.getTime() })
    }
    return [...days].map(([day, { millis, ...rest }]) => ({ day, ...rest, minutes: Math.round(millis / MINUTE) })).sort((a, b) => a.day.localeCompare(b.day))
  }

  function functionsOf(open: readonly IncidentLine[]): Incidents['functions'] {
    const hit = new Map(open.flatMap(({ number, endpoints }) => endpoints.flatMap(({ id }) => (id ? [[id, number] as const] : []))))
    return register.endpoints().filter(({ lifecycle }) => isLive(lifecycle)).map((endpoint) => {
      const standing = stateOf(endpoint.id)
      return { ...toAffected(endpoint), state: standing?.state ?? 'unknown', since: standing?.since.toISOString() ?? null, incident: hit.get(endpoint.id) ?? null }
    }).sort((a, b) => Number(b.incident !== null) - Number(a.incident !== null) || urgency[a.state] - urgency[b.state] || a.template.localeCompare(b.template))
  }

  return {
    list,
    /** For the mark in the navigation. */
    summary() {
      const open = standing.all()
      return {
        open: open.length,
        worst: open.reduce<Severity | null>((worst, { severity }) => (worst ? graver(worst, severity) : severity), null),
        untold: open.reduce((sum, { untold }) => sum + untold, 0),
      }
    },
  }
}

function isNumber(words: string | undefined): boolean {
  return words !== undefined && /^(?:inc-)?\d+$/i.test(words)
}
