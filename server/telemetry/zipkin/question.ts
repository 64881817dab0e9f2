import { routeKeyOf } from '#shared/route-key'
import type { TraceQuery } from '../ports'

/** What Zipkin is asked for; the rest of a query is looked at by us. */
export interface Asked {
  /** Parameters of `/api/v2/traces`, without the time and the limit. */
  params: Record<string, string | number | undefined>
  /** Nothing is left for us to look at: whatever comes, matches. */
  whole: boolean
  /** What to ask in its place where the storage cuts this one in no order. */
  instead?: Asked
}

/**
 * Of all that a query asks, one group of conditions that every storage understands alike: those of a single span.
 * Elasticsearch wants one span to meet all it is asked, memory takes several, Cassandra intersects what it finds, so
 * two groups at once would lose traces on one of them. The most telling group goes, the others are ours. `byRows`: of a
 * storage that cuts what it finds of each before it is intersected, one attribute goes, and nothing is left to intersect.
 */
export function askFor(query: TraceQuery, options: { consumerAttributes: readonly string[], operations: readonly string[], byRows?: boolean }): Asked {
  const tagged = taggedOf(query, options)
  if (!tagged) return plainOf(query, options)
  return options.byRows ? { ...tagged, instead: { ...plainOf(query, options), whole: false } } : tagged
}

/** By what a span carries, where the query names something of the kind. */
function taggedOf(query: TraceQuery, { consumerAttributes, byRows }: Parameters<typeof askFor>[1]): Asked | undefined {
  const service = query.service?.toLowerCase()
  const attributes = (query.attributes ?? []).filter(isExpressible).slice(0, byRows ? 1 : undefined)
  if (attributes.length) {
    return { params: { annotationQuery: attributes.map(({ key, value }) => `${key}=${value}`).join(' and ') }, whole: false }
  }
  const [consumerKey, ...otherKeys] = consumerAttributes
  if (query.consumer && query.consumer !== 'unknown' && consumerKey !== undefined && !otherKeys.length && isExpressible({ key: consumerKey, value: query.consumer })) {
    return { params: { annotationQuery: `${consumerKey}=${query.consumer}` }, whole: false }
  }
  if (query.failed) return { params: { serviceName: service, annotationQuery: 'error' }, whole: false }
  return undefined
}

function plainOf(query: TraceQuery, { operations }: Parameters<typeof askFor>[1]): Asked {
  const service = query.service?.toLowerCase()
  const rest = (...asked: (keyof TraceQuery)[]) => !(['service', 'operation', 'method', 'routeKey', 'consumer', 'minDuration', 'maxDuration', 'failed', 'statusClass', 'attributes'] as const)
    .some(key => query[key] !== undefined && !asked.includes(key) && !(key === 'attributes' && !query.attributes!.length))
  const operation = query.operation?.toLowerCase() ?? operationOf(query, operations)
  if (service !== undefined || operation !== undefined) {
    return { params: { serviceName: service, spanName: operation === 'all' ? undefined : operation }, whole: rest('service', 'operation') }
  }
  // The root waited that long, and it is a span.
  if (query.minDuration) return { params: { minDuration: query.minDuration }, whole: false }
  return { params: {}, whole: rest() }
}

/** A separator in a key or a value cannot be said; a value beyond 256 characters is not indexed. */
function isExpressible({ key, value }: { key: string, value: string }): boolean {
  return !/=| and |^\s|\s$/i.test(key) && !/ and |^\s|\s$/i.test(value) && key !== '' && value !== '' && value.length <= 256
}

/** Servers are named `get /orders/{id}`: the one name that can only be this route, where all of the service have such names. */
function operationOf({ method, routeKey }: TraceQuery, operations: readonly string[]): string | undefined {
  if (!method || !routeKey || operations.includes(method.toLowerCase())) return undefined
  const named = operations.filter((name) => {
    const [verb, route] = name.split(/ (.*)/s)
    return verb === method.toLowerCase() && route?.startsWith('/') && routeKeyOf(route).toLowerCase() === routeKey.toLowerCase()
  })
  return named.length === 1 ? named[0] : undefined
}
