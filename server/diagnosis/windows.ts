import type { Micros, Millis } from '#shared/units'
import type { Parameters } from './parameters'

export const BASELINE = 0
export const INCIDENT = 1
/** The guard band, what lies before the baseline and what another incident spoilt. */
export const NEITHER = 2

export interface Windows {
  onset: Micros
  incident: { from: Micros, to: Micros }
  baseline: { from: Micros, to: Micros }
}

const MICROS = 1_000

type Window = Windows['incident']

/** Whether a window is of a disturbance that had ended by then: what still went on a minute ago may have begun with this one. */
export function isOver({ to }: Window, at: Micros): boolean {
  return to < at - 60e6
}

/**
 * The windows around an onset: at most five minutes from it on, and the hour before the guard band. What another incident
 * did that is over is no part of this one: then it is looked at from there on.
 */
export function windowsOf(onset: Micros, at: Micros, excluded: readonly Window[], parameters: Parameters): Windows {
  const micros = (millis: Millis) => millis * MICROS
  const from = Math.max(onset, at - micros(parameters.longestIncident), ...excluded.filter(window => isOver(window, at)).map(({ to }) => to))
  const to = onset - micros(parameters.guard)
  return { onset, incident: { from, to: at }, baseline: { from: to - micros(parameters.baseline), to } }
}

export function sideOf(start: Micros, { incident, baseline }: Windows, excluded: readonly Window[]): number {
  if (start >= incident.from) return start <= incident.to ? INCIDENT : NEITHER
  if (start < baseline.from || start >= baseline.to) return NEITHER
  return excluded.some(({ from, to }) => start >= from && start < to) ? NEITHER : BASELINE
}
