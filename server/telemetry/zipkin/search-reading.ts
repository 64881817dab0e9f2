import { lookAt, readTraceList, type FactsReader, type ListAnswer, type Question } from './trace-list'
import { matches, outcomeOf, profileOf, summarise, type AnsweredTrace } from './trace-summary'

/** Spans whose critical path one answer may work out; larger traces are left without. */
const mostPathSpans = 30_000

export interface ReadTraces extends ListAnswer {
  traces: AnsweredTrace[]
}

/** Traces for a list: those that match with what a row of it shows, the others with what Zipkin orders by. */
export function readSearch(question: Question, factsOf: FactsReader) {
  const answer: ReadTraces = { traces: [], spans: 0, bad: 0 }
  let pathSpans = 0
  return readTraceList<ReadTraces>(question, (spans) => {
    const { traceId, latest, seen } = lookAt(spans, question, factsOf)
    const trace = { traceId, latest, spans: spans.length }
    if (!seen?.isWithin || !matches(seen.facts, seen.summary, question.query)) return void answer.traces.push(trace)
    const { facts, summary, service, startedAt, kept } = seen
    const withPath = pathSpans + spans.length <= mostPathSpans
    if (withPath) pathSpans += spans.length
    answer.traces.push({ ...trace, found: {
      summary: withPath ? summarise(traceId, facts, true) : summary, orderedBy: startedAt, outcome: outcomeOf(summary), spans: spans.length, ...(kept !== undefined && { kept }),
      profile: profileOf(facts, summary, service),
    } })
  }, answer)
}
