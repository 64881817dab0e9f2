import { ORPHAN } from '#shared/trace/span-table'
import type { Micros } from '#shared/units'
import type { Analysis } from './analysis'
import { contrastCalls } from './call-contrast'
import { groupCalls } from './call-groups'
import { proposeCalls } from './call-hypotheses'
import { chargeUnits, type Charges } from './charge'
import { judgeConfidence, resample } from './confidence'
import { contrastKeys, mixOf } from './contrast'
import { voteOnEdges } from './edge-blame'
import { proposeErrors } from './error-hypotheses'
import { findOrigins } from './error-origins'
import { explain } from './explain'
import { repairTraces } from './forest'
import type { Hypothesis } from './hypothesis'
import type { DiagnosisInput } from './input'
import { proposeKeys } from './key-hypotheses'
import { contrastLogs } from './log-contrast'
import { completenessOf, findMissingTelemetry } from './missing-telemetry'
import { listBy } from './occurrences'
import { defaults, type Parameters } from './parameters'
import { readProfile, usualOrigins } from './profile'
import { confinedPlace, qualify } from './qualify'
import { rankHypotheses, type Ranked } from './rank'
import { compareWithinWindow } from './same-window'
import { findServers, isOverrun } from './saturation'
import { secondCause } from './second-cause'
import { Cells, summarise, type Summary } from './summary'
import { findCommonOnset, seriesOfRed, seriesOfUnits, weighEndpoint } from './symptoms'
import { findTimeouts } from './timeouts'
import type { Diagnosis } from './verdict'
import { explainByLine, isUnbegun } from './waiting-line'
import { weighByCounts } from './weigh-by-counts'
import { BASELINE, INCIDENT, sideOf, windowsOf } from './windows'

/**
 * Who is guilty, how that shows, and how sure it is: S0 to S10 over one input, without I/O and without a clock of its
 * own. The same input gives the same answer, whatever the order of its spans. Never throws for what a sender sent;
 * where nothing stands out, or there is nothing to compare with, `culprit` is null and the title says so.
 *
 * Takes tens to hundreds of milliseconds: call it through `createDiagnoser`, which runs it in a worker.
 */
export function diagnose(input: DiagnosisInput, parameters: Parameters = defaults): Diagnosis {
  const forest = repairTraces(input.traces, parameters)
  const isNamed = (service: string, operation: string) => input.symptoms.some(symptom => symptom.service === service && symptom.operation === operation)
  let charges = chargeUnits(forest)
  // A service in the middle is looked at from its own door.
  if (input.symptoms.length && !areEntered(charges, isNamed)) charges = chargeUnits(forest, isNamed)
  const named = namedEndpoints(charges, isNamed)
  const found = input.onset === undefined ? findCommonOnset(seriesToSearch(input, charges, named), input, parameters) : undefined
  const onset = input.onset ?? found?.onset
  const diagnosis = judge(found ? { ...input, excluded: [...input.excluded, ...found.over] } : input, charges, named, onset, parameters)
  // An onset that was found in no particular endpoint may be one of anything; what is wrong now shows in the last minute.
  return diagnosis.culprit || named.size || input.onset !== undefined || onset === undefined ? diagnosis : judge(input, charges, named, undefined, parameters)
}

/** S3 to S10, for windows around one onset. */
function judge(input: DiagnosisInput, charged: Charges, named: ReadonlySet<number>, onset: Micros | undefined, parameters: Parameters): Diagnosis {
  // Where no series tells when it began, it was about to when it was noticed: what came after is no baseline.
  const windows = windowsOf(onset ?? Math.min(input.noticed ?? Infinity, input.at) - parameters.shortestIncident * 1_000, input.at, input.excluded, parameters)
  const sides = Uint8Array.from(charged.units.start, start => sideOf(start, windows, input.excluded))
  const charges = input.isKept ? weighByCounts(charged, sides, windows, input.series) : charged
  const groups = groupCalls(charges)
  const cells = new Cells()
  // Its names get their numbers before anything is counted by number.
  const learned = input.baseline && readProfile(input.baseline, { texts: charges.forest.traces.texts, vocabulary: charges.vocabulary, cells })
  const usual = () => {
    const summary = summarise({ charges, groups, cells, side: BASELINE, sides })
    learned?.addTo(summary)
    return summary
  }
  let before = usual()
  const isWithinWindow = compareWithinWindow(charges, sides, before, named, parameters)
  if (isWithinWindow) before = usual()
  const after = summarise({ charges, groups, cells, side: INCIDENT, sides })
  const candidates = named.size ? named : new Set(charges.units.endpoint)
  const disturbed = [...candidates].filter(endpoint => isDisturbed(before, after, endpoint))
  const isNoticed = named.size > 0 && !input.isAsked
  const endpoints = new Set(isNoticed || !disturbed.length ? candidates : disturbed)
  const isIncident = (span: number) => charges.unit[span]! >= 0 && sides[charges.unit[span]!] === INCIDENT
  const byCall = listBy(charges.call, charges.vocabulary.calls.length, isIncident)
  const timeouts = findTimeouts(charges, byCall, before, parameters, isWithinWindow)
  const servers = findServers(charges)
  const services = new Set([...servers].map(operation => charges.vocabulary.operations.first[operation]!))

  const analysis: Analysis = {
    charges, isKept: input.isKept === true, isWithinWindow, groups, cells, windows, sides, endpoints, before, after, timeouts, servers, byCall, parameters,
    change: contrastKeys({ charges, cells, before, after, endpoints, sides, parameters }),
    calls: contrastCalls({ charges, cells, before, after, endpoints }),
    byKey: listBy(charges.key, charges.vocabulary.keys.length, isIncident),
    origins: findOrigins(charges, timeouts),
    usualOrigins: usualOrigins(charges, learned),
    covered: { before: secondsCovered(charges, sides, windows.baseline) + (learned?.seconds ?? 0) },
    isInstrumented: remote => services.has(remote),
    blame: voteOnEdges({ charges, before, after, parameters }),
    weights: weigh(endpoints, before, after, isNoticed),
  }
  const ranked = rank(analysis, input)
  const winner = ranked[0]?.hypothesis
  const stability = resample(analysis, ranked)
  const judged = judgeConfidence({
    stability, draws: parameters.draws, explained: winner ? Math.max(winner.latency, winner.errors) : 0, calls: winner?.seen ?? 0,
    completeness: completenessOf(charges), shortBaseline: analysis.covered.before < parameters.baseline / 1_000 / 2,
    change: Math.max(analysis.change.after / Math.max(1, analysis.change.before), 1 + 10 * analysis.weights.errors), hasOnset: onset !== undefined, isWithinWindow, isWeak: winner?.isWeak === true, isHole: winner?.type === 'missing_telemetry',
    isOverrun: winner !== undefined && isOverrun(analysis, winner.service), isUnbegun: winner !== undefined && isUnbegun(analysis, winner),
  })
  const shared = winner && confinedPlace(analysis, ranked)
  return explain({
    analysis, input, ranked, stability, ...judged, ...(onset !== undefined && { onset }),
    ...(winner && { qualified: shared ?? qualify(analysis, winner) }), isConfined: shared !== undefined,
    second: winner && !shared ? secondCause(analysis, ranked) : undefined,
  })
}

