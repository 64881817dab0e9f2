import type { Sentence, TextParam } from '#shared/text/text'
import { HOUR, MINUTE, type Millis } from '#shared/units'
import type { StateMemory } from './state-memory'
import { worse, type Judgement, type Limits } from './state-rules'

/** Where most of the failures come from, when one thing explains them. */
export type ErrorCause
  = | { kind: 'remote', remote: string, share: number }
    | { kind: 'route', method: string, route: string, share: number }

export interface ReasonFacts {
  memory: StateMemory
  judged: Judgement
  limits: Limits
  now: Date
  cause?: ErrorCause
  /** When the last request came, where one ever did. */
  lastRequest?: Date
  /** It sends telemetry, but receives no requests. */
  sending?: boolean
}

/** Why the state is what it is, in one sentence. */
export function reasonOf(facts: ReasonFacts): Sentence {
  const { memory, judged, now } = facts
  if (memory.state === 'unknown') return silence(facts)
  if (memory.state === 'healthy') {
    return judged.few ? { code: 'monitoring.reason.within_few', params: { count: judged.basis!.spans } } : { code: 'monitoring.reason.within' }
  }
  const errors = memory.errors?.level ?? 'healthy'
  const latency = memory.latency?.level ?? 'healthy'
  // Held only by the patience of the rule: the figures are good again.
  if (judged.state === 'healthy') {
    const last = Math.max(memory.errors?.degradedAt.getTime() ?? 0, memory.latency?.degradedAt.getTime() ?? 0)
    return { code: 'monitoring.reason.recovering', params: { seconds: Math.round((now.getTime() - last) / 1_000) } }
  }
  return errors !== 'healthy' && worse(errors, latency) === errors ? errorReason(facts) : latencyReason(facts)
}

function errorReason({ memory, judged, limits, now, cause }: ReasonFacts): Sentence {
  const limit = percent(memory.errors!.level === 'critical' ? limits.errorCritical : limits.errorDegraded)
  const since = memory.errors!.since
  if (judged.few) return { code: 'monitoring.reason.errors_few', params: { count: judged.basis!.spans, failed: Math.round(judged.basis!.failed) } }
  if (cause?.kind === 'remote') return { code: 'monitoring.reason.errors_remote', params: { limit, share: percent(cause.share), remote: cause.remote } }
  if (cause?.kind === 'route') return { code: 'monitoring.reason.errors_route', params: { limit, share: percent(cause.share), method: cause.method, route: cause.route } }
  const age = now.getTime() - since.getTime()
  if (age < MINUTE) return { code: 'monitoring.reason.errors_new', params: { limit, at: { at: since.toISOString() } } }
  return { code: 'monitoring.reason.errors', params: { limit, for: lasting(age) } }
}

function latencyReason({ memory, judged, limits, now }: ReasonFacts): Sentence {
  const { since } = memory.latency!
  const limit = { micros: limits.latency * 1_000 }
  if (judged.few) return { code: 'monitoring.reason.latency_few', params: { limit, count: judged.basis!.spans } }
  const age = now.getTime() - since.getTime()
  if (age < MINUTE) return { code: 'monitoring.reason.latency_new', params: { limit, at: { at: since.toISOString() } } }
  return { code: 'monitoring.reason.latency', params: { limit, for: lasting(age) } }
}

function silence({ now, lastRequest, sending }: ReasonFacts): Sentence {
  if (!lastRequest) return { code: sending ? 'monitoring.reason.no_requests' : 'monitoring.reason.never' }
  if (sending) return { code: 'monitoring.reason.idle', params: { at: { at: lastRequest.toISOString() } } }
  const age = now.getTime() - lastRequest.getTime()
  if (age >= 24 * HOUR) return { code: 'monitoring.reason.silent_days', params: { day: { day: lastRequest.toISOString() } } }
  return { code: 'monitoring.reason.silent', params: { at: { at: lastRequest.toISOString() }, for: lasting(age) } }
}

/** Whole minutes, hours from the first on: a reason does not count seconds. */
export function lasting(age: Millis): TextParam {
  const minutes = Math.max(1, Math.floor(age / MINUTE))
  if (minutes < 60) return { text: 'monitoring.lasting.minutes', params: { count: minutes } }
  const hours = Math.floor(minutes / 60)
  if (hours < 24) return { text: 'monitoring.lasting.hours', params: { hours, minutes: minutes % 60 } }
  return { text: 'monitoring.lasting.days', params: { count: Math.floor(hours / 24) } }
}

/** Never rounded up to the whole: 99.6 % is not all of it. */
function percent(ratio: number): string {
  const value = ratio * 100
  return `${value < 10 ? Math.round(value * 100) / 100 : Math.floor(value + 1e-9)}%`
}
