import { path, type Upstream } from '../upstream/upstream'
import type { SourceWarning } from '../ports'
import type { Clause } from './level-clauses'
import type { FoundMapping } from './found-mapping'
import { anyTime, type LogMapping } from './mapping'
import type { PointsInTime } from './points-in-time'
import type { Product } from './product'
import { explained, toTrouble, type Refusal } from './refusal'
import { answer, type Found } from './wire'

/** The cluster stops looking and answers with what it has before our own patience ends. */
const timeout = '4s'
const isoNanos = 'strict_date_optional_time_nanos'

export interface Search {
  /** Made of the mapping, again when that turned out to be another. */
  body: (mapping: LogMapping) => Promise<Clause> | Clause
  /** Key of the point in time to look at. */
  point?: string
  signal?: AbortSignal
}

/** One search, asked again where the answer shows that we were wrong about the indices or the point in time. */
export function createSearcher({ upstream, mapping, points, product, indices }: {
  upstream: Upstream
  mapping: FoundMapping
  points: PointsInTime
  product: (signal?: AbortSignal) => Promise<Product>
  indices: string
}) {
  async function ask({ body, point, signal }: Search, known: LogMapping): Promise<Found | Refusal> {
    const pit = point === undefined ? undefined : points.bodyOf(point)
    return upstream.post(
      pit ? '/_search' : path`/${indices}/_search`,
      { timeout, ...await body(known), ...(pit && { pit }) },
      answer,
      { query: pit ? undefined : { ignore_unavailable: true, allow_no_indices: true }, signal, accept: explained },
    )
  }

  return {
    async search(question: Search): Promise<Found> {
      const known = await mapping.get()
      let said = await ask(question, known)
      if ('error' in said && question.point !== undefined) {
        points.forget(question.point)
        said = await ask(question, known)
      }
      if ('error' in said || isMisunderstood(said)) {
        const newer = await mapping.again()
        if (newer) said = await ask(question, newer)
      }
      if ('error' in said) throw toTrouble(said)
      if (question.point !== undefined) points.used(question.point, said.pit_id)
      // An index that came since: looked at for the next question.
      if (said.hits.hits.some(hit => !known.indices.has(hit._index))) mapping.again().catch(() => {})
      return said
    },

    /** Newest or oldest first; the sequence number tells apart what has the same time. */
    async order(direction: 'asc' | 'desc', { time }: LogMapping, signal?: AbortSignal): Promise<Clause> {
      const { name } = await product(signal)
      const byTime = { order: direction, ...anyTime, ...(name === 'elasticsearch' && { format: isoNanos }) }
      return {
        sort: [{ [time?.path ?? '@timestamp']: byTime }, { _seq_no: { order: direction, unmapped_type: 'long' } }],
        // As text: a number of so many digits would be rounded on its way.
        docvalue_fields: time ? [{ field: time.path, format: isoNanos }] : [],
      }
    },
  }
}

/** Some shards could not make sense of the question: a field is not what it was. */
function isMisunderstood({ _shards: { failures } }: Found): boolean {
  return (failures ?? []).some(({ reason }) => /fielddata|failed to create query|no mapping found/i.test(reason?.reason ?? ''))
}

/** What is missing in an answer, and what was missing before it was asked for. */
export function warningsOf(said: Found | undefined, mapping: LogMapping): SourceWarning[] {
  const warn = (code: string, params?: SourceWarning['params']): SourceWarning => ({ source: 'elasticsearch', code, ...(params && { params }) })
  return [
    ...(mapping.indices.size === 0 ? [warn('no_index')] : []),
    ...(mapping.indices.size > 0 && mapping.withoutTime.length ? [warn('no_time_field', { count: mapping.withoutTime.length, index: mapping.withoutTime[0]! })] : []),
    ...(said?.timed_out ? [warn('stopped_early')] : []),
    ...(said?._shards.failed ? [warn('shards_failed', { failed: said._shards.failed, total: said._shards.total })] : []),
    ...(said?._clusters && said._clusters.skipped + said._clusters.failed > 0 ? [warn('clusters_skipped', { count: said._clusters.skipped + said._clusters.failed })] : []),
  ]
}
