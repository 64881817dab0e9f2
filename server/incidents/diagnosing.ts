import type { Transaction } from '#server/db/client'
import type { Confidence, Diagnosis, Disturbed } from '#server/diagnosis/diagnosis'
import { inRounds } from '#server/rounds'
import type { builtInRuleNames } from '#shared/alerting/built-in-rules'
import type { Severity } from '#shared/alerting/severity'
import { isLive } from '#shared/registry/lifecycle'
import { routeKeyOf } from '#shared/route-key'
import type { SentDiagnosis } from '#shared/schemas/diagnosis'
import type { Sentence } from '#shared/text/text'
import { MINUTE, SECOND, type Millis, type TimeWindow } from '#shared/units'
import { isSamePlace, relapseOf } from './grouping'
import { addEntry, alertsOf, begunAt, dropSymptoms, findRow, isOpen, openRows, putSymptom, readCandidates, routesOf, symptomsOf, type IncidentRow, type SymptomRow } from './incident-rows'
import { counts } from './incident-rules'
import { foldInto } from './merging'
import { revise, tellOutside } from './revise'
import type { KnownEndpoint, Room } from './room'
import { culpritKeyOf } from './subject'
import { titleOf } from './title'

/** What the room asks of diagnosis; whoever answers collects series, traces and logs. */
export interface DiagnosisQuestion {
  at: Date
  /** Requests that are disturbed, else operations, else the services whose calls are. */
  symptoms: Disturbed[]
  /** It began no later. */
  noticed?: Date
  /** Windows of other incidents. */
  excluded: TimeWindow[]
}
export type Diagnose = (question: DiagnosisQuestion) => Promise<Diagnosis>

/** After the first answer, at the trigger: what else the window shows by then. */
const again: readonly Millis[] = [30 * SECOND, MINUTE]
const retryAfter: Millis = 10 * SECOND
/** After an answer without traces, for as long as the incident is open; after a guess from too few of them, so often: more may have come. */
const later = { after: MINUTE, guesses: 5 }
const silentRule: keyof typeof builtInRuleNames = 't2-silent'

/**
 * Asks for the diagnosis at the trigger and again after 30 and 60 s, writes what changed into the timeline, and goes on
 * after a restart where it stopped: when the next answer is due stands with the incident.
 */
