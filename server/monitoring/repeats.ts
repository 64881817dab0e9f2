import type { TraceSource } from '#server/telemetry/ports'
import { AppError } from '#shared/errors'
import type { RepeatAnswer } from '#shared/schemas/trace'
import { membersOf } from '#shared/trace/row-view'
import type { Skeleton } from '#shared/trace/skeleton'
import { compareAttributes } from './compare-attributes'

/** More are sampled: what thousands have in common shows in five hundred of them. */
const MOST_READ = 500

/** What the spans of a fold have in common. `key` is that of any of them. */
export async function readRepeat(traces: Pick<TraceSource, 'spansByKey'>, traceId: string, trace: Skeleton, key: string, signal?: AbortSignal): Promise<RepeatAnswer> {
  const span = trace.spanOf(key)
  const group = span < 0 ? -1 : trace.repeats.of[span]! - 1
  if (group < 0) throw new AppError('span.not_found', { key })
  const members = [...membersOf(trace, group)]
  const spans = await traces.spansByKey(traceId, spread(members, MOST_READ).map(trace.keyOf), signal)
  return { key: trace.keyOf(members[0]!), members: members.length, read: spans.length, ...compareAttributes(spans) }
}

/** At most so many, evenly from the first to the last. */
export function spread<T>(all: readonly T[], most: number): T[] {
  if (all.length <= most) return [...all]
  return Array.from({ length: most }, (_, i) => all[Math.round(i * (all.length - 1) / (most - 1))]!)
}
