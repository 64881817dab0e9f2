import type { AlertState } from '#shared/alerting/state'
import { MINUTE, type Millis } from '#shared/units'

/** What a rule says of a subject at one moment. */
export type Verdict = 'holds' | 'clear' | 'no_data' | 'error' | 'paused'

export interface Patience {
  /** How long the condition must hold before it fires. */
  for: Millis
  /** How long an alert goes on after its condition was last seen. */
  keepFiring: Millis
}

/** Where a rule stands with a subject, and what it must remember to go on from there. */
export interface Standing {
  state: AlertState
  since: Date
  heldSince?: Date
  clearSince?: Date
  firing: boolean
}

/** An alert whose subject fell silent is over when it stayed so. */
const silence: Millis = 5 * MINUTE

/**
 * ok, pending, firing and back, with patience on both ways. What could not be asked leaves an alert as it is, and what
 * nobody called for a while leaves it for five minutes; both have a state of their own, so that neither reads as ok.
 */
export function proceed(before: Standing | undefined, verdict: Verdict, patience: Patience, at: Date): Standing {
  const next = follow(before, verdict, patience, at)
  return { ...next, since: before?.state === next.state ? earliest(before.since, at) : at }
}

function follow(before: Standing | undefined, verdict: Verdict, patience: Patience, at: Date): Omit<Standing, 'since'> {
  const firing = before?.firing ?? false
  if (verdict === 'paused') return { state: 'paused', firing: false }
  if (verdict === 'error') return { state: 'error', firing, heldSince: before?.heldSince }
  if (verdict === 'holds') {
    const heldSince = earliest(before?.heldSince, at)
    const fires = firing || at.getTime() - heldSince.getTime() >= patience.for
    return { state: fires ? 'firing' : 'pending', firing: fires, heldSince }
  }
  const quiet = verdict === 'clear' ? 'ok' : 'no_data'
  if (!firing) return { state: quiet, firing: false }
  const clearSince = earliest(before?.clearSince, at)
  const enough = verdict === 'clear' ? patience.keepFiring : Math.max(patience.keepFiring, silence)
  if (at.getTime() - clearSince.getTime() >= enough) return { state: quiet, firing: false }
  return { state: verdict === 'clear' ? 'firing' : 'no_data', firing: true, heldSince: before?.heldSince, clearSince }
}

/** Where the clock went back, what was noted lies ahead: it counts from now on. */
function earliest(noted: Date | undefined, at: Date): Date {
  return noted && noted < at ? noted : at
}
