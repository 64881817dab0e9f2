import { FAILED } from '#shared/trace/span-table'
import { hasRefused } from './call-groups'
import type { Analysis } from './analysis'
import { contrastAttributes, type Concentration, type Evenness, type Population } from './attributes'
import { originName } from './error-origins'
import { durationOf } from './forest'
import type { Hypothesis } from './hypothesis'
import { logOf } from './log-histogram'
import { listOf } from './occurrences'
import type { Ranked } from './rank'
import { INCIDENT } from './windows'

const MOST_SPANS = 5_000
/** Beyond this share of the usual a time is bad. */
const LINE = 0.95

/** S7 on the spans of one hypothesis: those that are bad against those that are not, in the same window. */
export function qualify(analysis: Analysis, hypothesis: Hypothesis): { found?: Concentration, even: Evenness[], bad: number } {
  const population = populationOf(analysis, hypothesis)
  return { ...contrastAttributes(population, analysis.charges.forest.traces, analysis.parameters), bad: population.bad.filter(Boolean).length }
}

const HOSTS = /^(?:host\.name|k8s\.node\.name|cloud\.availability_zone|cloud\.region|zone)$/
/** Above this one service explains it alone. */
const ALONE = 0.7
const PART = 0.06

/**
 * A machine or a zone, where several services became slower at once and only there: then none of them is guilty, and
 * what they share is the answer.
 */
export function confinedPlace(analysis: Analysis, ranked: Ranked[]): ReturnType<typeof qualify> | undefined {
  const local = ranked.map(({ hypothesis }) => hypothesis).filter(({ type, latency }) => (type === 'slow_local' || type === 'saturation') && latency >= PART)
  if (local[0] !== ranked[0]?.hypothesis || local[0]!.latency > ALONE || new Set(local.map(({ service }) => service)).size < 2) return undefined
  const { texts } = analysis.charges.forest.traces
  const keys = [...new Set(local.flatMap(hypothesis => hypothesis.keys))].filter(key => analysis.charges.vocabulary.keys[key]!.kind === 'local')
  const populations = keys.map(key => ofTimes(analysis, key))
  const population = { pairs: populations.flatMap(({ pairs }) => pairs), bad: populations.flatMap(({ bad }) => bad), usual: 1 - LINE }
  const { found, even } = contrastAttributes(population, analysis.charges.forest.traces, analysis.parameters)
  return found && HOSTS.test(texts[found.attribute]!) ? { found, even, bad: population.bad.filter(Boolean).length } : undefined
}

function populationOf(analysis: Analysis, hypothesis: Hypothesis): Population {
  const errors = analysis.weights.errors * hypothesis.errors > analysis.weights.latency * hypothesis.latency
  if (errors || hypothesis.type === 'error_origin') return ofErrors(analysis, hypothesis)
  if (hypothesis.type === 'timeout') return ofCalls(analysis, hypothesis.calls[0]!, span => durationOf(analysis.charges.forest, span) >= 0.97 * hypothesis.facts.limit!)
  if (hypothesis.type === 'retry_storm') return ofCalls(analysis, hypothesis.calls[0]!, span => (analysis.charges.forest.flags[span]! & FAILED) !== 0)
  if (hypothesis.calls.length) return ofCallers(analysis, hypothesis.calls[0]!)
  const [key] = hypothesis.keys
  if (key === undefined) return { pairs: [], bad: [], usual: 0 }
  return analysis.charges.vocabulary.keys[key]!.kind === 'queue' ? ofQueue(analysis, key) : ofTimes(analysis, key, hypothesis.remote === 0)
}

/** Spans of a key; bad is what takes longer than 95 % usually do. */
function ofTimes(analysis: Analysis, key: number, isCallee = false): Population {
  const { charges, before } = analysis
  const line = before.keys[key]!.times.quantile(LINE)
  const spans = listOf(analysis.byKey, key).subarray(0, MOST_SPANS)
  return collect(analysis, spans, span => line !== undefined && logOf(charges.self[span]!) > line + 0.05, line === undefined ? 0 : 1 - LINE, isCallee)
}

