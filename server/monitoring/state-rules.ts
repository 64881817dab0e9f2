import type { Red } from '#server/telemetry/ports'
import { urgency, type State } from '#shared/status/state'
import { MINUTE, SECOND, type Millis } from '#shared/units'

/** From which figures on something is in trouble. */
export interface Limits {
  /** p95; four times as much is critical. */
  latency: Millis
  errorDegraded: number
  errorCritical: number
}

export const defaultLimits: Limits = { latency: 2 * SECOND, errorDegraded: 0.01, errorCritical: 0.2 }

/** The endpoint's own word, else the service's, else the product's. */
export function limitsOf(
  service: { latencyThreshold: Millis | null } | undefined,
  endpoint?: { latencyObjective: Millis | null, errorDegraded: number | null, errorCritical: number | null },
): Limits {
  const errorDegraded = endpoint?.errorDegraded ?? defaultLimits.errorDegraded
  return {
    latency: endpoint?.latencyObjective ?? service?.latencyThreshold ?? defaultLimits.latency,
    errorDegraded,
    errorCritical: endpoint?.errorCritical ?? Math.max(defaultLimits.errorCritical, errorDegraded),
  }
}

export type Counted = Pick<Red, 'spans' | 'requests' | 'failed' | 'p95'>
export type Level = Exclude<State, 'unknown'>

/** What the figures say at one moment, without regard to the moments before. */
export interface Judgement {
  state: State
  errors: Level
  latency: Level
  /** What it rests on; undefined when nobody called for five minutes. */
  basis?: Counted & { window: Millis }
  /** Too few requests to call anything critical. */
  few: boolean
}

/** Requests that have to be seen before a figure may be trusted; a sampled one stands for itself only. */
export const enough = 20
export const shortWindow: Millis = MINUTE
export const longWindow: Millis = 5 * MINUTE
/** What was worse stays so until it has not been seen for this long. */
export const patience: Millis = MINUTE

export function judge(short: Counted | undefined, long: Counted | undefined, limits: Limits): Judgement {
  const seen = Math.max(short?.spans ?? 0, long?.spans ?? 0)
  if (!seen) return { state: 'unknown', errors: 'healthy', latency: 'healthy', few: false }

  const quick = (short?.spans ?? 0) >= enough
  const basis = quick ? { ...short!, window: shortWindow } : { ...(long?.spans ? long : short!), window: longWindow }
  const few = basis.spans < enough
  const errors = capped(errorLevel(basis, limits), few)
  const latency = capped(latencyLevel(basis, limits), few)
  return { state: worse(errors, latency), errors, latency, basis, few }
}

export function worse<S extends State>(a: S, b: S): S {
  return urgency[a] <= urgency[b] ? a : b
}

function errorLevel({ failed, requests }: Counted, { errorDegraded, errorCritical }: Limits): Level {
  const ratio = failed / requests
  if (failed > 0 && ratio >= errorCritical) return 'critical'
  return ratio > errorDegraded ? 'degraded' : 'healthy'
}

function latencyLevel({ p95 }: Counted, { latency }: Limits): Level {
  const millis = (p95 ?? 0) / 1_000
  if (millis >= 4 * latency) return 'critical'
  return millis > latency ? 'degraded' : 'healthy'
}

function capped(level: Level, few: boolean): Level {
  return few && level === 'critical' ? 'degraded' : level
}
