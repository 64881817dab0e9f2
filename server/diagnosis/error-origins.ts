import { findErrors } from '#shared/trace/error-origin'
import { FAILED, KIND, ORIGIN } from '#shared/trace/span-table'
import type { Charges } from './charge'
import { durationOf } from './forest'
import { CLIENT, NONE } from './link-spans'
import { isFailedUnit } from './summary'
import type { Timeout } from './timeouts'

/** Where a request's failure began: a span of the forest for each unit, -1 where it did not fail. */
export function findOrigins(charges: Charges, timeouts: ReadonlyMap<number, Timeout>): Int32Array {
  const { units, forest } = charges
  const origins = new Int32Array(units.count).fill(NONE)
  for (let unit = 0; unit < units.count; unit++) {
    if (!isFailedUnit(charges, unit)) continue
    const root = units.root[unit]!
    const origin = originBelow(charges, units.trace[unit]!, root)
    origins[unit] = cutAbove(charges, timeouts, origin >= 0 ? origin : root, root)
  }
  return explainRefusals(charges, origins, forest.traces.texts)
}

/** First failing span below in time and depth; by the rules of the trace page. */
export function originBelow({ forest }: Charges, trace: number, top: number): number {
  const base = forest.first[trace]!
  const bits = findErrors({ ...forest.table(trace), main: top - base })
  for (let span = top; span < top + forest.size[top]!; span++) if (bits[span - base]! & ORIGIN) return span
  // Turned away with a 4xx that nobody marked as an error: the deepest span that was answered so.
  let best = NONE
  for (let span = top; span < top + forest.size[top]!; span++) {
    const above = forest.parent[span]!
    if (!isRefusal(forest.traces.httpStatus[forest.source[span]!]!)) continue
    if (span === top || best < 0 || best === above) best = span
  }
  return best
}

const isRefusal = (status: number) => status === 401 || status === 408 || status === 429

/** What failed below a call after its caller had given up cannot be why the caller failed. */
function cutAbove({ forest, call }: Charges, timeouts: ReadonlyMap<number, Timeout>, origin: number, root: number): number {
  let found = origin
  for (let span = origin; span >= root && span >= 0; span = forest.parent[span]!) {
    const timeout = call[span]! >= 0 ? timeouts.get(call[span]!) : undefined
    if (timeout && durationOf(forest, span) >= 0.97 * timeout.limit) {
      found = span
      break
    }
  }
  return found
}

/** A breaker that is open, or a pool that is empty, answers for somebody else: symptoms, unless nothing else failed. */
const symptomatic = /breaker|CallNotPermitted|Bulkhead|PoolExhausted|ConnectionPoolTimeout|RejectedExecution|pool.*(?:exhaust|timeout)/i

function explainRefusals(charges: Charges, origins: Int32Array, texts: string[]): Int32Array {
  const { forest, units, call } = charges
  const failures = new Map<number, number[]>()
  const errorOf = (span: number) => texts[forest.traces.errorType[forest.source[span]!]!]!
  for (let span = 0; span < call.length; span++) {
    if (call[span]! < 0 || !(forest.flags[span]! & FAILED) || symptomatic.test(errorOf(span))) continue
    const list = failures.get(call[span]!)
    if (list) list.push(span)
    else failures.set(call[span]!, [span])
  }
  for (let unit = 0; unit < units.count; unit++) {
    const origin = origins[unit]!
    if (origin < 0 || call[origin]! < 0 || !symptomatic.test(errorOf(origin))) continue
    const first = failures.get(call[origin]!)?.find(span => charges.unit[span]! >= 0 && Math.abs(forest.start[span]! - forest.start[origin]!) < 60e6)
    if (first === undefined) continue
    const real = originBelow(charges, units.trace[charges.unit[first]!]!, first)
    if (real >= 0) origins[unit] = real
  }
  return origins
}

/** Origins of one kind: a call where nobody below failed, else an operation. Texts, so that both sides compare. */
export function originName(charges: Charges, origin: number): number {
  const { forest, vocabulary } = charges
  return (forest.flags[origin]! & KIND) === CLIENT ? vocabulary.operations.count + charges.call[origin]! : charges.operation[origin]!
}
