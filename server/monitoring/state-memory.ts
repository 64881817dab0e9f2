import type { State } from '#shared/status/state'
import { patience, worse, type Judgement, type Level } from './state-rules'

/** One criterion over time: how bad it is held to be, and since when it has been bad at all. */
interface Trouble {
  level: Level
  since: Date
  /** When it was last as bad as this, and as bad as that. */
  degradedAt: Date
  criticalAt?: Date
}

export interface StateMemory {
  state: State
  since: Date
  errors?: Trouble
  latency?: Trouble
}

/**
 * The state as it is shown: worse at once, better only after a minute without the worse, so that fires do not flicker.
 * Unknown is neither: it comes with silence and goes with the first request.
 */
export function remember(before: StateMemory | undefined, judged: Judgement, at: Date): StateMemory {
  if (judged.state === 'unknown') return before?.state === 'unknown' ? before : { state: 'unknown', since: at }
  const errors = follow(before?.errors, judged.errors, at)
  const latency = follow(before?.latency, judged.latency, at)
  const state = worse(errors?.level ?? 'healthy', latency?.level ?? 'healthy')
  return { state, since: before?.state === state ? before.since : at, errors, latency }
}

function follow(before: Trouble | undefined, now: Level, at: Date): Trouble | undefined {
  const recent = (time: Date | undefined) => time !== undefined && at.getTime() - time.getTime() < patience
  const criticalAt = now === 'critical' ? at : before?.criticalAt
  const degradedAt = now === 'healthy' ? before?.degradedAt : at
  if (!degradedAt || !recent(degradedAt)) return undefined
  return { level: recent(criticalAt) ? 'critical' : 'degraded', since: before?.since ?? at, degradedAt, criticalAt }
}
