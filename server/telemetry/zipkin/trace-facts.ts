import { createRouteMatcher, NO_ROUTE, requestRouteKey, type RouteMatcher } from '#shared/route-key'
import { hasFailed, type SkeletonSpan } from '#shared/trace/skeleton-span'
import { destinationOf, errorTypeOf, remoteOf, skeletonSpanOf, tagOf, type Remote } from './span-meaning'
import type { ZipkinSpan } from './zipkin-span'

/** What of the control file decides how a span is read. */
export interface ReadingRules {
  /** Attributes that may name the consumer, the best first. */
  consumerAttributes: readonly string[]
  /** Registered templates: where a sender gives no route, its path takes the best of these. */
  routes: readonly { service: string, method: string, template: string }[]
  /** Values of keys like these are shown to nobody. */
  maskedKeys: readonly string[]
}

/** What lists and searches ask of a span. */
export interface SpanFacts {
  span: SkeletonSpan
  wire: ZipkinSpan
  failed: boolean
  errorType?: string
  consumer?: string
  remote?: Remote
  /** Of a SERVER or CONSUMER span. */
  request?: { method: string, routeKey: string }
  /** How likely its trace was kept, from the trace state; (0..1]. */
  kept?: number
}

export function createFactsReader({ consumerAttributes, routes }: Pick<ReadingRules, 'consumerAttributes' | 'routes'>) {
  const templates = Map.groupBy(routes, ({ service, method }) => `${service.toLowerCase()} ${method}`)
  const matchers = new Map<string, RouteMatcher>()

  function matcherOf(service: string, method: string): RouteMatcher | undefined {
    const key = `${service} ${method}`
    const own = templates.get(key)
    if (!own) return undefined
    const known = matchers.get(key) ?? createRouteMatcher(own.map(({ template }) => template))
    matchers.set(key, known)
    return known
  }

  function requestOf(wire: ZipkinSpan): SpanFacts['request'] {
    if (wire.kind === 'consumer') return { method: '', routeKey: destinationOf(wire) ?? NO_ROUTE }
    if (wire.kind !== 'server') return undefined
    const sent = tagOf(wire, 'http.request.method', 'http.method')
    const rpc = [tagOf(wire, 'rpc.service'), tagOf(wire, 'rpc.method')].filter(Boolean).join('/')
    if (!sent && rpc) return { method: 'RPC', routeKey: `/${rpc}` }
    // Some senders say it in the name only, which Zipkin has made small.
    const named = sent ? undefined : /^(get|head|post|put|patch|delete|options|trace|connect)(?: +(\/\S*))?$/i.exec(wire.name)
    const method = (sent ?? named?.[1] ?? '').toUpperCase().slice(0, 20)
    const route = tagOf(wire, 'http.route') ?? named?.[2]
    const path = tagOf(wire, 'url.path', 'http.target', 'url.full', 'http.url', 'http.path')
    const matcher = matcherOf(wire.service, method)
    return { method, routeKey: requestRouteKey({ ...(route && { route }), ...(path && { path }), ...(matcher && { matcher }) }) }
  }

  return function factsOf(wire: ZipkinSpan, start: number): SpanFacts {
    const span = skeletonSpanOf(wire, start)
    const failed = hasFailed(span)
    const consumer = consumerOf(tagOf(wire, ...consumerAttributes))
    const errorType = failed ? errorTypeOf(wire) ?? (span.httpStatus === undefined ? 'ERROR' : String(span.httpStatus)) : undefined
    const remote = remoteOf(wire)
    const request = requestOf(wire)
    const kept = keptOf(wire.tags.get('w3c.tracestate'))
    return { span, wire, failed, ...(errorType && { errorType }), ...(consumer && { consumer }), ...(remote && { remote }), ...(request && { request }), ...(kept && { kept }) }
  }
}

/** Java agents send captured headers as lists of one, which are JSON by now. */
function consumerOf(text: string | undefined): string | undefined {
  return (text && /^\["(.*)"\]$/.exec(text)?.[1]?.split('","')[0] || text)?.slice(0, 200)
}

/** From the rejection threshold of consistent sampling: `ot=th:c` kept a quarter. */
function keptOf(traceState: string | undefined): number | undefined {
  const threshold = /(?:^|,)\s*ot=(?:[^,]*;)?th:([\da-f]{1,14})(?:;|,|$)/.exec(traceState ?? '')?.[1]
  return threshold === undefined ? undefined : 1 - Number.parseInt(threshold.padEnd(14, '0'), 16) / 2 ** 56
}
