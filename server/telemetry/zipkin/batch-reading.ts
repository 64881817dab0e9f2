import type { Micros } from '#shared/units'
import type { HeldTrace } from './batch-desk'
import { lookAt, readTraceList, type FactsReader, type ListAnswer, type Question } from './trace-list'
import { matches } from './trace-summary'

/** For a batch: traces that match `query`, and which of the places they pass. */
export interface BatchQuestion extends Question {
  places: readonly { service: string, method?: string, routeKey?: string, operation?: string }[]
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

export interface ReadBatch extends ListAnswer {
  /** Of those that Zipkin gave, the ones that fit. */
  traces: BatchedTrace[]
  given: number
  earliest: Micros
}

/** Traces for an analysis: enough of each to choose by, and the rest held until it has chosen. */
export function readBatch(question: BatchQuestion, factsOf: FactsReader, hold: (traceId: string, trace: HeldTrace) => void) {
  const { query, places } = question
  const answer: ReadBatch = { traces: [], given: 0, earliest: Infinity, spans: 0, bad: 0 }
  return readTraceList<ReadBatch>(question, (spans, json) => {
    const { traceId, latest, seen } = lookAt(spans, question, factsOf)
    answer.given++
    answer.earliest = Math.min(answer.earliest, latest)
    if (!seen?.isWithin || !matches(seen.facts, seen.summary, query)) return
    const { facts, summary, own, service, startedAt, earliest, kept } = seen
    const requests = own.filter(({ request }) => request !== undefined).map(({ span }) => span.duration)
    answer.traces.push({
      traceId, latest, startedAt, failed: summary.failed, places: places.flatMap((place, i) => matches(facts, summary, { ...place, window: query.window, limit: 0 }) ? [i] : []), ...(kept !== undefined && { kept }),
      duration: service !== undefined && requests.length ? Math.max(...requests) : summary.rootDuration ?? summary.duration,
    })
    hold(traceId, { json, earliest })
  }, answer)
}
