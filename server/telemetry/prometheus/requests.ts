import { NO_ROUTE, normalisePath, routeKeyOf } from '#shared/route-key'
import type { Answer, RequestsQuery, RequestsRow, SourceWarning } from '../ports'
import type { Labels, PrometheusApi } from './api'
import { distinct, outcomeOf, readFigures, said } from './figures'
import { isRequest, kindOf, type Findings } from './findings'
import { firstOf, isJob, serviceOf, type CallLabels } from './labels'
import { on } from './gained'
import type { Measure } from './measures'
import { duration, fits, is, isAnyCase, isNot, isOneOf, labelRef, selector, type Matcher } from './promql'
import type { ValuesOf } from './values'

const anyRequest = '(?i)(span_kind_)?(server|consumer)'

export interface RequestsContext {
  api: PrometheusApi
  only: readonly Matcher[]
  found: Findings
  valuesOf: ValuesOf
  /** Of senders that began within a window, how many; kept for a moment, because a page asks several questions of one window. */
  begunSenders: (query: string, at: Date) => Promise<number>
}

/** RED of requests, by service, route and consumer. */
export async function readRequests(context: RequestsContext, query: RequestsQuery, signal?: AbortSignal): Promise<Answer<RequestsRow[]>> {
  const { found } = context
  const asksConsumer = query.groupBy.includes('consumer') || (query.where?.consumer !== undefined && query.where.consumer !== 'unknown')
  const measure = asksConsumer && found.spans?.counters[0]!.labels.consumer.length ? found.spans : found.requests
  if (!measure) return { data: [], population: { kind: 'all' }, warnings: [said('no_requests')] }
  const [own, inner, begun] = await Promise.all([
    readOwn(context, measure, query, signal),
    asksConsumer ? readInner(context, measure, query, signal) : undefined,
    begunWithin(context, measure, query),
  ])
  const warnings = distinct([...own.warnings, ...inner?.warnings ?? [], ...(begun ? [said('at_least', { senders: begun })] : []), ...limitsOf(context, measure, query)])
  return { data: inner ? joinConsumers(own.data, inner.data, query) : own.data, population: { kind: 'all' }, warnings }
}

/** A sender that began within the window began with counts that nobody saw grow, unless the backend puts a zero before them. */
async function begunWithin({ only, found, begunSenders }: RequestsContext, { counters: [counter], target }: Measure, { window, step, where }: RequestsQuery): Promise<number> {
  if (found.createdTimestamps !== false || step !== undefined) return 0
  const metric = selector(counter!.name, [...only, ...serviceMatcher(counter!.labels, where?.service)])
  const length = duration(window.to.getTime() - window.from.getTime())
  return begunSenders(`count(group by (${target.map(labelRef).join(',')}) (${metric}) unless ${on(target)} (${metric} offset ${length}))`, window.to)
}

async function readOwn({ api, only, found, valuesOf }: RequestsContext, measure: Measure, query: RequestsQuery, signal?: AbortSignal) {
  const { window, step, groupBy, where = {} } = query
  const routes = await routesOf({ valuesOf, measure, query })
  if (routes?.length === 0) return { data: [] as RequestsRow[], warnings: [] }
  const limits = new Map(query.beyond?.map(({ service, method, routeKey, limit }) => [`${service.toLowerCase()} ${method} ${routeKey}`, limit]))
  const needs = (dimension: RequestsQuery['groupBy'][number]) => groupBy.includes(dimension) || (dimension !== 'statusClass' && where[dimension] !== undefined)
  const answer = await readFigures<Partial<RequestsRow>>({ api, only, resolution: found.resolution }, {
    measure, window, step, signal, byStatus: groupBy.includes('statusClass'), countsOnly: query.countsOnly, narrow: where.routeKey !== undefined,
    matchers: labels => requestMatchers(measure, labels, where, routes),
    limitOf: row => limits.get(`${row.service} ${row.method} ${row.routeKey}`),
    by: labels => [
      ...(needs('service') ? [labels.service] : []),
      ...(needs('method') || needs('routeKey') ? [...labels.method, ...labels.route, ...labels.destination, ...(labels.kind ? [labels.kind] : []), ...(labels.route.length ? [] : operationOf(labels))] : []),
      ...(needs('consumer') ? labels.consumer : []),
    ],
    toRow: (labels, spelt) => {
      const outcome = groupBy.includes('statusClass') ? Math.floor(outcomeOf(labels, spelt).status / 100) : undefined
      const whole = { ...requestOf(labels, spelt), statusClass: outcome }
      return isWanted(whole, where) ? Object.fromEntries(groupBy.map(dimension => [dimension, whole[dimension]])) : undefined
    },
  })
  return { data: answer.data as RequestsRow[], warnings: answer.warnings }
}

