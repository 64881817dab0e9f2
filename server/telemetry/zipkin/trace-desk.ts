import { createKeyMask } from '#shared/masked-keys'
import { encodeSkeleton } from '#shared/trace/skeleton'
import type { SkeletonSpan } from '#shared/trace/skeleton-span'
import { linkSpans } from '#shared/trace/span-links'
import type { Micros } from '#shared/units'
import { Moved } from '../worker-port'
import { BadAnswer } from './bad-answer'
import { createBatchDesk } from './batch-desk'
import { readBatch, type BatchQuestion } from './batch-reading'
import { readSearch } from './search-reading'
import { createSpanSplitter } from './span-splitter'
import { skeletonSpanOf, wholeSpanOf } from './span-meaning'
import { createFactsReader, type ReadingRules } from './trace-facts'
import type { Question, Reading } from './trace-list'
import { readZipkinSpan, type ZipkinSpan } from './zipkin-span'

const MIB = 1024 * 1024
/** Of one trace, to look its spans up by; larger ones are read again. */
const largestHeld = 128 * MIB
const mostHeld = 256 * MIB
/** Of a span that does not say when it began: as early as its trace, once that is known. */
const NO_TIME = -1

export interface ReadTrace {
  /** The packed skeleton. */
  bytes: ArrayBuffer
  /** As Zipkin gave them, copies included. */
  spans: number
  /** Could not be read. */
  bad: number
  /** Of the span that ended last, by its sender's clock. */
  lastEnd: Micros
  /** Whether its spans can be asked for. */
  held: boolean
}

export type TraceDeskVerbs = ReturnType<typeof createTraceDesk>

interface Held {
  json: Buffer[]
  ids: string[]
  bytes: number
  earliest: Micros
}

/**
 * The worker's side: takes Zipkin's answers as they arrive, looks at each span once and keeps what is asked for. It
 * knows nothing of threads. A trace stays here for a while, as the bytes it came in, for whoever looks at its spans.
 */
export function createTraceDesk() {
  const readings = new Map<number, Reading>()
  const held = new Map<string, Held>()
  let heldBytes = 0
  let factsOf = createFactsReader({ consumerAttributes: [], routes: [] })
  let isMasked = createKeyMask([])
  const batches = createBatchDesk(() => isMasked)

  function hold(traceId: string, trace: Held) {
    drop(traceId)
    held.set(traceId, trace)
    heldBytes += trace.bytes
    for (const oldest of held.keys()) {
      if (heldBytes <= mostHeld || oldest === traceId) break
      drop(oldest)
    }
  }

  function drop(traceId: string) {
    heldBytes -= held.get(traceId)?.bytes ?? 0
    held.delete(traceId)
  }

  function readTrace(traceId: string): Reading {
    const spans: SkeletonSpan[] = []
    const trace: Held = { json: [], ids: [], bytes: 0, earliest: Infinity }
    let bad = 0
    const splitter = createSpanSplitter(1, {
      span(json) {
        const span = readZipkinSpan(json)
        if (!span) return void bad++
        spans.push(skeletonSpanOf(span, NO_TIME))
        trace.earliest = Math.min(trace.earliest, span.timestamp ?? Infinity)
        trace.bytes += json.length
        if (trace.bytes > largestHeld) trace.json.length = 0
        else {
          trace.json.push(json)
          trace.ids.push(span.id)
        }
      },
      tooLarge: () => void bad++,
    })
    return {
      push: splitter.push,
      end(): Moved<ReadTrace> | undefined {
        splitter.end()
        if (trace.earliest === Infinity) return undefined
        const isHeld = trace.bytes <= largestHeld
        if (isHeld) hold(traceId, trace)
        for (const span of spans) if (span.start === NO_TIME) span.start = trace.earliest
        const lastEnd = spans.reduce((latest, { start, duration }) => Math.max(latest, start + duration), 0)
        const bytes = encodeSkeleton(spans)
        return new Moved({ bytes, spans: spans.length, bad, lastEnd, held: isHeld }, [bytes])
      },
    }
  }

  function begin(id: number, reading: Reading) {
    readings.set(id, reading)
  }

  return {
    setRules(rules: ReadingRules): void {
      factsOf = createFactsReader(rules)
      isMasked = createKeyMask(rules.maskedKeys)
    },
    beginTrace: (id: number, traceId: string) => begin(id, readTrace(traceId)),
    beginTraces: (id: number, question: Question) => begin(id, readSearch(question, factsOf)),
    beginBatch: (id: number, batch: number, question: BatchQuestion) => begin(id, readBatch(question, factsOf, (traceId, trace) => batches.hold(batch, traceId, trace))),
    takeBatch: batches.take,
    dropBatch: batches.drop,
    push(id: number, bytes: ArrayBuffer): void {
      const reading = readings.get(id)
      if (!reading) throw new BadAnswer('nothing was begun')
      reading.push(Buffer.from(bytes))
    },
    end(id: number): ReturnType<Reading['end']> {
      const reading = readings.get(id)
      readings.delete(id)
      return reading?.end()
    },
    /** Nothing more comes of it. */
    abandon: (id: number) => void readings.delete(id),

    /** By key, in the order of the keys; undefined where the trace is not held here any more. */
    spansByKey(traceId: string, keys: readonly string[]) {
      const trace = held.get(traceId)
      if (!trace) return undefined
      held.delete(traceId)
      held.set(traceId, trace)
      return keys.flatMap((key) => {
        const sharing = trace.json.filter((_, i) => trace.ids[i] === key.slice(0, 16)).flatMap(json => readZipkinSpan(json) ?? [])
        const span = chooseByKey(sharing, key, trace.earliest)
        return span ? [wholeSpanOf(span, key, trace.earliest, isMasked)] : []
      })
    },

    /** Some spans in the order they came in; undefined where the trace is not held here any more. */
    spans(traceId: string, from: number, count: number) {
      const trace = held.get(traceId)
      return trace?.json.slice(from, from + count).flatMap(json => readZipkinSpan(json) ?? []).map(span => wholeSpanOf(span, span.id, trace.earliest, isMasked))
    },
  }
}

/** Of spans that share an id, the one that the tree knows by this key. */
export function chooseByKey(sharing: readonly ZipkinSpan[], key: string, start: Micros): ZipkinSpan | undefined {
  const skeletons = sharing.map(span => skeletonSpanOf(span, start))
  const links = linkSpans(skeletons)
  const at = links.keys.indexOf(key)
  return at < 0 || at >= links.received ? undefined : sharing[skeletons.indexOf(links.spans[at]!)]
}