export function createDiagnosing({ diagnose, spreadOf, excluded, refreshImpact, freeze, onTrouble, ...room }: Room & {
  diagnose: Diagnose
  /** Endpoints that are worse since then, and pass a service. */
  spreadOf: (service: string, onset: Date) => Promise<KnownEndpoint[]>
  excluded: (butFor: string) => TimeWindow[]
  /** Before the answer is stored, so that both become one revision. */
  refreshImpact: (id: string) => Promise<void>
  /** Keeps what the answer points at. */
  freeze: (id: string) => Promise<void>
  onTrouble: (error: unknown) => void
}) {
  const { db, clock, feed } = room
  const waiting = new Map<string, { due: number, cancel: () => void }>()
  const under = new Map<string, Promise<void>>()
  let stopped = false

  function schedule({ id, nextDiagnosisAt }: Pick<IncidentRow, 'id' | 'nextDiagnosisAt'>) {
    if (stopped) return
    const due = nextDiagnosisAt?.getTime()
    if (waiting.get(id)?.due === due) return
    waiting.get(id)?.cancel()
    waiting.delete(id)
    if (due === undefined || under.has(id)) return
    if (due <= clock.now().getTime()) return begin(id)
    waiting.set(id, { due, cancel: clock.at(new Date(due), () => begin(id)) })
  }

  function begin(id: string) {
    waiting.delete(id)
    if (stopped || under.has(id)) return
    const work = run(id).then(() => true, onTrouble).then((isDone) => {
      under.delete(id)
      // What could not even be written down is due still: at once it would fail again, with the next slot it need not.
      if (isDone && !stopped) resume(id)
    })
    under.set(id, work)
  }

  async function run(id: string) {
    const row = findRow(db, id)
    if (!isOpen(row)) return
    const [answer] = await Promise.all([ask(row), refreshImpact(id).catch(() => {})])
    const reached = answer ? await reachedBy(row, answer) : []
    if (stopped) return
    if (answer) db.transaction(tx => store(tx, row, answer, reached), { behavior: 'immediate' })
    else db.transaction(tx => noteFailure(tx, row), { behavior: 'immediate' })
    await freeze(id).catch(onTrouble)
  }

  async function ask(row: IncidentRow): Promise<Diagnosis | undefined> {
    try {
      // One that was opened again had begun anew.
      const noticed = row.reopened ? undefined : row.openedAt
      return await inRounds(() => diagnose({ at: clock.now(), symptoms: disturbedOf(symptomsOf(db, [row.id]), alertsOf(db, [row.id])), noticed, excluded: excluded(row.id) }))
    }
    catch (error) {
      onTrouble(error)
      return undefined
    }
  }

  /** A guess reaches nobody. */
  async function reachedBy(row: IncidentRow, answer: Diagnosis): Promise<KnownEndpoint[]> {
    const { culprit, confidence } = standing(row, answer)
    return culprit && confidence !== 'low' ? spreadOf(culprit.service, row.onset).catch(() => []) : []
  }

  function store(tx: Transaction, asked: IncidentRow, answer: Diagnosis, reached: readonly KnownEndpoint[]) {
    const row = findRow(tx, asked.id)
    // Another process was quicker, or it ended meanwhile.
    if (!isOpen(row) || row.diagnoses !== asked.diagnoses) return
    const at = clock.now()
    const before = row.diagnosis
    const diagnosis = standing(row, answer)
    replaceAffected(tx, row.id, diagnosis, reached)
    const moved = before === null || hasMoved(before, diagnosis)
    if (moved) {
      addEntry(tx, row.id, {
        kind: before ? 'diagnosis_changed' : 'diagnosed', at,
        title: { code: before ? 'incidents.timeline.diagnosis_changed' : 'incidents.timeline.diagnosed' },
        detail: { code: 'incidents.timeline.diagnosis_detail', params: { title: nested(diagnosis.title), confidence: { text: `diagnosis.confidence.${diagnosis.confidence}` } } },
      })
    }
    const diagnoses = row.diagnoses + 1
    const set = {
      diagnosis, diagnoses, nextDiagnosisAt: nextAfter(asked, diagnosis, at),
      culpritKey: diagnosis.culprit && culpritKeyOf(diagnosis.culprit), culpritType: diagnosis.culprit?.type ?? null,
      title: titleOf({
        alerts: alertsOf(tx, [row.id]).filter(counts), routes: routesOf(symptomsOf(tx, [row.id])), diagnosis,
        endpoints: room.register.endpoints().filter(({ lifecycle }) => isLive(lifecycle)),
      }),
    }
    const revised = revise(room, tx, row, { event: 'updated', at, set })
    if (answer.culprit && !(before?.culprit && isSamePlace(before.culprit, answer.culprit))) {
      const candidates = readCandidates(tx, row.openedAt).filter(({ id }) => id !== row.id)
      const earlier = answer.confidence === 'low' || before ? undefined : relapseOf(answer.culprit, row.openedAt, candidates)
      if (earlier) foldInto(room, tx, revised, findRow(tx, earlier.id), at)
      else tellOutside(room, tx, revised, { kind: 'updated', key: `culprit:${set.culpritKey}`, at })
    }
  }

  function noteFailure(tx: Transaction, asked: IncidentRow) {
    const row = findRow(tx, asked.id)
    if (!isOpen(row) || row.diagnoses !== asked.diagnoses) return
    const at = clock.now()
    // Until the last of its times has passed it is asked again; then the reader is told once.
    const isLate = at.getTime() - begunAt(tx, row).getTime() > again.at(-1)! + MINUTE
    if (isLate) addEntry(tx, row.id, { kind: 'diagnosis_failed', at, title: { code: 'incidents.timeline.diagnosis_failed' } })
    revise(room, tx, row, { event: 'updated', at, set: { nextDiagnosisAt: isLate ? null : new Date(at.getTime() + retryAfter) } })
  }

  function resume(id?: string) {
    for (const row of openRows(db)) if (id === undefined || row.id === id) schedule(row)
  }

  const unsubscribe = feed.subscribe(({ id }) => resume(id))

  return {
    /** Takes up what is due, also what another process left behind. */
    resume: () => resume(),
    /** Ends when nothing is under way any more. */
    async idle() {
      while (under.size) await Promise.all(under.values())
    },
    async stop() {
      stopped = true
      unsubscribe()
      for (const { cancel } of waiting.values()) cancel()
      waiting.clear()
      await Promise.all(under.values())
    },
  }
}

