import { FAILED } from '#shared/trace/span-table'
import type { Charges } from './charge'
import type { Parameters } from './parameters'
import { isFailedUnit, type Summary } from './summary'
import { BASELINE, INCIDENT, NEITHER } from './windows'

/** Fewer on either side compare nothing. */
const FEWEST = 5

/**
 * Where an endpoint has no past to speak of, because its sender is new or everything here is, its requests that went well
 * in the incident's own window stand for it: what failed is compared with what did not, at the same time and under the same load.
 *
 *   before   incident                      before   incident
 *      ?   | ·×××·×·××        becomes      ·  ·· | × ××× × ××
 *
 * Moves them to the other side, and says whether it did. What went well at the second attempt is neither. What merely is
 * slow has nothing that parts it from the rest.
 */
export function compareWithinWindow(charges: Charges, sides: Uint8Array, before: Summary, named: ReadonlySet<number>, { leastCalls }: Parameters): boolean {
  const { units } = charges
  const candidates = named.size ? named : new Set(units.endpoint)
  if ([...candidates].some(endpoint => before.endpoints[endpoint]!.units >= leastCalls)) return false
  const asked = [...sides.keys()].filter(unit => sides[unit] === INCIDENT && candidates.has(units.endpoint[unit]!))
  const failed = asked.filter(unit => isFailedUnit(charges, unit))
  const well = asked.filter(unit => isWell(charges, unit))
  if (well.length < FEWEST || failed.length < FEWEST) return false
  for (const unit of asked) sides[unit] = NEITHER
  for (const unit of failed) sides[unit] = INCIDENT
  for (const unit of well) sides[unit] = BASELINE
  return true
}

/** With nothing below it that failed, either. */
function isWell({ forest, units }: Charges, unit: number): boolean {
  const root = units.root[unit]!
  for (let span = root; span < root + forest.size[root]!; span++) if (forest.flags[span]! & FAILED) return false
  return true
}
