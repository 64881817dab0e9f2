import { linkSpans } from '#shared/trace/span-links'
import type { Micros } from '#shared/units'
import type { TraceQuery } from '../ports'
import { createIndexRows, type IndexQuestion } from './index-rows'
import { createSpanSplitter } from './span-splitter'
import type { createFactsReader, SpanFacts } from './trace-facts'
import { summarise } from './trace-summary'
import { readZipkinSpan, type ZipkinSpan } from './zipkin-span'

/** An answer that arrives in pieces. */
export interface Reading {
  push: (chunk: Buffer) => void
  end: () => unknown
}

export interface Question {
  query: TraceQuery
  /** Whole milliseconds: `endTs` of the question to Zipkin, whose order goes by what began until then. */
  until: Micros
  /** Where the storage cuts by rows of an index. */
  index?: IndexQuestion
}

/** What every list of traces tells beside them. */
export interface ListAnswer {
  spans: number
  bad: number
  /** See `createIndexRows`. */
  cut?: Micros
}

export type FactsReader = ReturnType<typeof createFactsReader>

/** A list of traces, one after the other: its spans that could be read, and the bytes they came in. */
export function readTraceList<T extends ListAnswer>({ index }: Question, onTrace: (spans: ZipkinSpan[], json: Buffer[]) => void, answer: T): Reading & { end: () => T } {
  const rows = index && createIndexRows(index)
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
      rows?.note(spans)
      if (spans.length > 0) onTrace(spans, json)
      spans = []
      json = []
    },
  })
  return {
    push: splitter.push,
    end() {
      splitter.end()
      answer.cut = rows?.cut()
      return answer
    },
  }
}

/** What the spans of a trace say for a question; `seen` is undefined where none says when it began. */
export function lookAt(spans: readonly ZipkinSpan[], { query, until }: Question, factsOf: FactsReader) {
  const began = spans.flatMap(({ timestamp }) => timestamp ?? [])
  const earliest = began.reduce((first, at) => Math.min(first, at), Infinity)
  /** Of its youngest span that began until the question's `until`: what Zipkin orders by. */
  const latest = began.reduce((last, at) => (at <= until + 999 ? Math.max(last, at) : last), 0)
  const { traceId } = spans[0]!
  if (earliest === Infinity) return { traceId, latest, seen: undefined }

  const facts = once(spans.map(span => factsOf(span, earliest)))
  const service = query.service?.toLowerCase()
  const own = facts.filter(({ span }) => service === undefined || span.service === service)
  const startedAt = own.reduce((first, { span }) => Math.min(first, span.start), Infinity)
  return { traceId, latest, seen: {
    earliest, facts, own, service, startedAt,
    summary: summarise(traceId, facts, false),
    isWithin: startedAt >= query.window.from.getTime() * 1000 && startedAt < query.window.to.getTime() * 1000,
    kept: facts.find(each => each.kept !== undefined)?.kept,
  } }
}

/** Zipkin gives back what was sent twice; one of each (id, kind, service), as the tree has it. */
function once(facts: readonly SpanFacts[]): SpanFacts[] {
  const kept = new Set(linkSpans(facts.map(({ span }) => span)).spans)
  return facts.filter(({ span }) => kept.has(span))
}
