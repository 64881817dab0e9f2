import type { Micros } from '#shared/units'
import { groupCalls } from './call-groups'
import { chargeUnits, type Charges } from './charge'
import { findOrigins, originName } from './error-origins'
import { repairTraces } from './forest'
import { LogHistogram } from './log-histogram'
import { defaults, type Parameters } from './parameters'
import { Cells, emptySummary, summarise, type Summary } from './summary'
import type { Traces } from '#shared/trace/trace-columns'
import { Vocabulary, type Call, type Key } from './vocabulary'
import { BASELINE, NEITHER } from './windows'

/**
 * What is usual, without the traces it was learned from: durations as sketches, calls per caller, presence, attempts,
 * failures, by key and endpoint. Plain data, a few kilobytes a service; two add up, so that it can be learned minute by
 * minute and kept for an hour, or for the same hour of other weeks. Numbers are places in its own `texts`.
 */
export interface Profile {
  /** How long it was learned. */
  seconds: number
  texts: string[]
  operations: [service: number, name: number][]
  keys: Key[]
  calls: Call[]
  /** Cells: endpoint (an operation) with key, and with call. */
  keyCells: [endpoint: number, key: number][]
  callCells: [endpoint: number, call: number][]
  sums: Omit<Summary, 'endpoints' | 'keys' | 'calls'> & {
    endpoints: (Omit<Summary['endpoints'][number], 'times'> & { times: Sketch })[]
    keys: (Omit<Summary['keys'][number], 'times'> & { times: Sketch })[]
    calls: (Omit<Summary['calls'][number], 'times'> & { times: Sketch })[]
  }
  /** Failures by where they began: an operation, or a call that nobody answered. */
  origins: { endpoint: number, operation?: number, call?: number, weight: number }[]
}

/** Lowest class in use, and counts from there. */
type Sketch = [low: number, ...counts: number[]]

/** Rolls up one window of traces. */
export function learnProfile(traces: Traces, window: { from: Micros, to: Micros }, parameters: Parameters = defaults): Profile {
  const charges = chargeUnits(repairTraces(traces, parameters))
  const cells = new Cells()
  const sides = Uint8Array.from(charges.units.start, start => start >= window.from && start < window.to ? BASELINE : NEITHER)
  const sums = summarise({ charges, groups: groupCalls(charges), cells, side: BASELINE, sides })
  const origins = new Map<string, Profile['origins'][number]>()
  for (const [unit, origin] of findOrigins(charges, new Map()).entries()) {
    if (origin < 0 || sides[unit] !== BASELINE) continue
    const endpoint = charges.units.endpoint[unit]!
    const name = originName(charges, origin)
    const entry = origins.get(`${endpoint} ${name}`) ?? { endpoint, ...(name < charges.vocabulary.operations.count ? { operation: name } : { call: name - charges.vocabulary.operations.count }), weight: 0 }
    entry.weight += charges.units.weight[unit]!
    origins.set(`${endpoint} ${name}`, entry)
  }
  return write({ seconds: (window.to - window.from) / 1e6, texts: traces.texts, vocabulary: charges.vocabulary, cells, sums, origins: [...origins.values()] })
}

/** Several windows as one. */
export function mergeProfiles(profiles: readonly Profile[]): Profile {
  const texts: string[] = ['']
  const vocabulary = new Vocabulary()
  const cells = new Cells()
  const read = profiles.map(profile => readProfile(profile, { texts, vocabulary, cells }))
  const sums = emptySummary(vocabulary)
  for (const one of read) one.addTo(sums)
  return write({ seconds: profiles.reduce((sum, { seconds }) => sum + seconds, 0), texts, vocabulary, cells, sums, origins: read.flatMap(({ origins }) => origins) })
}

export interface ReadProfile {
  seconds: number
  origins: Profile['origins']
  addTo: (summary: Summary) => void
}

