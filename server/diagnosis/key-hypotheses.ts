import type { Analysis } from './analysis'
import type { KeyContrast } from './contrast'
import type { Hypothesis } from './hypothesis'
import { IDLE, idleShare } from './idle-consumer'
import { findSaturation } from './saturation'

const DURATION_PART = 0.5
/** A publisher that sends this much more is a burst, and the consumer is not to blame. */
const BURST = 3
/** How much slower handling must be for a queue to be its consequence. */
const MOST = 12

/** S5, the types that are about where time goes. */
export function proposeKeys(analysis: Analysis, isWeak = false): Hypothesis[] {
  const inflated = analysis.change.keys.filter(key => isWeak ? isHigher(key) : key.inflated).sort((a, b) => b.total - a.total).slice(0, MOST)
  const explained = new Set<number>()
  return inflated.flatMap((key) => {
    if (explained.has(key.key)) return []
    const { kind } = analysis.charges.vocabulary.keys[key.key]!
    if (kind === 'queue') return queueOf(analysis, key)
    // More of the same is the business of whoever calls more often.
    if (!key.isNew && key.duration + key.product / 2 < DURATION_PART * key.total) return []
    const inside = kind === 'edge' ? workInside(analysis, key) : undefined
    if (inside) {
      explained.add(inside.key)
      return [propose(analysis, inside, [key], isWeak)]
    }
    return [propose(analysis, key, [], isWeak, explained)]
  })
}

function propose(analysis: Analysis, key: KeyContrast, more: KeyContrast[], isWeak: boolean, explained?: Set<number>): Hypothesis {
  const { kind } = analysis.charges.vocabulary.keys[key.key]!
  const saturation = findSaturation(analysis, key.key)
  let hypothesis = kind === 'local' ? localOf(analysis, key) : edgeOf(analysis, key)
  for (const other of hypothesis.keys) explained?.add(other)
  if (saturation) hypothesis = { ...saturate(analysis, hypothesis, key), facts: { ...hypothesis.facts, arrivals: saturation.arrivals, isSurge: saturation.isSurge } }
  return {
    ...hypothesis, ...(isWeak && { isWeak }),
    keys: [...hypothesis.keys, ...more.map(other => other.key)], latency: Math.min(1, more.reduce((sum, { share }) => sum + share, hypothesis.latency)),
  }
}

/** Calls whose answer is still to come, or came too late to be seen: where those that were answered were slow inside, these are, too. */
function workInside({ charges, change, parameters, isInstrumented }: Analysis, key: KeyContrast): KeyContrast | undefined {
  const { remote, callee } = charges.vocabulary.keys[key.key]!
  if (callee !== 0 || !isInstrumented(remote)) return undefined
  const inside = change.keys.filter(({ key: other, z, ratio, total }) => {
    const { service, kind } = charges.vocabulary.keys[other]!
    return service === remote && kind !== 'queue' && total > 0 && z > parameters.z && ratio > parameters.ratio
  })
  return inside.sort((a, b) => b.total - a.total)[0]
}

/** With few calls nothing reaches the thresholds; what moved at all is still better than nothing, and said to be weak. */
const isHigher = ({ z, ratio, share }: KeyContrast) => z > 1.5 && ratio > 1.15 && share > 0.1

function base(key: KeyContrast): Pick<Hypothesis, 'keys' | 'calls' | 'origins' | 'latency' | 'errors' | 'isMechanism' | 'seen' | 'facts'> {
  return { keys: [key.key], calls: [], origins: [], latency: key.share, errors: 0, isMechanism: false, seen: key.after, facts: {} }
}

function localOf({ charges }: Analysis, key: KeyContrast): Hypothesis {
  const { service, operation } = charges.vocabulary.keys[key.key]!
  return { ...base(key), type: 'slow_local', service, operation, remote: 0 }
}

/** A remote that is slow for all its callers explains what all of them wait longer. */
function edgeOf(analysis: Analysis, key: KeyContrast): Hypothesis {
  const { charges, blame, isInstrumented, change } = analysis
  const { service, operation, remote, callee } = charges.vocabulary.keys[key.key]!
  const edge = blame(service, remote)
  const isRemote = edge.caller < 0.5
  const answering = callee || (isInstrumented(remote) ? usualAnswer(analysis, service, operation, remote) : 0)
  const isCallee = isRemote && answering !== 0 && isInstrumented(remote)
  const alike = change.keys.filter(({ key: other, inflated }) => {
    const { kind, remote: others } = charges.vocabulary.keys[other]!
    return inflated && kind === 'edge' && isRemote && others === remote
  })
  return {
    ...base(key), type: 'slow_dependency', facts: { edge },
    ...alike.length > 1 && { keys: [key.key, ...alike.map(other => other.key).filter(other => other !== key.key)], latency: Math.min(1, alike.reduce((sum, { share }) => sum + share, 0)) },
    ...isCallee ? { service: remote, operation: answering, remote: 0 } : { service, operation, remote },
  }
}

