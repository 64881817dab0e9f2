import type { Analysis } from './analysis'
import type { Charges } from './charge'
import type { Forest } from './forest'
import type { Hypothesis } from './hypothesis'
import type { DiagnosisInput } from './input'
import { TemplateTree } from './log-templates'
import { PairNumbers } from './pair-numbers'
import { idNumber } from '#shared/trace/trace-columns'
import { BASELINE, INCIDENT } from './windows'

/** Spans of an operation below which a template's absence says nothing. */
const ENOUGH = 50
/** A template appears or disappears when the share of spans that write it moves by this much. */
const MOVED = 0.2
/** And by this many standard errors. */
const SURPRISE = 4
/** Errors that log blame alone explains are never taken for more than this. */
const MOST = 0.6

export interface ChangedTemplate {
  operation: number
  template: number
  before: number
  after: number
}

/**
 * S8. Code that fails without saying so in a span shows in its lines: one that is new, or one that is missing because
 * a method returned early. Where a changed operation has no changed one below it, it is log-blamed; that decides
 * between origins, and stands in for one where spans show none.
 */
export function contrastLogs(analysis: Analysis, input: DiagnosisInput, hypotheses: Hypothesis[]): void {
  if (!input.logs.length) return
  const { charges } = analysis
  const tree = new TemplateTree()
  const changed = changedTemplates(analysis, input, tree)
  for (const { operation, template, before, after } of deepest(analysis, changed)) {
    const service = charges.vocabulary.operations.first[operation]!
    const name = charges.vocabulary.operations.second[operation]!
    const facts = { template: { text: tree.textOf(template), before, after } }
    const standing = hypotheses.filter(hypothesis => hypothesis.service === service && (hypothesis.operation === name || hypothesis.errors > 0 || hypothesis.latency > 0.3))
    for (const hypothesis of standing) hypothesis.facts = { ...facts, ...hypothesis.facts }
    if (standing.length === 0 && analysis.weights.errors > 0) {
      hypotheses.push({ type: 'error_origin', service, operation: name, remote: 0, keys: [], calls: [], origins: [], latency: 0, errors: MOST * Math.min(1, Math.abs(after - before)), isMechanism: false, seen: analysis.after.operations[operation]!.seen, facts })
    }
  }
}

function changedTemplates({ charges, sides }: Analysis, { logs, linesOf }: DiagnosisInput, tree: TemplateTree): ChangedTemplate[] {
  const { forest, unit } = charges
  const traceOf = new Map(forest.traces.traceIds.map((id, trace) => [id, trace]))
  const { before, after } = occurrencesIn(charges, sides, linesOf && new Set(linesOf.flatMap(id => traceOf.get(id) ?? [])))
  const seen = new PairNumbers()
  const once = new PairNumbers()
  const sums: { before: number, after: number, level: string }[] = []
  for (const { traceId, spanId, service, body, level } of logs) {
    const span = spanOf(forest, traceOf.get(traceId), idNumber(spanId))
    const side = span < 0 || unit[span]! < 0 ? -1 : sides[unit[span]!]!
    if (span < 0 || (side !== BASELINE && side !== INCIDENT)) continue
    const number = seen.add(charges.operation[span]!, tree.add(service, body))
    const known = once.count
    if (once.add(span, number) !== known) continue
    const sum = sums[number] ??= { before: 0, after: 0, level }
    const weight = charges.units.weight[unit[span]!]!
    if (side === INCIDENT) sum.after += weight
    else sum.before += weight
  }
  return sums.flatMap(({ before: was, after: is, level }, number): ChangedTemplate[] => {
    const operation = seen.first[number]!
    const n = before[operation]!
    const m = after[operation]!
    if (m.count === 0) return []
    const p = n.count > 0 ? was / n.count : 0
    const q = is / m.count
    const isNovelError = was === 0 && q >= 0.02 && /^(?:error|fatal)/i.test(level) && n.seen > 0
    const chance = Math.sqrt(Math.max(p * (1 - p), 1 / n.seen) * (1 / n.seen + 1 / m.seen))
    const isMoved = n.seen >= ENOUGH && Math.abs(q - p) >= Math.max(MOVED, SURPRISE * chance)
    return isNovelError || isMoved ? [{ operation, template: seen.second[number]!, before: p, after: q }] : []
  })
}

/** How often each operation ran in traces whose lines are known. */
function occurrencesIn(charges: Charges, sides: Uint8Array, traces: ReadonlySet<number> | undefined) {
  const sums = () => Array.from({ length: charges.vocabulary.operations.count }, () => ({ count: 0, seen: 0 }))
  const occurrences = { before: sums(), after: sums() }
  const { first } = charges.forest
  for (let trace = 0; trace + 1 < first.length; trace++) {
    if (traces && !traces.has(trace)) continue
    for (let span = first[trace]!; span < first[trace + 1]!; span++) {
      const unit = charges.unit[span]!
      const side = unit < 0 ? -1 : sides[unit]!
      if (side !== BASELINE && side !== INCIDENT) continue
      const sum = occurrences[side === INCIDENT ? 'after' : 'before'][charges.operation[span]!]!
      sum.count += charges.units.weight[unit]!
      sum.seen++
    }
  }
  return occurrences
}

/** A span by its id within a trace, -1 where it is not held. */
function spanOf(forest: Forest, trace: number | undefined, id: number): number {
  if (trace === undefined) return -1
  for (let span = forest.first[trace]!; span < forest.first[trace + 1]!; span++) if (forest.traces.id[forest.source[span]!] === id) return span
  return -1
}

/** Of changed operations, those below which no other has changed, in most of their spans; the largest change of each. */
function deepest({ charges, sides }: Analysis, changed: ChangedTemplate[]): ChangedTemplate[] {
  const operations = new Set(changed.map(({ operation }) => operation))
  const above = new Map<number, number>()
  const seen = new Map<number, number>()
  const { parent } = charges.forest
  for (let span = 0; span < parent.length; span++) {
    const operation = charges.operation[span]!
    if (!operations.has(operation) || charges.unit[span]! < 0 || sides[charges.unit[span]!] !== INCIDENT) continue
    seen.set(operation, (seen.get(operation) ?? 0) + 1)
    const passed = new Set<number>()
    for (let at = parent[span]!; at >= 0; at = parent[at]!) {
      const other = charges.operation[at]!
      if (other === operation || !operations.has(other) || passed.has(other)) continue
      passed.add(other)
      above.set(other, (above.get(other) ?? 0) + 1)
    }
  }
  const kept = new Map<number, ChangedTemplate>()
  for (const change of changed) {
    if ((above.get(change.operation) ?? 0) > (seen.get(change.operation) ?? 0) / 2) continue
    const held = kept.get(change.operation)
    if (!held || Math.abs(change.after - change.before) > Math.abs(held.after - held.before)) kept.set(change.operation, change)
  }
  return [...kept.values()]
}
