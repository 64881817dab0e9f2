import { byPlace } from '#shared/chart/decomposition-bar'
import type { Sentence, TextParams } from '#shared/text/text'
import { hasPast, type Analysis } from './analysis'
import type { Findings } from './explain'
import { commonestError } from './evidence'
import type { Hypothesis } from './hypothesis'
import { fromLog } from './log-histogram'
import { round } from './round'
import type { Culprit, Diagnosis, Qualifier } from './verdict'

/** The one sentence over everything: where and what. */
export function titleOf({ analysis }: Findings, winner: Hypothesis, culprit: Culprit, qualifier: Qualifier | null): Sentence {
  const { before, after, charges, calls } = analysis
  const place: TextParams = { service: culprit.service, operation: culprit.operation, remote: culprit.remote }
  const [first] = winner.calls
  const part = first === undefined
    ? winner.keys.reduce((sum, key) => sum + analysis.change.keys[key]!.total, 0)
    : winner.calls.reduce((sum, call) => sum + calls[call]!.total, 0)
  const change = { micros: Math.round(part) }
  const call = first === undefined ? undefined : calls[first]!
  switch (culprit.type) {
    case 'slow_local': return { code: 'diagnosis.title.slow_local', params: { ...place, change } }
    case 'slow_dependency': return { code: culprit.remote ? 'diagnosis.title.slow_dependency' : 'diagnosis.title.slow_callee', params: { ...place, change } }
    case 'timeout': return { code: 'diagnosis.title.timeout', params: { ...place, limit: { micros: winner.facts.limit! } } }
    case 'call_rate': {
      const { presence, each, perParent } = call!
      return each.after < 1.5
        ? { code: 'diagnosis.title.call_presence', params: { ...place, before: { ratio: presence.before }, after: { ratio: presence.after } } }
        : { code: 'diagnosis.title.call_rate', params: { ...place, before: round(perParent.before), after: round(perParent.after) } }
    }
    case 'n_plus_one': return { code: 'diagnosis.title.n_plus_one', params: { ...place, before: round(call!.each.before), after: round(call!.each.after) } }
    case 'retry_storm': return { code: culprit.remote ? 'diagnosis.title.retry_storm_remote' : 'diagnosis.title.retry_storm', params: { ...place, before: round(call!.attempts.before), after: round(call!.attempts.after) } }
    case 'error_origin': {
      const error = commonestError(analysis, winner)?.error
      if (culprit.remote) return { code: 'diagnosis.title.error_edge', params: place }
      return error ? { code: 'diagnosis.title.error_origin', params: { ...place, error } } : { code: 'diagnosis.title.error_origin_plain', params: place }
    }
    case 'only_subset': return { code: 'diagnosis.title.only_subset', params: { attribute: qualifier?.attribute, value: qualifier?.value } }
    case 'queue_lag': {
      if (culprit.remote) return { code: 'diagnosis.title.queue_burst', params: { ...place, times: { times: winner.facts.burst!.after / winner.facts.burst!.before } } }
      const key = winner.keys[0]!
      const median = (times: typeof before.keys[number]['times']) => ({ micros: Math.round(fromLog(times.quantile(0.5) ?? 0)) })
      return { code: 'diagnosis.title.queue_lag', params: { ...place, before: median(before.keys[key]!.times), after: median(after.keys[key]!.times) } }
    }
    case 'saturation': return { code: 'diagnosis.title.saturation', params: { ...place, change } }
    case 'missing_telemetry': return { code: 'diagnosis.title.missing_telemetry', params: { service: charges.forest.traces.texts[winner.service]! } }
  }
}

/** A place with less of the time is one of several. */
const MOST_OF_IT = 0.5

/** Nobody is to blame, or nobody can be: then where most of the time goes is said where nothing is known from before. */
export function titleOfNothing(analysis: Analysis, decomposition: Diagnosis['decomposition']): Sentence {
  const { after, windows } = analysis
  if (after.units === 0) return { code: 'diagnosis.title.no_traces' }
  if (!hasPast(analysis)) {
    const [most] = byPlace(decomposition.rows)
    if (!most || most.kind === 'rest' || most.change < MOST_OF_IT * decomposition.after) return { code: 'diagnosis.title.no_baseline' }
    return { code: `diagnosis.title.spent_${most.kind}`, params: { place: most.remote ?? most.service, share: { ratio: most.change / decomposition.after } } }
  }
  return { code: 'diagnosis.title.none', params: { window: { micros: windows.incident.to - windows.incident.from } } }
}
