import type { Span } from '../../../shared/trace/span'
import type { TimeWindow } from '../../../shared/units'
import type { TraceQuery, TraceSource } from '../../../server/telemetry/ports'

/**
 * A part of a shared Zipkin that nobody else sees: ids and times are moved on the way in and back on the way out, so
 * that one installation holds what many tests keep apart.
 */
export function isolate(source: TraceSource, { shift, nonce }: { shift: number, nonce: string }) {
  const swap = (id: string) => (/^[\da-f]{32}$/.test(id) ? (BigInt(`0x${id}`) ^ BigInt(`0x${nonce.padStart(32, '0')}`)).toString(16).padStart(32, '0') : id)
  const windowOf = ({ from, to }: TimeWindow): TimeWindow => ({ from: new Date(from.getTime() + shift), to: new Date(to.getTime() + shift) })
  const queryOf = (query: TraceQuery): TraceQuery => ({ ...query, window: windowOf(query.window) })
  const back = (at: Date) => new Date(at.getTime() - shift)
  const spanBack = (span: Span): Span => ({ ...span, traceId: swap(span.traceId), start: span.start - shift * 1000, events: span.events.map(event => ({ ...event, at: event.at - shift * 1000 })) })

  const isolated: TraceSource = {
    ...source,
    async skeleton(traceId) {
      const answer = await source.skeleton(swap(traceId))
      return answer && { ...answer, lastArrival: back(answer.lastArrival) }
    },
    async span(traceId, key) {
      const span = await source.span(swap(traceId), key)
      return span && spanBack(span)
    },
    spansByKey: async (traceId, keys) => (await source.spansByKey(swap(traceId), keys)).map(spanBack),
    async* spans(traceId) {
      for await (const span of source.spans(swap(traceId))) yield spanBack(span)
    },
    async search(query) {
      const page = await source.search(queryOf(query))
      return { ...page, searchedTo: back(page.searchedTo), traces: page.traces.map(trace => ({ ...trace, traceId: swap(trace.traceId), startedAt: back(trace.startedAt) })) }
    },
    async scatter(query, limit) {
      const scatter = await source.scatter(queryOf(query), limit)
      return { ...scatter, points: scatter.points.map(point => ({ ...point, traceId: swap(point.traceId), startedAt: back(point.startedAt) })) }
    },
    profile: query => source.profile(queryOf(query)),
    async batch({ parts }) {
      const batch = await source.batch({ parts: parts.map(part => ({ ...part, window: windowOf(part.window) })) })
      const { traces } = batch
      return {
        ...batch, parts: batch.parts.map(part => ({ ...part, searchedTo: back(part.searchedTo) })),
        traces: { ...traces, traceIds: traces.traceIds.map(swap), start: traces.start.map(at => at - shift * 1000) },
      }
    },
    dependencies: window => source.dependencies(windowOf(window)),
  }
  return {
    source: isolated,
    /** The same spans as they are to be sent. */
    outward: (spans: readonly Span[]): Span[] => spans.map(span => ({
      ...span, traceId: swap(span.traceId), start: span.start + shift * 1000, events: span.events.map(event => ({ ...event, at: event.at + shift * 1000 })),
    })),
  }
}
