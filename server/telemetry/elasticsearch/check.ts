import type { Clock } from '#server/clock'
import type { AppError } from '#shared/errors'
import { MINUTE, SECOND } from '#shared/units'
import type { LogSource, SourceHealth } from '../ports'
import { path, reasonOf, sourceTrouble, type Upstream } from '../upstream/upstream'
import type { FoundMapping } from './found-mapping'
import { anyTime, type LogMapping } from './mapping'
import { toProduct } from './product'
import { explained, toTrouble } from './refusal'
import { dateOf, nanosOf } from './time-text'
import { answer, catHealth, catIndices, greeting } from './wire'

/** Silence longer than this is `late`. */
const patience = 5 * MINUTE

type Facts = NonNullable<SourceHealth['found']>

/**
 * Who answers, how the cluster is, what the indices hold. Only the greeting and the indices' fields have to be
 * readable: accounts that may search but not look at the cluster are common.
 */
export function createCheck({ upstream, clock, indices, mapping }: { upstream: Upstream, clock: Clock, indices: string, mapping: FoundMapping }): LogSource['check'] {
  async function newestLine(time: string, signal?: AbortSignal) {
    const body = { size: 1, sort: [{ [time]: { order: 'desc', ...anyTime } }], _source: false, docvalue_fields: [time], track_total_hits: false, timeout: '4s' }
    const said = await upstream.post(path`/${indices}/_search`, body, answer, { query: { ignore_unavailable: true, allow_no_indices: true }, signal, accept: explained })
    if ('error' in said) throw toTrouble(said)
    return said
  }

  return async ({ anew, signal } = {}) => {
    const reached = await upstream.check(async (get) => {
      const hello = await get('/', greeting).catch((error: AppError) => {
        // Not allowed to ask who answers, or somebody else does.
        if (error.params?.reason === 'forbidden') return undefined
        if (error.params?.reason === 'bad_answer') throw sourceTrouble('elasticsearch', 'wrong_product')
        throw error
      })
      return hello && toProduct(hello)
    }, signal)
    if ('trouble' in reached) return { state: 'failed', latency: reached.latency, trouble: reached.trouble.params }

    try {
      const known = await orOpening(anew ? mapping.look() : mapping.get())
      const [newest, cluster, listed] = await Promise.all([
        known?.time && orOpening(newestLine(known.time.path, signal)),
        upstream.get('/_cat/health', catHealth, { query: { format: 'json', h: 'epoch,status' }, signal }).catch(() => undefined),
        upstream.get(path`/_cat/indices/${indices}`, catIndices, { query: { format: 'json', h: 'index,status,health,docs.count', expand_wildcards: 'all' }, signal }).catch(() => undefined),
      ])
      const stated = known?.time && newest?.hits.hits[0]?.fields?.[known.time.path]?.[0]
      const nanos = nanosOf(stated)
      const lastReceived = nanos === undefined ? undefined : dateOf(nanos)
      const epoch = cluster?.[0]?.epoch
      return {
        state: stateOf(lastReceived, cluster?.[0]?.status, clock.now()),
        latency: reached.latency,
        ...(lastReceived && { lastReceived }),
        ...(reached.found?.version && { version: `${reached.found.name === 'opensearch' ? 'OpenSearch' : 'Elasticsearch'} ${reached.found.version}` }),
        // Whole seconds: less than two apart is the same.
        ...(epoch !== undefined && Number.isFinite(epoch) && { clockAhead: settled(epoch * SECOND - clock.now().getTime()) }),
        found: [...known ? factsOf(known, indices) : [{ code: 'log_opening', params: { pattern: indices } }], ...factsOfCluster(cluster?.[0]?.status, listed, indices)],
      }
    }
    catch (error) {
      return { state: 'failed', latency: reached.latency, trouble: (error as AppError).params ?? { source: 'elasticsearch', reason: 'bad_answer' } }
    }
  }
}

/** Nothing yet where the index is only just being opened, which is no trouble. */
function orOpening<T>(asked: Promise<T>): Promise<T | undefined> {
  return asked.catch((error: unknown) => {
    if (reasonOf(error) === 'opening') return undefined
    throw error
  })
}

function stateOf(lastReceived: Date | undefined, status: string | undefined, now: Date): SourceHealth['state'] {
  if (status === 'red') return 'late'
  if (!lastReceived) return 'idle'
  return now.getTime() - lastReceived.getTime() > patience ? 'late' : 'ok'
}

function settled(ahead: number): number {
  return Math.abs(ahead) < 2 * SECOND ? 0 : ahead
}

/** The index mapping as it was found out, one fact a line. */
export function factsOf({ indices, time, fields, conflicts, withoutTime }: LogMapping, pattern: string): Facts {
  if (indices.size === 0) return [{ code: 'log_no_index', params: { pattern } }]
  const paths = (role: keyof LogMapping['fields']) => [...new Set(fields[role].map(({ path }) => path))].slice(0, 4).join(', ')
  const named = (role: keyof LogMapping['fields'], code: string) => (fields[role].length ? { code, params: { fields: paths(role) } } : { code: `${code}_missing` })
  return [
    time ? { code: time.nanos ? 'log_time_nanos' : 'log_time', params: { field: time.path } } : { code: 'log_time_missing' },
    named('message', 'log_message'), named('traceId', 'log_trace'), named('service', 'log_service'),
    fields.level.length || fields.severity.length ? { code: 'log_level', params: { fields: [paths('severity'), paths('level')].filter(Boolean).join(', ') } } : { code: 'log_level_missing' },
    ...conflicts.map(({ field, types }) => ({ code: 'log_conflict', params: { field, types: types.join(', ') } })),
    ...(time && withoutTime.length ? [{ code: 'log_without_time', params: { count: withoutTime.length, index: withoutTime[0]! } }] : []),
  ]
}

function factsOfCluster(status: string | undefined, listed: { 'status': string, 'docs.count': number }[] | undefined, pattern: string): Facts {
  const open = listed?.filter(index => index.status === 'open')
  const shut = listed ? listed.length - open!.length : 0
  return [
    ...(status === undefined ? [] : [{ code: 'log_cluster', params: { status } }]),
    ...(open?.length ? [{ code: 'log_indices', params: { pattern, count: open.length, lines: open.reduce((sum, index) => sum + index['docs.count'], 0) } }] : []),
    ...(shut ? [{ code: 'log_closed', params: { count: shut } }] : []),
  ]
}
