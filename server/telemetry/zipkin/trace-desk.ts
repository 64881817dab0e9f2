import { createKeyMask } from '#shared/masked-keys'
import { encodeSkeleton } from '#shared/trace/skeleton'
import type { SkeletonSpan } from '#shared/trace/skeleton-span'
import { linkSpans } from '#shared/trace/span-links'
import type { Micros } from '#shared/units'
import type { TraceQuery } from '../ports'
import { Moved } from '../worker-port'
import { BadAnswer } from './bad-answer'
import { createBatchDesk } from './batch-desk'
import { createSpanSplitter } from './span-splitter'
import { skeletonSpanOf, wholeSpanOf } from './span-meaning'
import { createFactsReader, type ReadingRules, type SpanFacts } from './trace-facts'
import { matches, outcomeOf, profileOf, summarise, type AnsweredTrace } from './trace-summary'
import { readZipkinSpan, type ZipkinSpan } from './zipkin-span'

const MIB = 1024 * 1024
/** Of one trace, to look its spans up by; larger ones are read again. */
const largestHeld = 128 * MIB
const mostHeld = 256 * MIB
/** Spans whose critical path one answer may work out; larger traces are left without. */
const mostPathSpans = 30_000
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

export interface Question {
  query: TraceQuery
  /** Whole milliseconds: `endTs` of the question to Zipkin, whose order goes by what began until then. */
  until: Micros
}

/** For a batch: traces that match `query`, and which of the places they pass. */
export interface BatchQuestion extends Question {
  places: readonly { service: string, method?: string, routeKey?: string, operation?: string }[]
}

export interface ReadTraces {
  traces: AnsweredTrace[]
  spans: number
  bad: number
}

/** A trace that an analysis may choose. */
export interface BatchedTrace {
  traceId: string
  /** Start of its youngest span that began until the question's `until`: what Zipkin orders by. */
  latest: Micros
  startedAt: Micros
  duration: Micros
  failed: boolean
  /** Which of the places of the question, by their number. */
  places: number[]
  /** How likely it was kept, where its sender says so. */
  kept?: number
}

export interface ReadBatch {
  /** Of those that Zipkin gave, the ones that fit. */
  traces: BatchedTrace[]
  given: number
  earliest: Micros
  spans: number
  bad: number
}

export type TraceDeskVerbs = ReturnType<typeof createTraceDesk>

interface Reading {
  push: (chunk: Buffer) => void
  end: () => unknown
}

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

  function readTraces({ query, until }: Question): Reading {
    const traces: AnsweredTrace[] = []
    let spans: ZipkinSpan[] = []
    let all = 0
    let bad = 0
    let pathSpans = 0
    const splitter = createSpanSplitter(2, {
      span(json) {
        const span = readZipkinSpan(json)
        if (span) spans.push(span)
        else bad++
      },
      tooLarge: () => void bad++,
      traceEnd() {
        if (spans.length > 0) traces.push(answered(spans))
        all += spans.length
        spans = []
      },
    })

    function answered(spans: ZipkinSpan[]): AnsweredTrace {
      const { traceId } = spans[0]!
      const began = spans.flatMap(({ timestamp }) => timestamp ?? [])
      const latest = began.reduce((latest, at) => (at <= until + 999 ? Math.max(latest, at) : latest), 0)
      const earliest = began.reduce((earliest, at) => Math.min(earliest, at), Infinity)
      const facts = once(spans.map(span => factsOf(span, earliest)))
      const answer = { traceId, latest, spans: spans.length }
      if (earliest === Infinity) return answer
      const withPath = pathSpans + spans.length <= mostPathSpans
      const summary = summarise(traceId, facts, false)
      const service = query.service?.toLowerCase()
      const orderedBy = facts.reduce((first, { span }) => (service === undefined || span.service === service ? Math.min(first, span.start) : first), Infinity)
      const within = orderedBy >= query.window.from.getTime() * 1000 && orderedBy < query.window.to.getTime() * 1000
      if (!within || !matches(facts, summary, query)) return answer
      if (withPath) pathSpans += spans.length
      const kept = facts.find(each => each.kept !== undefined)?.kept
      return { ...answer, found: {
        summary: withPath ? summarise(traceId, facts, true) : summary, orderedBy, outcome: outcomeOf(summary), spans: spans.length, ...(kept !== undefined && { kept }),
        profile: profileOf(facts, summary, service),
      } }
    }

    return {
      push: splitter.push,
      end(): ReadTraces {
        splitter.end()
        return { traces, spans: all, bad }
      },
    }
  }

  function readBatch(batch: number, { query, until, places }: BatchQuestion): Reading {
    const answer: ReadBatch = { traces: [], given: 0, earliest: Infinity, spans: 0, bad: 0 }
    let spans: ZipkinSpan[] = []
    let json: Buffer[] = []
    const splitter = createSpanSplitter(2, {
      span(bytes) {
        const span = readZipkinSpan(bytes)
        if (!span) return void answer.bad++
        spans.push(span)
        json.push(bytes)
      },
      tooLarge: () => void answer.bad++,
      traceEnd() {
        answer.spans += spans.length
        if (spans.length > 0) look()
        spans = []
        json = []
      },
    })

    function look() {
      answer.given++
      const { traceId } = spans[0]!
      const began = spans.flatMap(({ timestamp }) => timestamp ?? [])
      const earliest = began.reduce((first, at) => Math.min(first, at), Infinity)
      const latest = began.reduce((last, at) => (at <= until + 999 ? Math.max(last, at) : last), 0)
      answer.earliest = Math.min(answer.earliest, latest)
      if (earliest === Infinity) return
      const facts = once(spans.map(span => factsOf(span, earliest)))
      const summary = summarise(traceId, facts, false)
      const service = query.service?.toLowerCase()
      const own = facts.filter(({ span }) => service === undefined || span.service === service)
      const startedAt = own.reduce((first, { span }) => Math.min(first, span.start), Infinity)
      const within = startedAt >= query.window.from.getTime() * 1000 && startedAt < query.window.to.getTime() * 1000
      if (!within || !matches(facts, summary, query)) return
      const requests = own.filter(({ request }) => request !== undefined).map(({ span }) => span.duration)
      const kept = facts.find(each => each.kept !== undefined)?.kept
      answer.traces.push({
        traceId, latest, startedAt, failed: summary.failed, places: places.flatMap((place, i) => matches(facts, summary, { ...place, window: query.window, limit: 0 }) ? [i] : []), ...(kept !== undefined && { kept }),
        duration: service !== undefined && requests.length ? Math.max(...requests) : summary.rootDuration ?? summary.duration,
      })
      batches.hold(batch, traceId, { json, earliest })
    }

    return {
      push: splitter.push,
      end(): ReadBatch {
        splitter.end()
        return answer
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
    beginTraces: (id: number, question: Question) => begin(id, readTraces(question)),
    beginBatch: (id: number, batch: number, question: BatchQuestion) => begin(id, readBatch(batch, question)),
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

/** Zipkin gives back what was sent twice; one of each (id, kind, service), as the tree has it. */
function once(facts: readonly SpanFacts[]): SpanFacts[] {
  const kept = new Set(linkSpans(facts.map(({ span }) => span)).spans)
  return facts.filter(({ span }) => kept.has(span))
}
