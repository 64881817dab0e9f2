import type { Red } from '#server/telemetry/ports'
import { errorLevel, latencyLevel, worse, type Level, type Limits } from '#shared/status/limits'
import type { State } from '#shared/status/state'
import { MINUTE, type Millis } from '#shared/units'

export { defaultLimits, limitsOf, worse, type Level, type Limits } from '#shared/status/limits'

export type Counted = Pick<Red, 'spans' | 'requests' | 'failed' | 'p95'>
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
  const latency = capped(latencyLevel(basis.p95, limits), few)
  return { state: worse(errors, latency), errors, latency, basis, few }
}

function capped(level: Level, few: boolean): Level {
  return few && level === 'critical' ? 'degraded' : level
}