/** Whether whole requests begin there: of a trace whose beginning is still on its way any part may seem to be one. */
function areEntered({ units, vocabulary: { operations }, forest: { traces, flags } }: Charges, isNamed: (service: string, operation: string) => boolean): boolean {
  return units.root.some((root, unit) => {
    const endpoint = units.endpoint[unit]!
    return !(flags[root]! & ORPHAN) && isNamed(traces.texts[operations.first[endpoint]!]!, traces.texts[operations.second[endpoint]!]!)
  })
}

function namedEndpoints({ units, vocabulary: { operations }, forest: { traces } }: Charges, isNamed: (service: string, operation: string) => boolean): Set<number> {
  return new Set([...new Set(units.endpoint)].filter(endpoint => isNamed(traces.texts[operations.first[endpoint]!]!, traces.texts[operations.second[endpoint]!]!)))
}

/** The series of the affected endpoints: as counted before sampling where they were sent, else from the traces. */
function seriesToSearch(input: DiagnosisInput, charges: Charges, named: ReadonlySet<number>) {
  // How long messages waited stands in no counted series.
  const queued = new Set(charges.queue.unit.map(unit => charges.units.endpoint[unit]!))
  const waiting = [...named].filter(endpoint => queued.has(endpoint)).map(endpoint => seriesOfUnits(charges, endpoint))
  const counted = input.series.filter(({ kind, service, operation }) => kind === 'server' && input.symptoms.some(symptom => symptom.service === service && symptom.operation === operation))
  if (counted.length + waiting.length) return [...counted.map(seriesOfRed), ...waiting]
  return [...named.size ? named : new Set(charges.units.endpoint)].map(endpoint => seriesOfUnits(charges, endpoint))
}

function isDisturbed(before: Summary, after: Summary, endpoint: number): boolean {
  const { latency, errors } = weighEndpoint(before.endpoints[endpoint]!, after.endpoints[endpoint]!, false)
  return latency > 0 || errors > 0
}

/** The affected endpoints together, mixed as in the incident. */
function weigh(endpoints: ReadonlySet<number>, before: Summary, after: Summary, isNoticed: boolean): Analysis['weights'] {
  const weights = { latency: 0, errors: 0 }
  for (const [endpoint, share] of mixOf(endpoints, before, after)) {
    const { latency, errors } = weighEndpoint(before.endpoints[endpoint]!, after.endpoints[endpoint]!, isNoticed)
    weights.latency += share * latency
    weights.errors += share * errors
  }
  return weights
}

/** Of a baseline of an hour, only the part from which traces came says anything about rates. */
function secondsCovered({ units }: Charges, sides: Uint8Array, baseline: { from: number, to: number }): number {
  let first = baseline.to
  for (let unit = 0; unit < units.count; unit++) if (sides[unit] === BASELINE) first = Math.min(first, units.start[unit]!)
  return Math.max(1, (baseline.to - first) / 1e6)
}

const PLAIN = 0.3

/** S5 to S9. */
function rank(analysis: Analysis, input: DiagnosisInput): Ranked[] {
  const proposed = explainByLine(analysis, [...proposeCalls(analysis), ...proposeKeys(analysis)])
  const hypotheses = explainByLine(analysis, [...proposed, ...proposeErrors(analysis, proposed)])
  if (!hypotheses.some(({ isWeak }) => !isWeak)) hypotheses.push(...proposeKeys(analysis, true))
  contrastLogs(analysis, input, hypotheses)
  const { texts } = analysis.charges.forest.traces
  const earliest = analysis.windows.onset - 15 * 60e6
  const isChanged = ({ service }: Hypothesis) => input.changes.some(change => change.service === texts[service] && change.at >= earliest && change.at <= analysis.windows.onset + 60e6)
  const ranked = rankHypotheses(analysis, hypotheses, isChanged)
  const silent = input.symptoms.length ? [] : findMissingTelemetry(analysis).map(hypothesis => ({ hypothesis, score: 0, isChanged: false, depth: 0 }))
  // A hole in what is seen moves figures a little; it must not hide a trouble that is plain.
  return silent.length && (ranked[0]?.score ?? 0) < PLAIN ? [...silent, ...ranked] : ranked
}
