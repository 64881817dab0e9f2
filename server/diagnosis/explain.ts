import type { Sentence } from '#shared/text/text'
import { hasPast, type Analysis } from './analysis'
import { decompose } from './decomposition'
import { evidenceOf } from './evidence'
import { pickExemplars } from './exemplars'
import type { Hypothesis } from './hypothesis'
import type { DiagnosisInput } from './input'
import { findMissingTelemetry } from './missing-telemetry'
import { listOf } from './occurrences'
import type { qualify } from './qualify'
import type { Ranked } from './rank'
import { titleOf, titleOfNothing } from './title'
import type { Confidence, Culprit, Diagnosis, Qualifier, RunnerUp } from './verdict'

export interface Findings {
  analysis: Analysis
  input: DiagnosisInput
  ranked: Ranked[]
  stability: number
  confidence: Confidence
  reason: Sentence
  onset?: number
  qualified?: ReturnType<typeof qualify>
  /** The subset is the answer: several services, one machine. */
  isConfined: boolean
  second: Hypothesis | undefined
}

/** A winner below this share is no mechanism; where the trouble is confined to one value, that is the answer. */
const NO_MECHANISM = 0.25

/** From what was found to what is said: places by name, sentences by code. */
export function explain(findings: Findings): Diagnosis {
  const { analysis, input, ranked, confidence, reason, onset, qualified, isConfined, second } = findings
  const { charges, windows, endpoints } = analysis
  const { texts } = charges.forest.traces
  const winner = ranked[0]?.hypothesis
  const found = qualified?.found
  const qualifier: Qualifier | null = found
    ? { attribute: texts[found.attribute]!, value: texts[found.value]!, ...(found.and && { and: { attribute: texts[found.and.attribute]!, value: texts[found.and.value]! } }) }
    : null
  const isVague = winner !== undefined && !winner.isMechanism && Math.max(winner.latency, winner.errors) < NO_MECHANISM && winner.type !== 'missing_telemetry'
  const culprit = winner ? { ...culpritOf(analysis, winner), ...((isVague || isConfined) && qualifier && { type: 'only_subset' as const }) } : null
  const decomposition = decompose(analysis, winner)
  return {
    at: input.at, ...(onset !== undefined && { onset }),
    incident: windows.incident, baseline: windows.baseline,
    symptom: symptomOf(analysis, winner),
    affected: [...endpoints].filter(endpoint => analysis.after.endpoints[endpoint]!.units > 0).map(endpoint => ({
      service: texts[charges.vocabulary.operations.first[endpoint]!]!, operation: texts[charges.vocabulary.operations.second[endpoint]!]!,
    })),
    culprit, qualifier,
    title: winner && culprit ? titleOf(findings, winner, culprit, qualifier) : titleOfNothing(analysis, decomposition),
    confidence: winner ? confidence : 'low',
    confidenceReason: winner ? reason : reasonOfNothing(analysis),
    runnersUp: runnersUp(analysis, ranked),
    second: second ? culpritOf(analysis, second) : null,
    evidence: winner ? evidenceOf(findings, winner) : [],
    decomposition,
    exemplars: pickExemplars(analysis, winner),
    caveats: caveatsOf(findings, winner),
  }
}

function reasonOfNothing(analysis: Analysis): Sentence {
  if (analysis.after.units === 0) return { code: 'diagnosis.confidence.no_traces' }
  return { code: hasPast(analysis) ? 'diagnosis.confidence.nothing' : 'diagnosis.confidence.no_baseline' }
}

function culpritOf({ charges }: Analysis, { service, operation, remote, type }: Hypothesis): Culprit {
  const { texts } = charges.forest.traces
  return { service: texts[service]!, operation: texts[operation]!, remote: remote ? texts[remote]! : null, type }
}

function symptomOf({ weights }: Analysis, winner: Hypothesis | undefined): Diagnosis['symptom'] {
  if (!winner) return 'none'
  if (winner.type === 'missing_telemetry') return 'telemetry'
  return weights.errors * winner.errors > weights.latency * winner.latency ? 'errors' : 'latency'
}

const MOST_RUNNERS = 2

