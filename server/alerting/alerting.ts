import { asc, isNull } from 'drizzle-orm'
import type { UserActor } from '#server/access/access'
import type { Database } from '#server/db/client'
import { alerts } from '#server/db/control/schema'
import type { Commit } from '#server/telemetry/telemetry'
import type { AlertRuleFields } from '#shared/schemas/alert-rule'
import type { Change } from '#shared/schemas/change'
import { DAY, HOUR, type Millis, type TimeWindow } from '#shared/units'
import type { Alert, AlertChange, AlertListener } from './alert'
import { createAlertmanager } from './alertmanager'
import { createDetection, type DetectionDependencies } from './detection/detection'
import { createEvaluator } from './evaluator'
import { forgetOld } from './forgetting'
import { createOverview, type OverviewDependencies } from './overview'
import { createRecentAlerts } from './recent-alerts'
import type { Judged, Tier } from './rule'
import { readChoices, type ChoicesRegister } from './rules/choices'
import { createOwnTier } from './rules/own-tier'
import { createPreview } from './rules/preview'
import { createRules, requireQueryRights } from './rules/rules'
import { toAlert } from './settle'
import { createSilences } from './silences/silences'
import { readStates } from './states'

export type { Alert, AlertChange, AlertListener, AlertSubject } from './alert'
export { keyOf as subjectKeyOf, type Finding, type Judged, type Rule, type Tier } from './rule'
export { createNotifications, type Notice, type Notifications } from './notifications/notifications'
export { runbooksOf } from './runbooks'
export { readOpen as openSilences, ruleNames, silenceOf } from './silences/silences'
export type { RuleState } from './states'

export interface AlertingDependencies extends Pick<DetectionDependencies, 'clock' | 'metrics' | 'register'> {
  db: Database
  register: DetectionDependencies['register'] & OverviewDependencies['register'] & ChoicesRegister
  /** Whether commits tell all requests there are; else they are read from the source, as finely as it knows them. */
  receives?: () => boolean
  /** Windows in which an incident was open: nothing usual is learned from them. */
  excluded?: () => readonly TimeWindow[]
  /** What was changed within a window, newest first: a preview says what a firing coincided with. */
  changes?: (window: TimeWindow) => readonly Change[]
  incidentsOf?: OverviewDependencies['incidentsOf']
  /** Whether a person may query at this moment: rules go on when people lose rights. */
  mayQuery?: (userId: string) => boolean
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
export function createAlerting({ db, clock, metrics, register, receives = () => true, excluded = () => [], changes = () => [], incidentsOf = () => new Map(), mayQuery = () => true, tiers = [], onTrouble = () => {} }: AlertingDependencies) {
  const listeners = new Set<AlertListener>()
  const waiting = new Set<AfterCommit>()
  const news = new Set<(ids: string[]) => void>()
  const tellNews = (ids: string[]) => {
    for (const callback of news) callback(ids)
  }
  const jumps: { at: Date, by: Millis }[] = []
  const recent = createRecentAlerts(db)
  const troubled = (): TimeWindow[] => [...excluded(), ...recent.trouble(new Date(clock.now().getTime() - DAY), clock.now())]
  const detection = createDetection({ clock, metrics, register, receives, troubled, recent, onTrouble })
  const builtIn = () => [...detection.tiers, ...tiers].flatMap(tier => tier.rules()).flatMap(({ id, origin }) => (origin === 'own' ? [] : id))
  const rules = createRules({ db, clock, builtIn, changed: () => tellNews([]) })
  const evaluator = createEvaluator({
    db, clock, tiers: [...detection.tiers, ...tiers, createOwnTier({ metrics, register, rules: rules.judged, excluded: troubled, mayQuery })], onTrouble,
    onChanges(tx, changes, at) {
      for (const listener of listeners) listener(tx, changes, at)
    },
    afterCommit(changes, at) {
      for (const callback of waiting) callback(changes, at)
    },
    onNews: tellNews,
    onJump(by, at) {
      jumps.unshift({ at, by })
      jumps.length = Math.min(jumps.length, mostJumps)
      onTrouble(new Error(`the clock jumped by ${Math.round(by / 1000)} s`))
    },
  })

  const evaluation = () => ({ tiers: evaluator.judgedAt(), jumps: [...jumps] })
  const overview = createOverview({ db, clock, register, rules, builtIn, evaluation, incidentsOf })
  const { preview } = createPreview({ clock, metrics, register, changes, alertsOf: overview.alertsOf })
  const { judged: _, ...ruleVerbs } = rules

  return {
    rules: {
      ...ruleVerbs,
      preview(actor: UserActor, fields: AlertRuleFields, signal?: AbortSignal) {
        requireQueryRights(actor, fields)
        return preview(fields, signal)
      },
      choices: (actor: UserActor) => readChoices(actor, { db, metrics, register }),
    },
    silences: createSilences({ db, clock, register, changed: () => tellNews([]) }),
    alertmanager: createAlertmanager({ apply: judged => evaluator.apply(judged, clock.now()) }),
    overview: overview.read,
    history: overview.history,
    /** Told when something about alerts, rules or silences is new; the ids are of alerts that changed. */
    onNews: (callback: (ids: string[]) => void) => subscribe(news, callback),
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
    /** Begins the rounds, and forgets what is old; the answer ends them. */
    start(): () => void {
      const ends = [detection.startRecalling(), evaluator.start(), clock.every(HOUR, () => {
        try {
          forgetOld(db, clock.now())
        }
        catch (error) {
          onTrouble(error)
        }
      })]
      return () => ends.forEach(end => end())
    },

    /** Oldest first. */
    firing: (): Alert[] => db.select().from(alerts).where(isNull(alerts.endedAt)).orderBy(asc(alerts.startedAt)).all().map(toAlert),
    /** Windows of the last day in which something paged or an incident was open: what was then is not usual. */
    troubled,
    /** Where rules and subjects stand that are not ok. */
    states: () => readStates(db),
    /** When each tier was last judged, and when the wall clock jumped since the start, newest first. */
    evaluation,
  }
}

export type Alerting = ReturnType<typeof createAlerting>
export type AfterCommit = (changes: AlertChange[], at: Date) => void

function subscribe<T>(set: Set<T>, value: T): () => void {
  set.add(value)
  return () => void set.delete(value)
}
