import type { Micros, Millis } from '../units'
import { urgency, type State } from './state'

/** From which figures on something is in trouble. */
export interface Limits {
  /** p95; four times as much is critical. */
  latency: Millis
  errorDegraded: number
  errorCritical: number
}

export const defaultLimits: Limits = { latency: 2_000, errorDegraded: 0.01, errorCritical: 0.2 }

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

export type Level = Exclude<State, 'unknown'>

export function errorLevel({ failed, requests }: { failed: number, requests: number }, { errorDegraded, errorCritical }: Limits): Level {
  if (failed <= 0) return 'healthy'
  const ratio = failed / requests
  if (ratio >= errorCritical) return 'critical'
  return ratio > errorDegraded ? 'degraded' : 'healthy'
}

export function latencyLevel(p95: Micros | null | undefined, { latency }: Limits): Level {
  const millis = (p95 ?? 0) / 1_000
  if (millis >= 4 * latency) return 'critical'
  return millis > latency ? 'degraded' : 'healthy'
}

export function worse<S extends State>(a: S, b: S): S {
  return urgency[a] <= urgency[b] ? a : b
}

/** Where the trouble that still lasts began: first of the last unbroken run of steps beyond a limit; null where there is none. */
export function onsetOf(levels: readonly (Level | null)[]): number | null {
  const calm = levels.findLastIndex(level => level === 'healthy')
  const from = levels.findIndex((level, i) => i > calm && level !== null)
  return from === -1 ? null : from
}
