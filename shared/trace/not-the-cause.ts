import { pathCharges } from './critical-path'
import type { Skeleton } from './skeleton'
import { FAILED, ON_ERROR_CHAIN } from './span-table'

/** What decided a request; ticks. */
export interface Cause {
  span: number
  /** A fold of so many, where it was none of them alone. */
  count?: number
  from: number
  lasts: number
}

/** Less cannot have decided; and nothing is said unless what did is at least half. */
const SMALL = 0.1
const DECIDES = 0.5

/**
 * The cause that the verdict names, where it is certain that these spans are no part of it: they stand beside it and
 * not above or below, none failed or passed the error on, and of what the caller waited for they and all below them
 * took less than a tenth. Undefined wherever that cannot be computed.
 *
 *   root     |==============================|
 *   these      |==|                            not the cause here
 *   about          |=======================|
 */
export function otherCause(trace: Skeleton, about: number, spans: readonly number[]): Cause | undefined {
  const { main } = trace
  if (main < 0 || about < 0 || spans.length === 0) return undefined
  const total = trace.duration[main]!
  const cause = describe(trace, about)
  if (cause.lasts < DECIDES * total) return undefined
  const charges = pathCharges(trace)
  let waited = 0
  for (const span of spans) {
    const isKin = contains(trace, span, about) || contains(trace, about, span) || (cause.count !== undefined && trace.repeats.of[span] === trace.repeats.of[about])
    if (isKin || trace.flags[span]! & (FAILED | ON_ERROR_CHAIN)) return undefined
    for (let at = span; at < span + trace.size[span]!; at++) waited += charges[at]!
  }
  return waited < SMALL * total ? cause : undefined
}

function describe(trace: Skeleton, about: number): Cause {
  const repeat = trace.repeats.list[trace.repeats.of[about]! - 1]
  if (!repeat) return { span: about, from: trace.start[about]!, lasts: trace.duration[about]! }
  return { span: repeat.first, count: repeat.count, from: trace.start[repeat.first]!, lasts: repeat.together }
}

const contains = (trace: Skeleton, outer: number, inner: number) => inner >= outer && inner < outer + trace.size[outer]!
