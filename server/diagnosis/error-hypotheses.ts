import type { Analysis } from './analysis'
import { mixOf } from './contrast'
import { originName } from './error-origins'
import type { Hypothesis } from './hypothesis'
import { usualAnswer } from './key-hypotheses'
import { BASELINE, INCIDENT } from './windows'

/** Below this part of what failed more, an origin is noise. */
const LEAST = 0.05
/** Fewer failures may be those that always happen. */
const FEWEST = 3

/** Excess of failures by origin, per request of the affected endpoints; the sum of what grew is 1. */
function excessOrigins(analysis: Analysis): Map<number, { share: number, excess: number, seen: number }> {
  const { charges, sides, origins, before, after, endpoints } = analysis
  const mix = mixOf(endpoints, before, after)
  const excess = new Map<number, { share: number, excess: number, seen: number }>()
  for (let unit = 0; unit < charges.units.count; unit++) {
    const share = mix.get(charges.units.endpoint[unit]!)
    const side = sides[unit]
    if (share === undefined || origins[unit]! < 0 || (side !== BASELINE && side !== INCIDENT)) continue
    const name = originName(charges, origins[unit]!)
    const entry = excess.get(name) ?? { share: 0, excess: 0, seen: 0 }
    const summary = side === INCIDENT ? after : before
    const rate = share * charges.units.weight[unit]! / summary.endpoints[charges.units.endpoint[unit]!]!.units
    entry.excess += side === INCIDENT ? rate : -rate
    if (side === INCIDENT) entry.seen++
    excess.set(name, entry)
  }
  for (const { endpoint, name, weight } of analysis.usualOrigins) {
    const entry = excess.get(name)
    const share = mix.get(endpoint)
    if (entry && share !== undefined) entry.excess -= share * weight / before.endpoints[endpoint]!.units
  }
  const grown = [...excess.values()].reduce((sum, entry) => sum + Math.max(0, entry.excess), 0)
  for (const entry of excess.values()) entry.share = grown > 0 ? Math.max(0, entry.excess) / grown : 0
  return excess
}

/** S6 as hypotheses: each origin by itself, unless a limit or a storm already stands for it. */
export function proposeErrors(analysis: Analysis, others: Hypothesis[]): Hypothesis[] {
  const proposed: Hypothesis[] = []
  for (const [name, { share, seen }] of excessOrigins(analysis)) {
    const standing = others.filter(other => other.isMechanism && other.origins.includes(name))
    for (const other of standing) other.errors = Math.min(1, other.errors + share)
    if (standing.length || share < LEAST) continue
    proposed.push({ ...placeOf(analysis, name), type: 'error_origin', keys: [], calls: [], origins: [name], latency: 0, errors: share, isMechanism: false, seen, facts: {}, ...(seen < FEWEST && { isWeak: true }) })
  }
  return proposed
}

function placeOf(analysis: Analysis, name: number): Pick<Hypothesis, 'service' | 'operation' | 'remote'> {
  const { vocabulary } = analysis.charges
  const { operations } = vocabulary
  if (name < operations.count) return { service: operations.first[name]!, operation: operations.second[name]!, remote: 0 }
  const { service, operation, remote } = vocabulary.calls[name - operations.count]!
  const callee = deadCallee(analysis, name - operations.count)
  return callee === undefined ? { service, operation, remote } : { service: remote, operation: callee, remote: 0 }
}

/** The callee is to blame for calls that it did not answer where it answers nobody at all any more. */
function deadCallee({ charges, before, after, servers, isInstrumented }: Analysis, number: number): number | undefined {
  const { vocabulary } = charges
  const call = vocabulary.calls[number]!
  if (!isInstrumented(call.remote)) return undefined
  let was = 0
  let is = 0
  for (const operation of servers) {
    if (vocabulary.operations.first[operation] !== call.remote) continue
    was += before.operations[operation]!.count / Math.max(1, before.units)
    is += after.operations[operation]!.count / Math.max(1, after.units)
  }
  if (was === 0 || is > 0.2 * was) return undefined
  return usualAnswer({ charges, before }, call.service, call.operation, call.remote) || undefined
}