/** Two others, and why they are not the answer. Others at the winner's own place would only repeat it. */
function runnersUp(analysis: Analysis, ranked: Ranked[]): RunnerUp[] {
  const winner = ranked[0]?.hypothesis
  if (!winner) return []
  const places = new Set<string>()
  const place = ({ service, operation, remote }: Culprit) => `${service}\0${operation}\0${remote}`
  places.add(place(culpritOf(analysis, winner)))
  const others: RunnerUp[] = []
  for (const { hypothesis } of ranked.slice(1)) {
    const culprit = culpritOf(analysis, hypothesis)
    if (places.has(place(culprit))) continue
    places.add(place(culprit))
    const explains = Math.max(hypothesis.latency, hypothesis.errors)
    others.push({ culprit, explains, whyNot: whyNot(analysis, hypothesis, winner) })
    if (others.length === MOST_RUNNERS) break
  }
  return [...others, ...heirs(analysis, winner, places, MOST_RUNNERS - others.length)]
}

function whyNot(analysis: Analysis, { latency, errors }: Hypothesis, winner: Hypothesis): Sentence {
  const { texts } = analysis.charges.forest.traces
  if (errors > latency) return { code: 'diagnosis.whyNot.errors_only', params: { share: { ratio: errors } } }
  return { code: 'diagnosis.whyNot.smaller', params: { share: { ratio: latency }, winner: texts[winner.service]!, winnerShare: { ratio: Math.max(winner.latency, winner.errors) } } }
}

/** Where only the winner was proposed: the services above it, whose requests became slower only because of it. */
function heirs(analysis: Analysis, winner: Hypothesis, places: Set<string>, most: number): RunnerUp[] {
  const { charges, before, after, byKey, byCall, change } = analysis
  const { texts } = charges.forest.traces
  const spans = winner.calls.length ? listOf(byCall, winner.calls[0]!) : winner.keys.length ? listOf(byKey, winner.keys[0]!) : []
  const found: RunnerUp[] = []
  if (!spans.length || most <= 0 || change.grown <= 0) return found
  for (let at = charges.forest.parent[spans[0]!]!; at >= 0 && found.length < most; at = charges.forest.parent[at]!) {
    const key = charges.key[at]!
    const { kind, service, operation } = charges.vocabulary.keys[key]!
    const name = `${texts[service]}\0${texts[operation]}\0null`
    if (kind !== 'local' || service === winner.service || places.has(name) || !before.keys[key]!.calls || !after.keys[key]!.calls) continue
    places.add(name)
    const own = Math.max(0, change.keys[key]!.total) / change.grown
    found.push({
      culprit: { service: texts[service]!, operation: texts[operation]!, remote: null, type: 'slow_local' }, explains: own,
      whyNot: { code: 'diagnosis.whyNot.inside', params: { share: { ratio: 1 - own }, winner: texts[winner.remote || winner.service]! } },
    })
  }
  return found
}

function caveatsOf({ analysis, input, ...rest }: Findings, winner: Hypothesis | undefined): Sentence[] {
  const { charges, covered, parameters } = analysis
  const caveats: Sentence[] = [...input.caveats ?? []]
  const weights = input.traces.weight
  const mean = input.sampling ?? (weights.length ? weights.reduce((sum, weight) => sum + weight, 0) / weights.length : 1)
  if (mean > 1.05) caveats.push({ code: 'diagnosis.caveat.sampled', params: { count: Math.round(mean) } })
  if (charges.forest.orphans) caveats.push({ code: 'diagnosis.caveat.orphans', params: { count: charges.forest.orphans } })
  if (charges.forest.skewed) caveats.push({ code: 'diagnosis.caveat.clocks', params: { count: charges.forest.skewed } })
  if (analysis.isWithinWindow) caveats.push({ code: 'diagnosis.caveat.within_window' })
  else if (hasPast(analysis) && rest.onset !== undefined && covered.before * 1_000 < parameters.baseline / 2) caveats.push({ code: 'diagnosis.caveat.short_baseline', params: { length: { micros: covered.before * 1e6 } } })
  const affected = [...analysis.endpoints].filter(endpoint => analysis.after.endpoints[endpoint]!.units > 0)
  const left = affected.filter(endpoint => analysis.before.endpoints[endpoint]!.units === 0).length
  if (left && left < affected.length) caveats.push({ code: 'diagnosis.caveat.no_baseline_endpoints', params: { count: left } })
  if (winner?.type !== 'missing_telemetry') {
    for (const { service } of findMissingTelemetry(analysis)) caveats.push({ code: 'diagnosis.caveat.missing_telemetry', params: { service: charges.forest.traces.texts[service]! } })
  }
  return caveats
}