type Where = NonNullable<RequestsQuery['where']>

/** What can be said in labels; the rest is left out afterwards. */
export function requestMatchers({ role }: Measure, labels: CallLabels, where: Where, routes: string[] | undefined): Matcher[] {
  return [
    ...(role === 'spans' ? [fits(labels.kind!, anyRequest)] : []),
    ...serviceMatcher(labels, where.service),
    ...(where.method && labels.method.length === 1 ? [is(labels.method[0]!, where.method)] : []),
    ...(routes ? [isOneOf(labels.route[0] ?? labels.operation!, routes)] : []),
    ...(where.consumer && where.consumer !== 'unknown' && labels.consumer.length === 1 ? [is(labels.consumer[0]!, where.consumer)] : []),
  ]
}

export function requestOf(labels: Labels, spelt: CallLabels) {
  return { service: serviceOf(spelt.service, labels[spelt.service] ?? ''), ...routeOf(labels, spelt), consumer: firstOf(labels, spelt.consumer) ?? 'unknown' }
}

export function isWanted(request: ReturnType<typeof requestOf>, where: Where): boolean {
  return (where.service === undefined || where.service.toLowerCase() === request.service)
    && (['method', 'routeKey', 'consumer'] as const).every(dimension => where[dimension] === undefined || where[dimension] === request[dimension])
}

/**
 * Consumers that only spans inside a request name. Those spans know no route, so such a consumer's calls stand beside
 * the routes, and are taken from what is unknown of the service.
 */
async function readInner({ api, only, found }: RequestsContext, measure: Measure, query: RequestsQuery, signal?: AbortSignal) {
  const { window, step, groupBy, where = {} } = query
  const inner = new Map([...found.consumerSpans].filter(([, { onRequests }]) => !onRequests))
  if (!inner.size || measure !== found.spans || where.consumer === 'unknown' || where.routeKey !== undefined || where.method !== undefined) return undefined
  const answer = await readFigures<Partial<RequestsRow> & { service: string }>({ api, only, resolution: found.resolution }, {
    measure, window, step, signal, countsOnly: query.countsOnly, byStatus: groupBy.includes('statusClass'),
    matchers: ({ consumer, ...labels }) => [isNot(consumer[0]!, ''), ...serviceMatcher(labels, where.service), ...(where.consumer ? [is(consumer[0]!, where.consumer)] : [])],
    by: ({ service, consumer, kind, operation }) => [service, consumer[0]!, kind!, ...(operation ? [operation] : [])],
    toRow: (labels, spelt) => {
      const service = serviceOf(spelt.service, labels[spelt.service] ?? '')
      const consumer = labels[spelt.consumer[0]!]!
      const stands = inner.get(service)
      if (!stands || isRequest(labels[spelt.kind!]) || (spelt.operation && labels[spelt.operation] !== stands.operation) || consumer === 'unknown') return undefined
      const whole = { service, method: '', routeKey: NO_ROUTE, consumer, statusClass: Math.floor(outcomeOf(labels, spelt).status / 100) }
      return { service, ...Object.fromEntries(groupBy.map(dimension => [dimension, whole[dimension]])) }
    },
  })
  return {
    data: answer.data,
    warnings: [...answer.warnings, ...(answer.data.length && groupBy.includes('routeKey') ? [said('consumers_without_route')] : [])],
  }
}

/** What inner spans name is no longer unknown, where nothing but service and consumer tells rows apart. */
function joinConsumers(own: RequestsRow[], inner: (RequestsRow & { service: string })[], { groupBy }: RequestsQuery): RequestsRow[] {
  const byService = groupBy.includes('service')
  const rows = inner.map(({ service, ...row }) => (byService ? { service, ...row } : row))
  if (groupBy.includes('routeKey') || groupBy.includes('method') || !groupBy.includes('consumer')) return [...own, ...sumRows(rows, groupBy)]
  const left = own.flatMap((row): RequestsRow[] => {
    if (row.consumer !== 'unknown') return [row]
    const named = inner.filter(other => (!byService || other.service === row.service) && other.at?.getTime() === row.at?.getTime() && other.statusClass === row.statusClass)
    const minus = (field: 'requests' | 'failed' | 'clientErrors' | 'duration') => Math.max(0, row[field] - named.reduce((sum, other) => sum + other[field], 0))
    const requests = minus('requests')
    return requests < 0.5 ? [] : [{ ...row, requests, spans: Math.round(requests), failed: minus('failed'), clientErrors: minus('clientErrors'), duration: minus('duration') }]
  })
  return sumRows([...left, ...rows], groupBy)
}