/** By what alerts were raised: what an earlier answer found must not decide the next. */
function disturbedOf(symptoms: readonly SymptomRow[], alerts: readonly { rule: string, severity: Severity }[]): Disturbed[] {
  // Of what fell silent no request can be looked at: all others are, for the hole in them.
  if (alerts.filter(counts).every(({ rule }) => rule === silentRule)) return []
  const own = symptoms.filter(({ source }) => source === 'alert')
  const routes = routesOf(own)
  if (routes.length) return routes
  const operations = own.filter(({ remote, operation }) => !remote && operation).map(({ service, operation }) => ({ service, operation }))
  // Where only calls are disturbed, the requests of who makes them.
  return operations.length ? operations : [...new Set(own.map(({ service }) => service))].map(service => ({ service }))
}

/** What the newest answer finds disturbed beside what raised alerts; a guess finds nothing. */
function replaceAffected(tx: Transaction, id: string, { affected, culprit, confidence }: SentDiagnosis, reached: readonly KnownEndpoint[]) {
  dropSymptoms(tx, id, 'diagnosis')
  if (!culprit || confidence === 'low') return
  for (const { service, operation } of affected) putSymptom(tx, id, { service, operation, ...routeFrom(operation) }, 'diagnosis')
  for (const { service, method, routeKey } of reached) putSymptom(tx, id, { service, method, routeKey }, 'diagnosis')
}

function nextAfter({ diagnoses, nextDiagnosisAt }: IncidentRow, answer: SentDiagnosis, at: Date): Date | null {
  const next = again[diagnoses]
  if (next !== undefined) return new Date(Math.max(at.getTime(), nextDiagnosisAt!.getTime() + next - (again[diagnoses - 1] ?? 0)))
  const says = (caveat: string) => answer.caveats.some(({ code }) => code === `diagnosis.caveat.${caveat}`)
  const isBlind = answer.culprit === null && says('traces_unavailable')
  // Those that are kept arrive late, and after those that are not.
  const isGuess = answer.confidence === 'low' && (says('kept_unknown') || says('traces_partial')) && diagnoses < again.length + later.guesses
  return isBlind || isGuess ? new Date(at.getTime() + later.after) : null
}

/** What stands when this is answered. */
function standing({ diagnosis, diagnoses }: IncidentRow, answer: Diagnosis): SentDiagnosis {
  return lasting(diagnosis, answer as SentDiagnosis, diagnoses > again.length)
}

/**
 * What was found gives way neither to nothing nor, once it is more than a guess, to a guess: later looks see the fault on
 * its way out. Once it is settled it does not give way to its callers either: that they give up or try again follows from it.
 */
export function lasting(before: SentDiagnosis | null, answer: SentDiagnosis, isSettled: boolean): SentDiagnosis {
  if (!before?.culprit) return answer
  if (!answer.culprit) return before
  const follows = isSettled && answer.culprit.remote?.toLowerCase() === before.culprit.service.toLowerCase()
  return before.confidence !== 'low' && (answer.confidence === 'low' || follows) ? before : answer
}

/** What a reader would call another answer. */
function hasMoved(before: SentDiagnosis, after: SentDiagnosis): boolean {
  const said = ({ culprit, qualifier, confidence }: SentDiagnosis): [unknown, unknown, Confidence] => [culprit, qualifier, confidence]
  return JSON.stringify(said(before)) !== JSON.stringify(said(after))
}

function nested({ code, params }: Sentence) {
  return { text: code, ...(params && { params }) }
}

/** `POST /api/v1/process` is a route, whatever else an operation's name is. */
function routeFrom(operation: string): { method?: string, routeKey?: string } {
  const [, method, path] = /^([A-Za-z]+) (\/\S*)$/.exec(operation) ?? []
  return method && path ? { method: method.toUpperCase(), routeKey: routeKeyOf(path) } : {}
}
