import type { Charges } from './charge'
import { isFailedUnit, type Summary } from './summary'
import { BASELINE, INCIDENT } from './windows'

/** Fewer on either side compare nothing. */
const FEWEST = 5

/**
 * Where an endpoint has no past, because its sender is new or everything here is, its requests that went well in the
 * incident's own window stand for it: what failed is compared with what did not, at the same time and under the same load.
 *
 *   before   incident                      before   incident
 *      ?   | ·×××·×·××        becomes      ·  ·· | × ××× × ××
 *
 * Moves them to the other side, and says whether it did. What merely is slow has nothing that parts it from the rest.
 */
export function compareWithinWindow(charges: Charges, sides: Uint8Array, before: Summary, named: ReadonlySet<number>): boolean {
  const { units } = charges
  const candidates = named.size ? named : new Set(units.endpoint)
  if ([...candidates].some(endpoint => before.endpoints[endpoint]!.units > 0)) return false
  const asked = [...sides.keys()].filter(unit => sides[unit] === INCIDENT && candidates.has(units.endpoint[unit]!))
  const well = asked.filter(unit => !isFailedUnit(charges, unit))
  if (well.length < FEWEST || asked.length - well.length < FEWEST) return false
  for (const unit of well) sides[unit] = BASELINE
  return true
}