/** Of rows alike, the one with most calls lends its quantiles. */
function sumRows(rows: RequestsRow[], groupBy: RequestsQuery['groupBy']): RequestsRow[] {
  return [...Map.groupBy(rows, row => JSON.stringify([row.at, groupBy.map(dimension => row[dimension])])).values()].map(alike => alike.toSorted((a, b) => b.requests - a.requests).reduce((sum, row) => ({
    ...sum, spans: sum.spans + row.spans, requests: sum.requests + row.requests, failed: sum.failed + row.failed, clientErrors: sum.clientErrors + row.clientErrors, duration: sum.duration + row.duration,
  })))
}

/** Spellings of one route key among the values that occur; undefined where the question is not about one. */
export async function routesOf({ valuesOf, measure, query: { window, where = {} } }: { valuesOf: ValuesOf, measure: Measure, query: Pick<RequestsQuery, 'window' | 'where'> }): Promise<string[] | undefined> {
  const { routeKey } = where
  // A message's route is its destination, which is another label.
  if (routeKey === undefined || where.method === '' || measure.counters.some(({ labels }) => labels.route.length > 1 || (labels.destination.length && !where.method))) return undefined
  const spelt = await Promise.all(measure.counters.map(async ({ name, labels }) => {
    const label = labels.route[0] ?? labels.operation
    if (label === undefined) return []
    const values = await valuesOf(label, name, serviceMatcher(labels, where.service), window)
    return ['', ...values].filter(value => routeOf({ [label]: value, ...(labels.kind && { [labels.kind]: 'server' }) }, labels).routeKey === routeKey)
  }))
  return [...new Set(spelt.flat())]
}

export function serviceMatcher({ service }: Pick<CallLabels, 'service'>, wanted: string | undefined): Matcher[] {
  return wanted === undefined ? [] : [isAnyCase(service, wanted, isJob(service) ? '(.*/)?' : '')]
}

/** Method and route as labels, else as the name of the span gives them; a message's route is where it went. */
export function routeOf(labels: Labels, spelt: CallLabels): { method: string, routeKey: string } {
  if (spelt.kind && kindOf(labels[spelt.kind]) === 'consumer') return { method: '', routeKey: firstOf(labels, spelt.destination) ?? NO_ROUTE }
  const named = spelt.route.length ? undefined : /^([A-Z]+) (\/.*)$/.exec(spelt.operation ? labels[spelt.operation] ?? '' : '')
  const route = firstOf(labels, spelt.route)
  return {
    method: firstOf(labels, spelt.method) ?? named?.[1] ?? '',
    routeKey: route !== undefined ? routeKeyOf(route) : named ? keyOfName(named[2]!) : NO_ROUTE,
  }
}

/** Names hold templates where frameworks are known, and real paths where they are not. */
function keyOfName(path: string): string {
  return /[{}<>*:]/.test(path) ? routeKeyOf(path) : normalisePath(path)
}

function operationOf({ operation }: CallLabels): string[] {
  return operation ? [operation] : []
}

/** What this kind of metrics cannot say of the question. */
function limitsOf({ found }: RequestsContext, { counters, histograms }: Measure, { groupBy, where }: RequestsQuery): SourceWarning[] {
  const { labels } = counters[0]!
  const lacks = (code: string, does: boolean): SourceWarning[] => (does ? [said(code)] : [])
  return [
    ...lacks('no_routes', (groupBy.includes('routeKey') || where?.routeKey !== undefined) && !labels.route.length && !labels.operation),
    ...lacks('no_client_errors', !labels.status.length),
    ...lacks('no_durations', !histograms.length),
    ...lacks('no_consumers', groupBy.includes('consumer') && !found.spans?.counters[0]!.labels.consumer.length && !labels.consumer.length),
  ]
}
