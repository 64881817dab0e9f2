import type { SentDiagnosis } from '#shared/schemas/diagnosis'
import type { AffectedEndpoint, IncidentStatus } from '#shared/schemas/incident'
import type { Sentence, TextParam } from '#shared/text/text'
import type { Micros } from '#shared/units'

/** What plain sentences are made of. No service, span or figure with a unit of the trade is among it. */
export interface PlainFacts {
  status: IncidentStatus
  severity: 'info' | 'warning' | 'critical'
  endpoints: readonly AffectedEndpoint[]
  /** Whether all live functions are hit. */
  isEverything: boolean
  onset: Date
  resolvedAt: Date | null
  now: Date
  /** Requests of the affected functions since the onset; null where nobody can count them. */
  hits: { failed: number, slow: number | null, total: number } | null
  diagnosis: SentDiagnosis | null
  /** The callee sends no telemetry of its own: it is somebody else's. */
  isOutside: boolean
  assignee: string | null
  repeat: 'yes' | 'no' | 'unknown'
  nextUpdateAt: Date | null
}

export type Repeat = PlainFacts['repeat'] | 'needless'

export type Trouble = 'failing' | 'slow' | 'both' | 'unclear'

/** From this share of the requests on a kind of trouble is worth a word. */
const noticeable = 0.005

/** What consumers notice. */
export function troubleOf({ hits, diagnosis }: Pick<PlainFacts, 'hits' | 'diagnosis'>): Trouble {
  const symptom = diagnosis?.symptom
  const failing = hits ? hits.failed / Math.max(1, hits.total) >= noticeable : symptom === 'errors'
  const slow = symptom === 'latency' || (hits ? (hits.slow ?? 0) / Math.max(1, hits.total) >= noticeable : false)
  return failing && slow ? 'both' : failing ? 'failing' : slow ? 'slow' : 'unclear'
}

/** "'External processing' is slow or fails"; in the past when it is over. */
export function headlineOf(facts: PlainFacts): Sentence {
  const tense = isOver(facts) ? 'past' : 'now'
  return { code: `support.headline.${tense}.${troubleOf(facts)}`, params: { name: nameOf(facts), count: facts.isEverything ? 1 : Math.max(1, facts.endpoints.length) } }
}

export function sinceOf(facts: PlainFacts): Sentence {
  const { onset, resolvedAt, now } = facts
  const to = resolvedAt ?? now
  const params = { day: { day: onset.toISOString() }, from: { time: onset.toISOString() }, length: minutes(onset, to), to: { time: to.toISOString() } }
  return { code: isOver(facts) ? 'support.since.past' : 'support.since.now', params }
}

/** Ten squares instead of a percentage, and what happens to those that are hit. */
export function squaresOf(facts: PlainFacts): { of: 10, hit: number, text: Sentence } | null {
  const { hits } = facts
  if (!hits || hits.total === 0) return null
  const share = Math.min(1, (hits.failed + (hits.slow ?? 0)) / hits.total)
  const hit = share < noticeable ? 0 : Math.max(1, Math.round(share * 10))
  const failing = hits.failed >= (hits.slow ?? 0)
  const wait = waitOf(facts)
  const params = { count: hit, wait: wait === undefined ? null : roughly(wait) }
  if (hit === 0) return { of: 10, hit, text: { code: 'support.squares.none' } }
  if (share < 0.05) return { of: 10, hit, text: { code: failing ? 'support.squares.few_fail' : 'support.squares.few_slow' } }
  if (!failing) return { of: 10, hit, text: { code: wait === undefined ? 'support.squares.slow' : 'support.squares.slow_by', params } }
  return { of: 10, hit, text: { code: wait === undefined ? 'support.squares.fail' : 'support.squares.fail_after', params } }
}

/** What is behind it, as far as somebody outside should hear. */
export function causeOf({ diagnosis, isOutside }: PlainFacts): Sentence {
  const culprit = diagnosis?.culprit
  if (!culprit || diagnosis.confidence === 'low') return { code: 'support.cause.unknown' }
  // What is asked too often is as quick as ever, whoever it belongs to.
  if (culprit.type === 'call_rate' || culprit.type === 'n_plus_one') return { code: 'support.cause.more_work' }
  const limit = limitOf(diagnosis)
  if (isOutside && limit !== undefined) return { code: 'support.cause.outside_limit', params: { limit: roughly(limit) } }
  if (isOutside) return { code: diagnosis.symptom === 'errors' ? 'support.cause.outside_failing' : 'support.cause.outside' }
  switch (culprit.type) {
    case 'queue_lag': return { code: 'support.cause.queue' }
    case 'saturation': return { code: 'support.cause.load' }
    case 'retry_storm': return { code: 'support.cause.more_work' }
    case 'only_subset': return { code: 'support.cause.part' }
    case 'timeout': return limit === undefined ? { code: 'support.cause.inside' } : { code: 'support.cause.inside_limit', params: { limit: roughly(limit) } }
    default: return { code: diagnosis.symptom === 'errors' ? 'support.cause.inside_failing' : 'support.cause.inside' }
  }
}

