import { asc, isNull } from 'drizzle-orm'
import type { Clock } from '#server/clock'
import type { Database } from '#server/db/client'
import { alerts } from '#server/db/control/schema'
import type { MetricSource } from '#server/telemetry/ports'
import type { Commit } from '#server/telemetry/telemetry'
import type { Millis, TimeWindow } from '#shared/units'
import type { Alert, AlertChange, AlertListener } from './alert'
import { createDetection, type DetectionDependencies } from './detection/detection'
import { createEvaluator } from './evaluator'
import type { Judged, Tier } from './rule'
import { readStates } from './states'
import { toAlert } from './settle'

export type { Alert, AlertChange, AlertListener, AlertSubject } from './alert'
export { keyOf as subjectKeyOf, type Finding, type Judged, type Rule, type Tier } from './rule'
export { createNotifications, type Notice, type Notifications } from './notifications/notifications'
export type { RuleState } from './states'

export interface AlertingDependencies extends DetectionDependencies {
  db: Database
  clock: Clock
  metrics: MetricSource
  /** Whether commits tell all requests there are; else they are read from the source, as finely as it knows them. */
  receives?: () => boolean
  /** Windows in which an incident was open: nothing usual is learned from them. */
  excluded?: () => readonly TimeWindow[]
  /** Judged beside the built-in ones. */
  tiers?: readonly Tier[]
  onTrouble?: (error: unknown) => void
}

/** Jumps of the wall clock that are remembered. */
const mostJumps = 10

/**
 * Detection without a rule and rules of one's own, judged in slots by one process of several. Changes go to listeners
 * within the transaction that stores them, then to those who wait until it stands.
 */
export function createAlerting({ db, clock, metrics, register, receives = () => true, excluded = () => [], tiers = [], onTrouble = () => {} }: AlertingDependencies) {
  const listeners = new Set<AlertListener>()
  const waiting = new Set<AfterCommit>()
  const jumps: { at: Date, by: Millis }[] = []
  const detection = createDetection({ clock, metrics, register, receives, excluded })
  const evaluator = createEvaluator({
    db, clock, tiers: [...detection.tiers, ...tiers], onTrouble,
    onChanges(tx, changes, at) {
      for (const listener of listeners) listener(tx, changes, at)
    },
    afterCommit(changes, at) {
      for (const callback of waiting) callback(changes, at)
    },
    onJump(by, at) {
      jumps.unshift({ at, by })
      jumps.length = Math.min(jumps.length, mostJumps)
      onTrouble(new Error(`the clock jumped by ${Math.round(by / 1000)} s`))
    },
  })

  return {
    /** Told within the transaction; what it throws undoes the slot. The answer ends it. */
    onChanges: (listener: AlertListener) => subscribe(listeners, listener),
    /** Told when the transaction stands. */
    afterCommit: (callback: AfterCommit) => subscribe(waiting, callback),
    /** What the embedded store took in. */
    noteCommit: ({ completions }: Pick<Commit, 'completions'>) => detection.noteCompletions(completions),
    /** One slot, a multiple of 5 s: replay and tests go through them one by one. */
    evaluate: evaluator.evaluate,
    /** What came of rules in other ways, such as another system's webhook. */
    apply: (judged: readonly Judged[]): AlertChange[] => evaluator.apply(judged, clock.now()),
    start: evaluator.start,

    /** Oldest first. */
    firing: (): Alert[] => db.select().from(alerts).where(isNull(alerts.endedAt)).orderBy(asc(alerts.startedAt)).all().map(toAlert),
    /** Where rules and subjects stand that are not ok. */
    states: () => readStates(db),
    /** When each tier was last judged, and when the wall clock jumped since the start, newest first. */
    evaluation: () => ({ tiers: evaluator.judgedAt(), jumps: [...jumps] }),
  }
}

export type Alerting = ReturnType<typeof createAlerting>
export type AfterCommit = (changes: AlertChange[], at: Date) => void

function subscribe<T>(set: Set<T>, value: T): () => void {
  set.add(value)
  return () => void set.delete(value)
}
