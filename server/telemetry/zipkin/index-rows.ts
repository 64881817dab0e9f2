import type { Micros } from '#shared/units'
import type { Asked } from './question'
import type { ZipkinSpan } from './zipkin-span'

/** What Cassandra was asked for, as it looks it up. */
export interface IndexQuestion {
  /** Traces asked for. */
  limit: number
  params: Asked['params']
  /** Where the question's time begins, and from where on anything matters. */
  since: Micros
  from: Micros
  /** Where it ends, the whole millisecond. */
  until: Micros
  /** There is more of the window behind its end. */
  continued: boolean
}

/**
 * How much of its index Cassandra has told. It finds traces by rows, one for each span that fits, and reads three times
 * as many as traces were asked for (`CASSANDRA_INDEX_FETCH_MULTIPLIER`, one at least): the newest of every service, so
 * that traces of many spans are fewer than were asked for, and not all there are.
 *
 *   rows of a service  newest | a a a b a a b b c | c d d e …     nine were read for three: d and e are missing
 *   given                       a b c
 *
 * As every row that was read belongs to a trace that was given, the rows can be counted in those. By tags it reads the
 * rows in an order of its own, so an answer that may be cut says nothing of what is missing.
 */
export function createIndexRows({ limit, params: { serviceName, spanName, minDuration, annotationQuery }, since, from, until, continued }: IndexQuestion) {
  const rows = new Map<string, Micros[]>()
  let given = 0
  let oldest = Infinity
  const [key, value] = annotationQuery === undefined ? [] : String(annotationQuery).split(/=(.*)/s) as [string, string?]

  const isTagged = ({ tags, annotations }: ZipkinSpan) => key === undefined
    || (value === undefined ? tags.has(key) || annotations.some(annotation => annotation.value === key) : tags.get(key) === value)
  const isRow = (span: ZipkinSpan) => (serviceName === undefined || span.service === serviceName) && (spanName === undefined || span.name === spanName)
    && (minDuration === undefined || (span.duration ?? 0) >= Math.floor(Number(minDuration) / 1000) * 1000) && isTagged(span)

  return {
    /** The spans of one trace. */
    note(spans: readonly ZipkinSpan[]): void {
      let newest = -Infinity
      for (const span of spans) {
        if (span.timestamp === undefined || span.timestamp < since || span.timestamp > until || !isRow(span)) continue
        newest = Math.max(newest, span.timestamp)
        const index = key === undefined ? span.service : ''
        const times = rows.get(index)
        if (times) times.push(span.timestamp)
        else rows.set(index, [span.timestamp])
      }
      if (newest === -Infinity) return
      given++
      oldest = Math.min(oldest, newest)
    },

    /** What is older may be missing though fewer traces came than were asked for; Infinity: anything; undefined: nothing. */
    cut(): Micros | undefined {
      const full = [...rows.values()].filter(({ length }) => length >= limit)
      const cuts = full.map(times => times.sort((a, b) => b - a)[limit - 1]!)
      // Some that it took may have been dropped, because their root began within the last millisecond.
      if (continued && given >= limit / 2) cuts.push(oldest)
      if (cuts.every(cut => cut < from)) return undefined
      return key === undefined ? Math.max(...cuts) : Infinity
    },
  }
}
