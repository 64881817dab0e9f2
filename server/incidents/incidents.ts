import { can, type Actor } from '#server/access/access'
import type { AlertListener, Notifications, Tier } from '#server/alerting/alerting'
import type { Clock } from '#server/clock'
import type { Database } from '#server/db/client'
import { inRounds } from '#server/rounds'
import type { LogSource, MetricSource, TraceSource } from '#server/telemetry/ports'
import { AppError } from '#shared/errors'
import type { Permission } from '#shared/permissions'
import type { FullIncident } from '#shared/schemas/full-incident'
import type { Incident } from '#shared/schemas/incident-detail'
import type { Reader } from '#shared/text/text'
import type { Span } from '#shared/trace/span'
import { DAY, HOUR, SECOND, type TimeWindow } from '#shared/units'
import { createCommands } from './commands'
import { createDetail } from './detail'
import { createDiagnosing, type Diagnose } from './diagnosing'
import { packAtOnce, packEvidence, readEvidence } from './evidence-store'
import { createFeed } from './feed'
import { createFollowing } from './following'
import { createFreezing, type KeptLine } from './freezing'
import { packTrace } from './frozen-trace'
import { impactCsv } from './impact-csv'
import { createImpactKeeper, readImpact } from './impact-keeper'
import { endedRows, findRow, openRows } from './incident-rows'
import { createIntake } from './intake'
import { createKeptTraces } from './kept-traces'
import { createList } from './list'
import { createMarks } from './marks'
import { createMerging } from './merging'
import { writePostMortem } from './post-mortem'
import { createReports } from './reports'
import type { RevisionLine } from './revision-line'
import type { IncidentRegister, Room, StateOf } from './room'
import { createSettling } from './settling'
import { readSpread } from './spread'
import { createTopologyKeeper } from './topology'

export type { Diagnose, DiagnosisQuestion } from './diagnosing'
export type { KeptTrace } from './kept-traces'
export type { Marks, TraceFacts } from './marks'
export type { RevisionLine } from './revision-line'
export type { IncidentRegister, StateOf } from './room'

export interface IncidentsDependencies {
  db: Database
  clock: Clock
  register: IncidentRegister
  notifications: Pick<Notifications, 'enqueue'>
  metrics: MetricSource
  traces: TraceSource
  logs: LogSource
  diagnose: Diagnose
  /** How endpoints are doing now; nobody can tell in a replay. */
  stateOf?: StateOf
  consumerAttributes?: readonly string[]
  /** False where nothing has to outlive the telemetry, as in a replay. */
  keepsEvidence?: boolean
  onTrouble?: (error: unknown) => void
}

const slot = 5 * SECOND
/** Figures of open incidents are counted again so often, and once more when late spans have arrived. */
const figuresEvery = 10 * SECOND
const lateSpans = 150 * SECOND
const topologyEvery = 30 * SECOND
/** Longer than any baseline looks back. */
const excludedFor = 29 * DAY

/**
 * Alerts become incidents in the transaction that stores them; diagnosis, figures and evidence follow when it stands.
 * Everything that must survive a kill is in the control file, and is taken up again from there.
 */
