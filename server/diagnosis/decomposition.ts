import type { Sentence } from '#shared/text/text'
import type { Analysis } from './analysis'
import type { Hypothesis } from './hypothesis'
import type { DecompositionRow, Diagnosis } from './verdict'

const MOST_ROWS = 8

/** The bar: what each key adds to the change of the mean, largest first, what is small in one row; it sums to the change. */
export function decompose(analysis: Analysis, winner: Hypothesis | undefined): Diagnosis['decomposition'] {
  const { change, charges } = analysis
  const { texts } = charges.forest.traces
  const sorted = change.keys.filter(({ total }) => total !== 0).sort((a, b) => Math.abs(b.total) - Math.abs(a.total) || a.key - b.key)
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
  return { before: change.before, after: change.after, rows: rest.change === 0 ? rows : [...rows, rest] }
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
