import { FAILED } from '#shared/trace/span-table'
import type { Sentence } from '#shared/text/text'
import type { Analysis } from './analysis'
import { originName } from './error-origins'
import type { Findings } from './explain'
import type { Hypothesis } from './hypothesis'
import { fromLog, type LogHistogram } from './log-histogram'
import { round } from './round'
import { INCIDENT } from './windows'

/** Why we say so: lines with their numbers, the decisive one first. */
export function evidenceOf(findings: Findings, winner: Hypothesis): Sentence[] {
  const { analysis } = findings
  return [
    ...ofType(analysis, winner),
    ...ofTimes(analysis, winner),
    ...ofShares(analysis, winner),
    ...ofEdge(analysis, winner),
    ...ofTemplate(winner),
    ...ofAttributes(findings),
    ...ofChanges(findings, winner),
  ]
}

function ofType(analysis: Analysis, { type, calls: [call], facts, service }: Hypothesis): Sentence[] {
  const { texts } = analysis.charges.forest.traces
  const contrast = call === undefined ? undefined : analysis.calls[call]
  const operation = call === undefined ? '' : texts[analysis.charges.vocabulary.operations.second[analysis.charges.vocabulary.calls[call]!.caller]!]!
  const lines: Sentence[] = []
  if (type === 'timeout') {
    const { limit, cut, slow, failed } = analysis.timeouts.get(call!)!
    lines.push({ code: 'diagnosis.evidence.limit', params: { cut, slow, limit: { micros: limit } } }, { code: 'diagnosis.evidence.limit_failed', params: { failed } })
  }
  if (contrast && (type === 'call_rate' || type === 'n_plus_one')) {
    const { perParent, presence, each } = contrast
    lines.push({ code: 'diagnosis.evidence.per_parent', params: { operation, before: round(perParent.before), after: round(perParent.after) } })
    if (presence.after > 1.5 * presence.before) lines.push({ code: 'diagnosis.evidence.presence', params: { operation, before: { ratio: presence.before }, after: { ratio: presence.after } } })
    if (each.after > 1.5 * each.before && each.before > 0) lines.push({ code: 'diagnosis.evidence.each', params: { before: round(each.before), after: round(each.after) } })
  }
  if (contrast && type === 'retry_storm') {
    const { attempts, failed } = contrast
    lines.push({ code: 'diagnosis.evidence.attempts', params: { before: round(attempts.before), after: round(attempts.after), failed: { ratio: failed.after } } })
    if (facts.amplifier) lines.push({ code: 'diagnosis.evidence.amplifier', params: { service: texts[facts.amplifier.service]!, operation: texts[facts.amplifier.operation]! } })
  }
  if (type === 'saturation' && facts.arrivals) {
    const { before, after } = facts.arrivals
    if (after > 1.3 * before) lines.push({ code: 'diagnosis.evidence.arrivals', params: { service: texts[service]!, before: round(before), after: round(after) } })
    if (facts.door) lines.push({ code: 'diagnosis.evidence.door', params: { service: texts[service]!, ...facts.door } })
    if (!lines.length) lines.push({ code: 'diagnosis.evidence.crowding' })
  }
  if (type === 'queue_lag') {
    if (facts.burst) lines.push({ code: 'diagnosis.evidence.burst', params: { before: round(facts.burst.before), after: round(facts.burst.after) } })
    if (facts.isHandlingUsual) lines.push({ code: 'diagnosis.evidence.queue_handling' })
    if (facts.idle !== undefined) lines.push({ code: 'diagnosis.evidence.queue_idle', params: { share: { ratio: facts.idle }, service: texts[service]! } })
  }
  return lines
}

function ofTimes(analysis: Analysis, { keys, calls: [call], service, operation, remote }: Hypothesis): Sentence[] {
  const { texts } = analysis.charges.forest.traces
  const before = call === undefined ? analysis.before.keys[keys[0] ?? -1]?.times : analysis.before.calls[call]!.times
  const after = call === undefined ? analysis.after.keys[keys[0] ?? -1]?.times : analysis.after.calls[call]!.times
  if (!after || after.total === 0) return []
  const count = call === undefined ? analysis.after.keys[keys[0]!]!.seen : analysis.after.calls[call]!.seen
  const subject = remote ? `${texts[service]} → ${texts[remote]}` : `${texts[service]} ${texts[operation]}`
  const params = { subject, count, ...formatTimes(after, 'after') }
  return [!before || before.total === 0 ? { code: 'diagnosis.evidence.times_new', params } : { code: 'diagnosis.evidence.times', params: { ...params, ...formatTimes(before, 'before') } }]
}

export function formatTimes(times: LogHistogram, name: 'before' | 'after') {
  const at = (q: number) => ({ micros: Math.round(fromLog(times.quantile(q) ?? 0)) })
  return { [name]: at(0.5), [`${name}95`]: at(0.95) }
}