/** Gives everything in a profile its number in a vocabulary; sums are added once all have theirs. */
export function readProfile({ seconds, texts, operations, keys, calls, keyCells, callCells, sums, origins }: Profile, into: { texts: string[], vocabulary: Vocabulary, cells: Cells }): ReadProfile {
  const known = new Map(into.texts.map((text, number) => [text, number]))
  const text = texts.map((value) => {
    const held = known.get(value)
    if (held !== undefined) return held
    known.set(value, into.texts.length)
    return into.texts.push(value) - 1
  })
  const operation = operations.map(([service, name]) => into.vocabulary.operations.add(text[service]!, text[name]!))
  const key = keys.map(({ kind, service, operation: name, remote, callee }) => {
    const number = into.vocabulary.operations.add(text[service]!, text[name]!)
    if (kind === 'local') return into.vocabulary.local(number)
    return kind === 'edge' ? into.vocabulary.edge(number, text[remote]!, text[callee]!) : into.vocabulary.queue(number, text[remote]!)
  })
  const call = calls.map(({ service, caller, operation: name, remote }) => into.vocabulary.call(operation[caller]!, into.vocabulary.operations.add(text[service]!, text[name]!), text[remote]!))
  const keyCell = keyCells.map(([endpoint, number]) => into.cells.keys.add(operation[endpoint]!, key[number]!))
  const callCell = callCells.map(([endpoint, number]) => into.cells.calls.add(operation[endpoint]!, call[number]!))
  return {
    seconds,
    origins: origins.map(origin => ({
      endpoint: operation[origin.endpoint]!, weight: origin.weight,
      ...(origin.operation !== undefined && { operation: operation[origin.operation]! }), ...(origin.call !== undefined && { call: call[origin.call]! }),
    })),
    addTo(summary) {
      summary.units += sums.units
      for (const [i, entry] of sums.endpoints.entries()) add(summary.endpoints[operation[i]!]!, entry)
      for (const [i, entry] of sums.operations.entries()) add(summary.operations[operation[i]!]!, entry)
      for (const [i, entry] of sums.keys.entries()) add(summary.keys[key[i]!]!, entry)
      for (const [i, entry] of sums.calls.entries()) add(summary.calls[call[i]!]!, entry)
      for (const [i, entry] of sums.cells.entries()) add(summary.cells[keyCell[i]!] ??= { calls: 0, charge: 0 }, entry)
      for (const [i, entry] of sums.callCells.entries()) add(summary.callCells[callCell[i]!] ??= { calls: 0, inclusive: 0 }, entry)
    },
  }
}

function write({ seconds, texts, vocabulary, cells, sums, origins }: { seconds: number, texts: string[], vocabulary: Vocabulary, cells: Cells, sums: Summary, origins: Profile['origins'] }): Profile {
  const withSketch = <T extends { times: LogHistogram }>(entry: T) => ({ ...entry, times: sketchOf(entry.times) })
  // Attributes share the table of texts with names; a profile keeps only what it names.
  const used: string[] = []
  const numbers = new Map<number, number>()
  const text = (number: number) => {
    let known = numbers.get(number)
    if (known === undefined) numbers.set(number, known = used.push(texts[number]!) - 1)
    return known
  }
  const pairs = ({ first, second }: { first: number[], second: number[] }) => first.map((value, i): [number, number] => [value, second[i]!])
  return {
    seconds,
    operations: pairs(vocabulary.operations).map(([service, name]) => [text(service), text(name)]),
    keys: vocabulary.keys.map(key => ({ ...key, service: text(key.service), operation: text(key.operation), remote: text(key.remote), callee: text(key.callee) })),
    calls: vocabulary.calls.map(call => ({ ...call, service: text(call.service), operation: text(call.operation), remote: text(call.remote) })),
    keyCells: pairs(cells.keys), callCells: pairs(cells.calls), texts: used, origins,
    sums: {
      units: sums.units, operations: sums.operations,
      endpoints: sums.endpoints.map(withSketch), keys: sums.keys.map(withSketch), calls: sums.calls.map(withSketch),
      cells: Array.from({ length: cells.keys.count }, (_, i) => sums.cells[i] ?? { calls: 0, charge: 0 }),
      callCells: Array.from({ length: cells.calls.count }, (_, i) => sums.callCells[i] ?? { calls: 0, inclusive: 0 }),
    },
  }
}

function sketchOf({ counts }: LogHistogram): Sketch {
  const low = counts.findIndex(count => count > 0)
  const high = counts.findLastIndex(count => count > 0)
  return low < 0 ? [0] : [low, ...counts.subarray(low, high + 1)]
}

function add<T extends object>(to: T, from: { [K in keyof T]: T[K] extends LogHistogram ? Sketch : T[K] }): void {
  for (const [name, value] of Object.entries(from)) {
    const held = to[name as keyof T]
    if (held instanceof LogHistogram) held.addCounts(value as Sketch)
    else (to as Record<string, number>)[name] = (held as number) + (value as number)
  }
}

/** Rates of failures that are usual, for those who compare origins. */
export function usualOrigins({ vocabulary }: Pick<Charges, 'vocabulary'>, profile: ReadProfile | undefined): { endpoint: number, name: number, weight: number }[] {
  return profile?.origins.map(({ endpoint, operation, call, weight }) => ({ endpoint, name: operation ?? vocabulary.operations.count + call!, weight })) ?? []
}