export function confidenceOf({ diagnosis }: PlainFacts): Sentence | null {
  return diagnosis?.culprit ? { code: `support.confidence.${diagnosis.confidence}` } : null
}

/** What is being done about it. */
export function doingOf(facts: PlainFacts): Sentence {
  const { status, assignee, resolvedAt } = facts
  if (status === 'merged') return { code: 'support.doing.merged' }
  if (isOver(facts)) return { code: 'support.doing.solved', params: { at: { time: resolvedAt!.toISOString() } } }
  return { code: assignee ? 'support.doing.assigned' : status === 'acknowledged' ? 'support.doing.seen' : 'support.doing.open' }
}

/**
 * May a request be sent once more: only the owner of the function knows, and not knowing is a no. Where requests are
 * only slow there is no need to.
 */
export function repeatOf(facts: PlainFacts): { answer: Repeat, text: Sentence } {
  const repeat = adviceOf(facts)
  if (isOver(facts)) return { answer: repeat, text: { code: `support.repeat.past_${repeat}` } }
  return { answer: repeat, text: { code: `support.repeat.${repeat}` } }
}

export function adviceOf(facts: PlainFacts): Repeat {
  return facts.hits && troubleOf(facts) === 'slow' ? 'needless' : facts.repeat
}

/** Questions as partners ask them, with their answers. */
export function answersOf(facts: PlainFacts): { question: Sentence, answer: Sentence }[] {
  const { nextUpdateAt } = facts
  const repeat = adviceOf(facts)
  const over = isOver(facts)
  return [
    { question: { code: 'support.answers.repeat' }, answer: repeatOf(facts).text },
    ...repeat === 'needless' ? [] : [{ question: { code: 'support.answers.failed' as const }, answer: { code: repeat === 'yes' ? 'support.answers.failed_repeat' as const : 'support.answers.failed_check' as const } }],
    {
      question: { code: over ? 'support.answers.over' : 'support.answers.when' },
      answer: over
        ? { code: 'support.answers.over_since', params: { at: { time: facts.resolvedAt!.toISOString() } } }
        : nextUpdateAt ? { code: 'support.answers.when_next', params: { at: { time: nextUpdateAt.toISOString() } } } : { code: 'support.answers.when_unknown' },
    },
  ]
}

export function isOver({ status }: Pick<PlainFacts, 'status'>): boolean {
  return status === 'resolved' || status === 'merged'
}

/** In quotation marks, so that a sentence shows where the name ends. */
export function nameOf({ endpoints, isEverything }: Pick<PlainFacts, 'endpoints' | 'isEverything'>): TextParam {
  if (isEverything) return { text: 'support.name.everything' }
  const [first] = endpoints
  if (!first) return { text: 'support.name.something' }
  const route = [first.method, first.template].filter(Boolean).join(' ')
  const name = { ko: `‘${first.nameKo || first.nameEn || route}’`, en: `‘${first.nameEn || first.nameKo || route}’` }
  return endpoints.length === 1 ? name : { text: 'support.name.more', params: { name, count: endpoints.length - 1 } }
}

/** How long a hit request keeps its sender waiting: the limit where one decides. */
function waitOf({ diagnosis }: Pick<PlainFacts, 'diagnosis'>): Micros | undefined {
  return diagnosis ? limitOf(diagnosis) : undefined
}

function limitOf({ culprit, title }: SentDiagnosis): Micros | undefined {
  const limit = culprit?.type === 'timeout' ? title.params?.limit : undefined
  return typeof limit === 'object' && limit !== null && 'micros' in limit ? limit.micros : undefined
}

/** "about 8 seconds": a tenth only below ten. */
function roughly(micros: Micros): TextParam {
  const seconds = micros / 1e6
  return seconds >= 1 ? { text: 'support.seconds', params: { count: Math.round(seconds) } } : { text: 'support.under_a_second' }
}

function minutes(from: Date, to: Date): TextParam {
  const whole = Math.max(1, Math.round((to.getTime() - from.getTime()) / 60_000))
  return whole < 120 ? { text: 'support.minutes', params: { count: whole } } : { text: 'support.hours', params: { count: Math.round(whole / 60) } }
}