function ofShares(analysis: Analysis, winner: Hypothesis): Sentence[] {
  const lines: Sentence[] = []
  const { change, weights } = analysis
  if (winner.latency > 0 && weights.latency > 0) lines.push({ code: 'diagnosis.evidence.share', params: { share: { ratio: winner.latency }, change: { micros: Math.round(change.grown) } } })
  if (winner.errors > 0 && weights.errors > 0) {
    lines.push({ code: 'diagnosis.evidence.share_errors', params: { share: { ratio: winner.errors } } })
    const ratio = (summary: Analysis['before']) => {
      const sums = [...analysis.endpoints].map(endpoint => summary.endpoints[endpoint]!)
      return { ratio: sums.reduce((sum, { failed }) => sum + failed, 0) / Math.max(1e-9, sums.reduce((sum, { units }) => sum + units, 0)) }
    }
    lines.push({ code: 'diagnosis.evidence.failed_ratio', params: { before: ratio(analysis.before), after: ratio(analysis.after) } })
    const error = commonestError(analysis, winner)
    if (error) lines.push({ code: 'diagnosis.evidence.error_type', params: { ...error } })
  }
  return lines
}

/** Of the spans where its errors begin. */
export function commonestError({ charges, origins, sides }: Analysis, { origins: names }: Hypothesis): { error: string, count: number } | undefined {
  const { traces, source, flags } = charges.forest
  const wanted = new Set(names)
  const counts = new Map<string, number>()
  for (let unit = 0; unit < origins.length; unit++) {
    const origin = origins[unit]!
    if (sides[unit] !== INCIDENT || origin < 0 || !wanted.has(originName(charges, origin))) continue
    const status = traces.httpStatus[source[origin]!]!
    const error = traces.texts[traces.errorType[source[origin]!]!]! || (status ? String(status) : '')
    if (error && (flags[origin]! & FAILED || status >= 400)) counts.set(error, (counts.get(error) ?? 0) + 1)
  }
  const [first] = [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))
  return first && { error: first[0], count: first[1] }
}

function ofEdge(analysis: Analysis, { facts, service, remote, type, keys }: Hypothesis): Sentence[] {
  if (!facts.edge || type !== 'slow_dependency') return []
  const { texts } = analysis.charges.forest.traces
  const name = texts[remote || analysis.charges.vocabulary.keys[keys[0]!]!.remote]!
  const { callers, inflated } = facts.edge
  if (callers === 1) return [{ code: 'diagnosis.evidence.caller_only', params: { service: texts[analysis.charges.vocabulary.keys[keys[0]!]!.service]!, remote: name } }]
  if (inflated >= callers) return [{ code: 'diagnosis.evidence.callers_all', params: { count: callers, remote: name } }]
  return [{ code: 'diagnosis.evidence.callers_some', params: { count: callers, inflated, remote: name, service: texts[service]! } }]
}

function ofTemplate({ facts: { template } }: Hypothesis): Sentence[] {
  if (!template) return []
  const params = { before: { ratio: template.before }, after: { ratio: template.after }, template: template.text }
  return [{ code: template.after > template.before ? 'diagnosis.evidence.template_appeared' : 'diagnosis.evidence.template_vanished', params }]
}

/** Attributes that people ask for first when they are not the reason. */
const asked = [/^service\.instance\.id$|pod\.name$/, /^service\.version$/, /client|consumer|tenant|partner/, /zone/, /^http\.route$/]
const MOST_EVEN = 3

function ofAttributes({ analysis, qualified }: Findings): Sentence[] {
  if (!qualified) return []
  const { texts } = analysis.charges.forest.traces
  const { found, even } = qualified
  if (found) {
    const params = { coverage: { ratio: Math.min(1, found.coverage) }, precision: { ratio: Math.min(1, found.precision) }, attribute: texts[found.attribute]!, value: texts[found.value]! }
    if (!found.and) return [{ code: 'diagnosis.evidence.concentrated', params }]
    return [{ code: 'diagnosis.evidence.concentrated_both', params: { ...params, attribute2: texts[found.and.attribute]!, value2: texts[found.and.value]! } }]
  }
  return asked.flatMap(pattern => even.filter(({ attribute }) => pattern.test(texts[attribute]!)).slice(0, 1))
    .slice(0, MOST_EVEN).map(({ attribute, values }) => ({ code: 'diagnosis.evidence.even' as const, params: { attribute: texts[attribute]!, count: values } }))
}

const NEAR = 15 * 60e6

function ofChanges({ analysis, input, onset }: Findings, { service, remote }: Hypothesis): Sentence[] {
  if (onset === undefined) return []
  const { texts } = analysis.charges.forest.traces
  const names = [texts[service]!, remote ? texts[remote]! : '']
  return input.changes.filter(change => names.includes(change.service) && Math.abs(change.at - onset) <= NEAR).map(change => ({
    code: change.at <= onset ? 'diagnosis.evidence.change' as const : 'diagnosis.evidence.change_after' as const,
    params: { service: change.service, what: change.what, at: { at: new Date(change.at / 1_000).toISOString(), precision: 'second' as const }, ago: { micros: Math.abs(onset - change.at) } },
  }))
}
