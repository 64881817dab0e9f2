import type { Sentence } from '#shared/text/text'
import type { Analysis } from './analysis'
import type { Contribution } from './contrast'
import type { Hypothesis } from './hypothesis'
import { SLOWER } from './symptoms'
import type { DecompositionRow, Diagnosis } from './verdict'

const MOST_ROWS = 8

/**
 * The bar: what each key adds to the change of the mean, largest first, what is small in one row; it sums to the change.
 * Without a winner and without a change to speak of it is all of the mean: where the time goes, whatever is usual.
 */
export function decompose(analysis: Analysis, winner: Hypothesis | undefined): Diagnosis['decomposition'] {
  const { change } = analysis
  if (winner || (change.before > 0 && change.after > SLOWER * change.before)) {
    return { before: change.before, after: change.after, rows: toRows(analysis, change.keys, winner) }
  }
  const { mean, keys } = timeSpent(analysis)
  return { isSpent: true, before: 0, after: mean, rows: toRows(analysis, keys, undefined) }
}

/** The mean of an affected request in the incident, and how much of it each key is. */
function timeSpent({ charges, cells, after, endpoints }: Analysis): { mean: number, keys: KeyTime[] } {
  const keys = charges.vocabulary.keys.map((_, key): KeyTime => ({ key, total: 0, duration: 0, rate: 0, product: 0 }))
  const affected = [...endpoints].map(endpoint => after.endpoints[endpoint]!)
  const units = affected.reduce((sum, endpoint) => sum + endpoint.units, 0)
  if (units === 0) return { mean: 0, keys: [] }
  for (let cell = 0; cell < cells.keys.count; cell++) {
    const time = endpoints.has(cells.keys.first[cell]!) ? (after.cells[cell]?.charge ?? 0) / units : 0
    keys[cells.keys.second[cell]!]!.total += time
    keys[cells.keys.second[cell]!]!.duration += time
  }
  return { mean: affected.reduce((sum, { total }) => sum + total, 0) / units, keys }
}

/** What is spent counts as time that was added to nothing. */
type KeyTime = Contribution & { key: number }

function toRows(analysis: Analysis, keys: readonly KeyTime[], winner: Hypothesis | undefined): DecompositionRow[] {
  const { charges } = analysis
  const { texts } = charges.forest.traces
  const sorted = keys.filter(({ total }) => total !== 0).sort((a, b) => Math.abs(b.total) - Math.abs(a.total) || a.key - b.key)
  const rows: DecompositionRow[] = sorted.slice(0, MOST_ROWS).map(({ key, total, duration, rate, product }) => {
    const { kind, service, operation, remote } = charges.vocabulary.keys[key]!
    const note = winner && noteOf(analysis, winner, key)
    return { kind, service: texts[service]!, operation: texts[operation]!, remote: remote ? texts[remote]! : null, change: total, duration, rate, product, ...(note && { note }) }
  })
  const rest: DecompositionRow = { kind: 'rest', service: '', operation: '', remote: null, change: 0, duration: 0, rate: 0, product: 0 }
  for (const { total, duration, rate, product } of sorted.slice(MOST_ROWS)) {
    rest.change += total
    rest.duration += duration
    rest.rate += rate
    rest.product += product
  }
  return rest.change === 0 ? rows : [...rows, rest]
}

/** The bar says where the time went, the verdict what decides; where they differ, the row says why. */
function noteOf({ charges, byKey, timeouts }: Analysis, winner: Hypothesis, key: number): Sentence | undefined {
  const [call] = winner.calls
  if (call === undefined) return undefined
  const { texts } = charges.forest.traces
  const { service, caller } = charges.vocabulary.calls[call]!
  const span = byKey.items[byKey.from[key]!]
  if (span === undefined || byKey.from[key] === byKey.from[key + 1]) return undefined
  let isBelow = false
  for (let at = span; at >= 0; at = charges.forest.parent[at]!) if (charges.call[at] === call) isBelow = true
  if (!isBelow) return undefined
  const timeout = timeouts.get(call)
  if (winner.type === 'timeout' && timeout) return { code: 'diagnosis.note.waits', params: { service: texts[service]!, limit: { micros: timeout.limit } } }
  if (winner.type === 'call_rate' || winner.type === 'n_plus_one') {
    return { code: 'diagnosis.note.inherits', params: { service: texts[service]!, operation: texts[charges.vocabulary.operations.second[caller]!]! } }
  }
  return undefined
}
