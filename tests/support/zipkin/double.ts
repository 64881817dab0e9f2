import type { IncomingMessage, ServerResponse } from 'node:http'
import { startFaultServer } from '../fault-server'

interface Stored {
  traceId: string
  id: string
  parentId?: string
  name?: string
  kind?: string
  timestamp?: number
  duration?: number
  localEndpoint?: { serviceName?: string }
  remoteEndpoint?: { serviceName?: string }
  tags?: Record<string, string>
  annotations?: { timestamp: number, value: string }[]
}

/** How a storage understands several conditions at once, and what it cuts. */
export type Storage = 'memory' | 'elasticsearch' | 'cassandra'

const names = { memory: 'InMemoryStorage', elasticsearch: 'ElasticsearchStorage', cassandra: 'CassandraStorage' }
/** Rows that Cassandra reads for each trace that is asked for. */
const rowsEach = 3

/**
 * Zipkin's query API over a list of spans, with what its storages were seen to do: the order by each trace's newest
 * span that counts, conditions that memory asks of the trace and Elasticsearch of one span, 10,000 spans an answer, and
 * of Cassandra no more rows of an index than three times the limit.
 */
export async function startZipkinDouble(storage: Storage = 'memory', { version = '3.6.1', searchEnabled = true } = {}) {
  const spans: Stored[] = []
  const server = await startFaultServer((request, response, body) => answer(request, response, body))

  function answer(request: IncomingMessage, response: ServerResponse, body: string) {
    const url = new URL(request.url!, 'http://zipkin')
    const text = (status: number, words: string) => void response.writeHead(status, { 'content-type': 'text/plain' }).end(words)
    const json = (value: unknown) => void response.writeHead(200, { 'content-type': 'application/json; charset=utf-8' }).end(JSON.stringify(value))
    if (request.method === 'POST') {
      for (const span of JSON.parse(body) as Stored[]) spans.push(lowered(span))
      return void response.writeHead(202).end()
    }
    const trace = /^\/api\/v2\/trace\/([\da-f]+)$/.exec(url.pathname)?.[1]
    if (trace) {
      const found = spans.filter(span => span.traceId === trace)
      return found.length ? json(capped(found)) : text(404, `${trace} not found`)
    }
    switch (url.pathname) {
      case '/health': return json({ status: 'UP', zipkin: { status: 'UP', details: { [`${names[storage]}{initialEndpoints=http://secret:9200}`]: { status: 'UP' } } } })
      case '/info': return json({ zipkin: { version, commit: 'b2b0c98' } })
      case '/zipkin/config.json': return json({ searchEnabled, queryLimit: 10 })
      case '/api/v2/spans': return json([...new Set(spans.filter(span => span.localEndpoint?.serviceName === url.searchParams.get('serviceName')).map(span => span.name ?? ''))].sort())
      case '/api/v2/dependencies': return json(storage === 'memory' ? edges() : [])
      case '/api/v2/traces': {
        const number = (name: string) => (url.searchParams.has(name) ? Number(url.searchParams.get(name)) : undefined)
        for (const name of ['endTs', 'lookback', 'limit', 'minDuration']) if (url.searchParams.has(name) && !(Number(url.searchParams.get(name)) > 0)) return text(400, `${name} <= 0`)
        if (number('maxDuration') && !number('minDuration')) return text(400, 'maxDuration is only valid with minDuration')
        return json(search(url.searchParams, number('endTs')!, number('lookback')!, number('limit') ?? 10))
      }
      default: return text(404, 'not found')
    }
  }

  function search(params: URLSearchParams, endTs: number, lookback: number, limit: number): Stored[][] {
    if (storage === 'cassandra') return fromRows(params, endTs, lookback, limit)
    const [from, to] = [(endTs - lookback) * 1000, endTs * 1000 + 999]
    const isWithin = (at: number | undefined) => at !== undefined && at >= from && at <= to
    const conditions: ((span: Stored) => boolean)[] = []
    const service = params.get('serviceName')
    if (service) conditions.push(span => span.localEndpoint?.serviceName === service)
    const name = params.get('spanName')
    if (name) conditions.push(span => span.name === name && (!service || span.localEndpoint?.serviceName === service))
    const least = Number(params.get('minDuration') ?? 0)
    if (least) conditions.push(span => (span.duration ?? 0) >= least && (!service || span.localEndpoint?.serviceName === service))
    for (const term of (params.get('annotationQuery') ?? '').split(' and ').filter(Boolean)) {
      const [key, value] = term.split(/=(.*)/s) as [string, string?]
      conditions.push(span => (value === undefined ? Object.hasOwn(span.tags ?? {}, key) : span.tags?.[key] === value))
    }
    const found: { trace: Stored[], at: number }[] = []
    for (const trace of Map.groupBy(spans, span => span.traceId).values()) {
      const counted = trace.filter(span => isWithin(span.timestamp) && (storage === 'memory' || conditions.every(condition => condition(span))))
      if (!counted.length) continue
      const root = trace.find(span => !span.parentId)?.timestamp ?? Math.min(...trace.map(span => span.timestamp ?? Infinity))
      if (storage === 'memory' && (root < from || root > endTs * 1000 || !conditions.every(condition => trace.some(condition)))) continue
      const newest = Math.max(...counted.map(span => span.timestamp!))
      found.push({ trace, at: storage === 'memory' ? newest : Math.floor(newest / 1000) })
    }
    const traces = found.sort((a, b) => b.at - a.at).slice(0, limit).map(({ trace }) => trace)
    return storage === 'memory' ? traces : cappedTogether(traces)
  }

  /** By service the newest rows, by a tag those that lie first; what several of them found is intersected, and of the first those are given that began in time. */
  function fromRows(params: URLSearchParams, endTs: number, lookback: number, limit: number): Stored[][] {
    const [service, name, least] = [params.get('serviceName'), params.get('spanName'), Number(params.get('minDuration') ?? 0)]
    const rows = spans.filter(({ timestamp = 0, localEndpoint }) => timestamp >= (endTs - lookback) * 1000 && timestamp <= endTs * 1000 + 999 && (!service || localEndpoint?.serviceName === service))
    const idsOf = (found: Stored[]) => new Map(found.slice(0, rowsEach * limit).map(span => [span.traceId, span.timestamp!]))
    const found = (params.get('annotationQuery') ?? '').split(' and ').filter(Boolean).map((term) => {
      const [key, value] = term.split(/=(.*)/s) as [string, string?]
      return idsOf(rows.filter(({ tags = {} }) => (value === undefined ? Object.hasOwn(tags, key) : tags[key] === value)).sort((a, b) => (scattered(a) < scattered(b) ? -1 : 1)))
    })
    if (!found.length || name || least) {
      const fitting = rows.filter(span => (!name || span.name === name) && Math.floor((span.duration ?? 0) / 1000) >= Math.floor(least / 1000)).sort((a, b) => b.timestamp! - a.timestamp!)
      found.push(new Map([...Map.groupBy(fitting, span => span.localEndpoint?.serviceName).values()].flatMap(own => [...idsOf(own)])))
    }
    const ids = [...found[0]!].filter(([id]) => found.every(ids => ids.has(id)))
    if (found.length === 1) ids.sort((a, b) => b[1] - a[1])
    const isWithin = (trace: Stored[]) => {
      const root = trace.find(span => !span.parentId)?.timestamp ?? Math.min(...trace.map(({ timestamp = Infinity }) => timestamp))
      return root >= (endTs - lookback) * 1000 && root <= endTs * 1000
    }
    return ids.slice(0, limit).map(([id]) => spans.filter(span => span.traceId === id)).filter(isWithin)
  }

  function capped(trace: Stored[]): Stored[] {
    return storage === 'elasticsearch' ? trace.slice(0, 10_000) : trace
  }

  /** Each of them is cut, not the last ones. */
  function cappedTogether(traces: Stored[][]): Stored[][] {
    const all = traces.reduce((sum, trace) => sum + trace.length, 0)
    if (all <= 10_000) return traces
    let left = 10_000
    return traces.map((trace, i) => {
      const share = i === traces.length - 1 ? left : Math.floor(trace.length / all * 10_000)
      left -= share
      return trace.slice(0, share)
    })
  }

  function edges() {
    const byId = new Map(spans.map(span => [`${span.traceId} ${span.id}`, span]))
    const counts = new Map<string, { parent: string, child: string, callCount: number, errorCount?: number }>()
    for (const span of spans.filter(({ kind }) => kind === 'SERVER')) {
      const parent = byId.get(`${span.traceId} ${span.parentId}`)?.localEndpoint?.serviceName
      const child = span.localEndpoint?.serviceName
      if (!parent || !child || parent === child) continue
      const edge = counts.get(`${parent} ${child}`) ?? { parent, child, callCount: 0 }
      edge.callCount++
      if (Object.hasOwn(span.tags ?? {}, 'error')) edge.errorCount = (edge.errorCount ?? 0) + 1
      counts.set(`${parent} ${child}`, edge)
    }
    return [...counts.values()]
  }

  return { ...server, spans, add: (more: object[]) => void spans.push(...(more as Stored[]).map(lowered)) }
}

/** An order that has nothing to do with time. */
function scattered({ traceId, id }: Stored): string {
  return [...`${traceId}${id}`].reverse().join('')
}

function lowered(span: Stored): Stored {
  return {
    ...span, ...(span.name && { name: span.name.toLowerCase() }),
    ...(span.localEndpoint?.serviceName && { localEndpoint: { ...span.localEndpoint, serviceName: span.localEndpoint.serviceName.toLowerCase() } }),
  }
}
