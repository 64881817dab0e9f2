import type { Analysis } from './analysis'
import type { KeyContrast } from './contrast'
import type { Hypothesis } from './hypothesis'
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
    const saturation = findSaturation(analysis, key.key)
    const hypothesis = kind === 'local' ? localOf(analysis, key) : edgeOf(analysis, key)
    for (const other of hypothesis.keys) explained.add(other)
    return saturation ? [{ ...isWeak && { isWeak }, ...saturate(analysis, hypothesis, key), facts: { ...hypothesis.facts, arrivals: saturation.arrivals, isSurge: saturation.isSurge } }] : [{ ...hypothesis, ...isWeak && { isWeak } }]
  })
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
function edgeOf({ charges, blame, isInstrumented, change }: Analysis, key: KeyContrast): Hypothesis {
  const { service, operation, remote, callee } = charges.vocabulary.keys[key.key]!
  const edge = blame(service, remote)
  const isRemote = edge.caller < 0.5
  const isCallee = isRemote && callee !== 0 && isInstrumented(remote)
  const alike = change.keys.filter(({ key: other, inflated }) => {
    const { kind, remote: others } = charges.vocabulary.keys[other]!
    return inflated && kind === 'edge' && isRemote && others === remote
  })
  return {
    ...base(key), type: 'slow_dependency', facts: { edge },
    ...alike.length > 1 && { keys: [key.key, ...alike.map(other => other.key).filter(other => other !== key.key)], latency: Math.min(1, alike.reduce((sum, { share }) => sum + share, 0)) },
    ...isCallee ? { service: remote, operation: callee, remote: 0 } : { service, operation, remote },
  }
}

/** All keys of the service go up together, so all of them are explained. */
function saturate(analysis: Analysis, hypothesis: Hypothesis, key: KeyContrast): Hypothesis {
  const { charges, change, isInstrumented } = analysis
  const { kind, service, remote, callee } = charges.vocabulary.keys[key.key]!
  const subject = kind === 'edge' && isInstrumented(remote) ? remote : service
  const keys = change.keys.filter(({ key: number, inflated }) => {
    const other = charges.vocabulary.keys[number]!
    return inflated && other.kind !== 'queue' && (other.kind === 'local' ? other.service : other.remote) === subject
  })
  const latency = Math.min(1, keys.reduce((sum, { share }) => sum + share, 0))
  const place = kind === 'edge' && isInstrumented(remote) && callee !== 0 ? { service: remote, operation: callee, remote: 0 } : {}
  return { ...hypothesis, ...place, type: 'saturation', isMechanism: true, keys: keys.length ? keys.map(({ key }) => key) : [key.key], latency: Math.max(latency, key.share) }
}

/**
 * Messages that wait. Where handling itself became slow, waiting is its consequence and the handler's key is the
 * better answer; where three times as many are published, the publisher is.
 */
function queueOf(analysis: Analysis, key: KeyContrast): Hypothesis[] {
  const { charges, change, before, after } = analysis
  const { service, operation, remote } = charges.vocabulary.keys[key.key]!
  const perUnit = (summary: typeof before) => summary.keys[key.key]!.calls
  const burst = { before: perUnit(before) / analysis.covered.before, after: perUnit(after) / ((analysis.windows.incident.to - analysis.windows.incident.from) / 1e6) }
  const handling = change.keys.filter(other => other.key !== key.key && other.inflated && isHandling(analysis, operation, service, other.key))
  const slowest = handling.sort((a, b) => b.total - a.total)[0]
  if (slowest) {
    const { kind } = charges.vocabulary.keys[slowest.key]!
    const cause = kind === 'local' ? localOf(analysis, slowest) : edgeOf(analysis, slowest)
    return [{ ...cause, keys: [slowest.key, key.key], latency: Math.min(1, key.share + slowest.share) }]
  }
  const hypothesis: Hypothesis = { ...base(key), type: 'queue_lag', service, operation, remote: 0, isMechanism: true, facts: {} }
  if (burst.before > 0 && burst.after >= BURST * burst.before) {
    const publisher = publisherOf(analysis, key.key)
    return [{ ...hypothesis, ...publisher, facts: { burst } }]
  }
  return [{ ...hypothesis, remote: 0, facts: { burst: remote ? burst : undefined } }]
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