function ofQueue(analysis: Analysis, key: number): Population {
  const { queue, units } = analysis.charges
  const line = analysis.before.keys[key]!.times.quantile(LINE) ?? Infinity
  const delays = new Map<number, number>()
  for (let q = 0; q < queue.unit.length; q++) {
    if (queue.key[q] === key && analysis.sides[queue.unit[q]!] === INCIDENT) delays.set(units.root[queue.unit[q]!]!, queue.delay[q]!)
  }
  return collect(analysis, Uint32Array.from([...delays.keys()].slice(0, MOST_SPANS)), span => logOf(delays.get(span)!) > line + 0.05, 1 - LINE)
}

function ofCalls(analysis: Analysis, call: number, isBad: (span: number) => boolean): Population {
  return collect(analysis, listOf(analysis.byCall, call).subarray(0, MOST_SPANS), isBad, 0)
}

/** Occurrences of the caller; bad are those that make more calls than they used to. */
function ofCallers(analysis: Analysis, call: number): Population {
  const { charges, groups, sides } = analysis
  const { caller } = charges.vocabulary.calls[call]!
  const { presence, each } = analysis.calls[call]!
  const made = new Map<number, number>()
  for (let group = 0; group < groups.count; group++) if (groups.call[group] === call) made.set(groups.caller[group]!, groups.calls[group]!)
  const spans: number[] = []
  for (let span = 0; span < charges.operation.length && spans.length < MOST_SPANS; span++) {
    if (charges.operation[span] === caller && charges.unit[span]! >= 0 && sides[charges.unit[span]!] === INCIDENT) spans.push(span)
  }
  const line = presence.before < analysis.parameters.presenceFrom ? 0 : 2 * each.before
  return collect(analysis, Uint32Array.from(spans), span => (made.get(span) ?? 0) > line, Math.min(0.5, line === 0 ? presence.before : 0))
}

/** Spans of the operation, or calls of the kind, where errors begin; bad are those at which one did. */
function ofErrors(analysis: Analysis, { origins: names }: Hypothesis): Population {
  const { charges, origins, sides } = analysis
  const wanted = new Set(names.slice(0, 1))
  const begun = new Set<number>()
  for (let unit = 0; unit < origins.length; unit++) {
    if (sides[unit] === INCIDENT && origins[unit]! >= 0 && wanted.has(originName(charges, origins[unit]!))) begun.add(origins[unit]!)
  }
  const spans: number[] = []
  for (let span = 0; span < charges.operation.length && spans.length < MOST_SPANS; span++) {
    const unit = charges.unit[span]!
    if (unit < 0 || sides[unit] !== INCIDENT) continue
    if (wanted.has(charges.operation[span]!) || (charges.call[span]! >= 0 && wanted.has(charges.vocabulary.operations.count + charges.call[span]!))) spans.push(span)
  }
  const { traces, source } = charges.forest
  return collect(analysis, Uint32Array.from(spans), span => begun.has(span) || hasRefused(traces.failed[source[span]!]!, traces.httpStatus[source[span]!]!), 0)
}

/** What holds for a span: its own attributes and process, or those of who answered it, and its unit's. */
function collect({ charges }: Analysis, spans: Uint32Array, isBad: (span: number) => boolean, usual: number, isCallee = false): Population {
  const { forest, units } = charges
  const { traces, source } = forest
  const pairs: number[][] = []
  const bad: boolean[] = []
  const own = (span: number) => {
    const i = source[span]!
    return [...traces.pairs.subarray(traces.attributes[i]!, traces.attributes[i + 1]!), ...traces.resources[traces.resource[i]!]!.pairs]
  }
  for (const span of spans) {
    const root = units.root[charges.unit[span]!]!
    const i = source[root]!
    // Both sides of a call have versions and instances; those of the side that is blamed count.
    const held = isCallee && charges.answered[span] ? own(span + 1) : own(span)
    if (root !== span) held.push(...traces.pairs.subarray(traces.attributes[i]!, traces.attributes[i + 1]!))
    pairs.push(held)
    bad.push(isBad(span))
  }
  return { pairs, bad, usual }
}
