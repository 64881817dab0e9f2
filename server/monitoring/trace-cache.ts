import type { Clock } from '#server/clock'
import type { KeptTrace } from '#server/incidents/incidents'
import type { TraceSkeletonAnswer, TraceSource } from '#server/telemetry/ports'
import { decodeSkeleton, type Skeleton } from '#shared/trace/skeleton'
import { MINUTE, SECOND } from '#shared/units'

export interface HeldTrace extends TraceSkeletonAnswer {
  trace: Skeleton
  /** No span came for a minute: it will not change any more. */
  settled: boolean
  /** Worked out once for as long as the trace is kept, promises too: a walk over 100,000 spans is felt by everybody. */
  once: <T>(what: string, work: () => T) => T
  /** Of the copy that an incident keeps: its source holds the trace no more, or does not answer. */
  kept?: KeptTrace
}

const MOST_BYTES = 64 * 1024 * 1024
/** A page asks for its answer and its skeleton at once; both should see the same. */
const SHORT = SECOND

/**
 * Skeletons, packed once. A settled trace is kept as long as there is room, one that still grows for a moment only;
 * questions for the same trace at the same time are one question.
 */
export function createTraceCache({ traces, clock }: { traces: TraceSource, clock: Clock }) {
  const held = new Map<string, { value: HeldTrace, at: number }>()
  const asked = new Map<string, Promise<HeldTrace | undefined>>()
  let bytes = 0

  function find(traceId: string): Promise<HeldTrace | undefined> {
    const known = held.get(traceId)
    if (known && (known.value.settled || clock.monotonic() - known.at < SHORT)) {
      held.delete(traceId)
      held.set(traceId, known)
      return Promise.resolve(known.value)
    }
    const underway = asked.get(traceId)
    if (underway) return underway
    const isCurrent = () => asked.get(traceId) === answer
    // Shared by all who ask, so nobody's going away may end it.
    const answer: Promise<HeldTrace | undefined> = load(traceId, isCurrent).finally(() => isCurrent() && asked.delete(traceId))
    asked.set(traceId, answer)
    return answer
  }

  /** Current until the trace grew meanwhile: then the answer is given to those who asked, but not kept. */
  async function load(traceId: string, isCurrent: () => boolean): Promise<HeldTrace | undefined> {
    const answer = await traces.skeleton(traceId)
    if (!answer) return undefined
    const settled = clock.now().getTime() - answer.lastArrival.getTime() >= MINUTE
    const value = { ...answer, trace: decodeSkeleton(answer.bytes), settled, once: createOnce() }
    if (!isCurrent()) return value
    drop(traceId)
    held.set(traceId, { value, at: clock.monotonic() })
    bytes += answer.bytes.byteLength
    for (const oldest of held.keys()) {
      if (bytes <= MOST_BYTES || oldest === traceId) break
      drop(oldest)
    }
    return value
  }

  function drop(traceId: string) {
    bytes -= held.get(traceId)?.value.bytes.byteLength ?? 0
    held.delete(traceId)
  }

  return {
    find,
    /** These grew: whoever asks from now on is told what has come. */
    forget(traceIds: readonly string[]) {
      for (const traceId of traceIds) {
        drop(traceId)
        asked.delete(traceId)
      }
    },
  }
}

/** It will not change any more. */
export function holdKept(kept: KeptTrace): HeldTrace {
  return { bytes: kept.bytes, lastArrival: kept.at, warnings: [], trace: decodeSkeleton(kept.bytes), settled: true, once: createOnce(), kept }
}

function createOnce(): HeldTrace['once'] {
  const made = new Map<string, unknown>()
  return <T>(what: string, work: () => T): T => {
    if (made.has(what)) return made.get(what) as T
    const value = work()
    made.set(what, value)
    // What failed is asked again next time.
    if (value instanceof Promise) value.catch(() => made.delete(what))
    return value
  }
}
