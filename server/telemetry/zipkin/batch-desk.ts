import { TraceCollector, buffersOf, type Traces } from '#shared/trace/trace-columns'
import type { Micros } from '#shared/units'
import { Moved } from '../worker-port'
import { wholeSpanOf, type IsMasked } from './span-meaning'
import { readZipkinSpan } from './zipkin-span'

const MIB = 1024 * 1024
/** Of all that may be chosen from; what comes then is counted and not held. */
const most = 128 * MIB

export interface HeldTrace {
  json: Buffer[]
  earliest: Micros
}

/** Traces that an analysis may choose from, as the bytes they came in, until it has chosen. */
export function createBatchDesk(isMasked: () => IsMasked) {
  const batches = new Map<number, { traces: Map<string, HeldTrace>, bytes: number }>()

  return {
    hold(batch: number, traceId: string, trace: HeldTrace): void {
      const held = batches.get(batch) ?? { traces: new Map<string, HeldTrace>(), bytes: 0 }
      batches.set(batch, held)
      const size = trace.json.reduce((sum, { length }) => sum + length, 0)
      if (held.traces.has(traceId) || held.bytes + size > most) return
      held.traces.set(traceId, trace)
      held.bytes += size
    },

    /** The chosen ones as columns; the rest is forgotten. */
    take(batch: number, chosen: readonly { traceId: string, weight: number }[]): Moved<Traces> {
      const held = batches.get(batch)?.traces
      batches.delete(batch)
      const collector = new TraceCollector()
      for (const { traceId, weight } of chosen) {
        const trace = held?.get(traceId)
        if (!trace) continue
        const seen = new Set<string>()
        collector.add(traceId, trace.json.flatMap((json) => {
          const span = readZipkinSpan(json)
          const key = span && `${span.id} ${span.kind} ${span.service}`
          if (!span || seen.has(key!)) return []
          seen.add(key!)
          return [wholeSpanOf(span, span.id, trace.earliest, isMasked())]
        }), weight)
      }
      const traces = collector.done()
      return new Moved(traces, buffersOf(traces))
    },

    drop: (batch: number) => void batches.delete(batch),
  }
}