/** The operation that answered calls like these most often, where these themselves were not answered. */
export function usualAnswer({ charges, before }: Pick<Analysis, 'charges' | 'before'>, service: number, operation: number, remote: number): number {
  const answers = charges.vocabulary.keys.flatMap((key, number) => key.kind === 'edge' && key.callee !== 0 && key.remote === remote && key.service === service
    ? [{ callee: key.callee, isSame: Number(key.operation === operation), calls: before.keys[number]!.calls }]
    : [])
  return answers.sort((a, b) => b.isSame - a.isSame || b.calls - a.calls)[0]?.callee ?? 0
}

/** All keys of the service go up together, so all of them are explained. */
function saturate(analysis: Analysis, hypothesis: Hypothesis, key: KeyContrast): Hypothesis {
  const { charges, change, isInstrumented } = analysis
  const { kind, service, operation, remote, callee } = charges.vocabulary.keys[key.key]!
  const subject = kind === 'edge' && isInstrumented(remote) ? remote : service
  const keys = change.keys.filter(({ key: number, inflated }) => {
    const other = charges.vocabulary.keys[number]!
    return inflated && other.kind !== 'queue' && (other.kind === 'local' ? other.service : other.remote) === subject
  })
  const latency = Math.min(1, keys.reduce((sum, { share }) => sum + share, 0))
  const answering = kind === 'edge' && isInstrumented(remote) ? callee || usualAnswer(analysis, service, operation, remote) : 0
  const place = answering ? { service: remote, operation: answering, remote: 0 } : {}
  return { ...hypothesis, ...place, type: 'saturation', isMechanism: true, keys: keys.length ? keys.map(({ key }) => key) : [key.key], latency: Math.max(latency, key.share) }
}

/**
 * Messages that wait. Where handling itself became slow, waiting is its consequence and the handler's key is the
 * better answer, unless it had nothing to do meanwhile; where three times as many are published, the publisher is.
 */
function queueOf(analysis: Analysis, key: KeyContrast): Hypothesis[] {
  const { charges, change, before, after } = analysis
  const { service, operation, remote } = charges.vocabulary.keys[key.key]!
  const perUnit = (summary: typeof before) => summary.keys[key.key]!.calls
  const burst = { before: perUnit(before) / analysis.covered.before, after: perUnit(after) / ((analysis.windows.incident.to - analysis.windows.incident.from) / 1e6) }
  const handling = change.keys.filter(other => other.key !== key.key && other.inflated && isHandling(analysis, operation, service, other.key))
  const slowest = handling.sort((a, b) => b.total - a.total)[0]
  const idle = idleShare(analysis, key.key) ?? 0
  if (slowest && idle < IDLE) {
    const { kind } = charges.vocabulary.keys[slowest.key]!
    const cause = kind === 'local' ? localOf(analysis, slowest) : edgeOf(analysis, slowest)
    return [{ ...cause, keys: [slowest.key, key.key], latency: Math.min(1, key.share + slowest.share) }]
  }
  const hypothesis: Hypothesis = { ...base(key), type: 'queue_lag', service, operation, remote: 0, isMechanism: true, facts: { isHandlingUsual: slowest === undefined, ...(idle >= IDLE && { idle }) } }
  if (burst.before > 0 && burst.after >= BURST * burst.before) {
    const publisher = publisherOf(analysis, key.key)
    return [{ ...hypothesis, ...publisher, facts: { ...hypothesis.facts, burst } }]
  }
  return [{ ...hypothesis, facts: { ...hypothesis.facts, ...(remote && { burst }) } }]
}

/** Whether a key is charged in the units of a consumer. */
function isHandling({ charges, cells, after }: Analysis, operation: number, service: number, key: number): boolean {
  const endpoint = charges.vocabulary.operations.find(service, operation)
  const cell = endpoint === undefined ? undefined : cells.keys.find(endpoint, key)
  return cell !== undefined && (after.cells[cell]?.charge ?? 0) > 0 && charges.vocabulary.keys[key]!.kind !== 'queue'
}

function publisherOf({ charges }: Analysis, key: number): Partial<Hypothesis> {
  const { queue, units, forest } = charges
  const at = queue.key.findIndex(other => other === key)
  const publisher = at < 0 ? -1 : forest.parent[units.root[queue.unit[at]!]!]!
  if (publisher < 0) return {}
  const i = forest.source[publisher]!
  return { service: forest.traces.service[i]!, operation: forest.traces.name[i]!, remote: forest.traces.remote[i]! }
}