export function createIncidents({ db, clock, register, notifications, metrics, traces, logs, diagnose, stateOf = () => undefined, consumerAttributes = ['api.client.id'], keepsEvidence = true, onTrouble = () => {} }: IncidentsDependencies) {
  const feed = createFeed<RevisionLine>({ db })
  const room: Room = { db, clock, register, notifications, feed }
  const topology = createTopologyKeeper({ clock, metrics, traces })
  const impact = createImpactKeeper({ ...room, metrics, topology: topology.current, pack: keepsEvidence ? packEvidence : packAtOnce })
  const freeze = createFreezing({ ...room, sources: keepsEvidence ? { traces, logs, metrics, consumerAttributes } : undefined })
  const marks = createMarks(room)
  const diagnosing = createDiagnosing({
    ...room, diagnose, freeze, onTrouble, refreshImpact: impact.refresh,
    spreadOf: (service, onset) => inRounds(() => readSpread({ metrics, register, topology: topology.current(), service, onset, now: clock.now() })),
    excluded: butFor => marks.excluded({ since: new Date(clock.now().getTime() - 2 * HOUR), butFor }),
  })
  const settle = createSettling({ ...room, refreshImpact: impact.refresh })
  const following = createFollowing(room)
  const reports = createReports({ ...room, changed: () => tell({ id: '', number: 0 }) })
  const detail = createDetail({ ...room, stateOf, isFollowing: following.isFollowing })
  const { list, summary } = createList({ ...room, stateOf, reportsFor: reports.list })
  const lateFigures = new Map<string, () => void>()
  const listeners = new Set<(changed: { id: string, number: number }) => void>()
  const tell = ({ id, number }: { id: string, number: number }) => {
    for (const listener of listeners) listener({ id, number })
  }
  feed.subscribe(tell)

  feed.subscribe(({ id, event, at }) => {
    if (event === 'resolved') finishLater(id, at)
  })

  /** The last figures, and the picture with its end in it, when late spans have arrived. */
  function finishLater(id: string, resolvedAt: Date) {
    lateFigures.get(id)?.()
    lateFigures.set(id, clock.at(new Date(Math.max(clock.now().getTime(), resolvedAt.getTime() + lateSpans)), () => {
      lateFigures.delete(id)
      inRounds(async () => {
        await impact.refresh(id)
        await freeze(id)
      }).then(() => tell(findRow(db, id))).catch(onTrouble)
    }))
  }

  /** What an operator sees; support staff have no need of it, and no right. */
  function full(actor: Actor, id: string, reader: Reader): Incident & { full: FullIncident } {
    need(actor, 'incidents:read', 'traces:read')
    const incident = detail.read(actor, id, reader)
    return { ...incident, full: incident.full! }
  }

  function kept<T>(actor: Actor, id: string, kind: 'trace' | 'logs', key = '') {
    need(actor, 'incidents:read', kind === 'trace' ? 'traces:read' : 'logs:read')
    return readEvidence<T>(db, findRow(db, id).id, kind, key)
  }

  return {
    /** Given to alerting: synchronous, inside its transaction. */
    listen: createIntake({ ...room, topology: topology.current }) satisfies AlertListener,

    /** Judged in the evaluator's slots, so that one process of several ends what is over and counts who is hurt. */
    tier: {
      name: 'incidents', every: slot, rules: () => [],
      async judge(at) {
        await settle(at)
        diagnosing.resume()
        if (at.getTime() % figuresEvery === 0) {
          await Promise.all(openRows(db).map(row => impact.refresh(row.id).then(() => tell(row), onTrouble)))
        }
        return []
      },
    } satisfies Tier,

    /** Takes up what was left, and keeps the map of who calls whom; the answer ends it. */
    start(): () => Promise<void> {
      void inRounds(topology.refresh).catch(onTrouble)
      const stopRounds = clock.every(topologyEvery, () => void inRounds(topology.refresh).catch(onTrouble))
      diagnosing.resume()
      for (const { id, resolvedAt } of endedRows(db, new Date(clock.now().getTime() - 2 * lateSpans))) finishLater(id, resolvedAt)
      return async () => {
        stopRounds()
        for (const cancel of lateFigures.values()) cancel()
        await diagnosing.stop()
      }
    },
    /** For a replay, which has no time of its own to wait in: all that is under way, or the map as it is now. */
    idle: diagnosing.idle,
    refreshTopology: topology.refresh,

    /** Every revision in order, as replay prints it, once it stands. */
    onRevision: feed.onLine,
    /** Told of each revision and of new figures, with which incident it is; the answer ends it. */
    onChange(listener: (changed: { id: string, number: number }) => void) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },

    list, summary,
    read: detail.read,
    impactCsv(actor: Actor, id: string, reader: Reader): { number: number, csv: string } {
      need(actor, 'incidents:read', 'traces:read')
      const row = findRow(db, id)
      const impact = readImpact(db, row.id)?.value
      if (!impact) throw new AppError('incident.evidence_not_found')
      return { number: row.number, csv: impactCsv(impact, detail.toSentImpact(impact), reader) }
    },
    postMortem: (actor: Actor, id: string, reader: Reader): string => writePostMortem(full(actor, id, reader), reader),
    /** For the trace's own page, which asks for the right to read traces itself. */
    keptTrace: createKeptTraces(room),
    frozenTrace(actor: Actor, id: string, traceId: string) {
      const found = kept<{ spans: Span[] }>(actor, id, 'trace', traceId)
      if (!found) throw new AppError('incident.evidence_not_found')
      const { spans } = found.value
      return { traceId, keptAt: found.at.toISOString(), skeleton: Buffer.from(packTrace(spans)).toString('base64'), spans: spans as unknown as Record<string, unknown>[] }
    },
    frozenLogs(actor: Actor, id: string) {
      const found = kept<{ lines: KeptLine[] }>(actor, id, 'logs')
      return { keptAt: found?.at.toISOString() ?? null, lines: found?.value.lines ?? [] }
    },

    ...createCommands(room),
    ...createMerging(room),
    follow: following.follow,
    report: reports.report,
    answerReport: reports.answer,

    marks,
    /** Windows in which an incident was open: no baseline may be learned from them. */
    excluded: (service?: string): TimeWindow[] => marks.excluded({ since: new Date(clock.now().getTime() - excludedFor), service }),
  }
}

export type Incidents = ReturnType<typeof createIncidents>

/** What needs two permissions: a route names but one. */
function need(actor: Actor, ...permissions: Permission[]): void {
  const missing = permissions.find(permission => !can(actor, permission))
  if (missing) throw new AppError('access.forbidden', { permission: missing })
}

