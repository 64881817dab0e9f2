import { z } from 'zod'
import type { Clock } from '#server/clock'
import { AppError } from '#shared/errors'
import { MINUTE, SECOND } from '#shared/units'
import type { MetricSource, SourceHealth } from '../ports'
import { reasonOf, sourceTrouble, type Upstream } from '../upstream/upstream'
import { createPrometheusApi, QueryRefused } from './api'
import { createFindings, type Findings } from './findings'
import { readDurations, readOperations } from './operations'
import { readMetricNames, readPoints } from './points'
import { selector, toMatcher } from './promql'
import { createPromql } from './promql-source'
import { createRecentAnswers } from './recent-answers'
import { readRequests, type RequestsContext } from './requests'
import { createSights } from './sights'
import { createKept } from '../kept'
import { createValues } from './values'

export interface PrometheusOptions {
  upstream: Upstream
  clock: Clock
  /** Attributes that name a request's consumer, as the platform's spans have them. */
  consumerAttributes: readonly string[]
  /** What the labels of every series must be: one platform of several that a backend holds. */
  only?: readonly { label: string, operator: '=' | '!=' | '=~' | '!~', value: string }[]
}

/** Longer than this without anything new is `late`. */
const silence = 5 * MINUTE

/** Path and query that every backend of the kind answers cheaply. */
export const prometheusProbe = '/api/v1/query?query=time()'

/**
 * RED and the services' own metrics from whatever speaks Prometheus' HTTP API. Which metrics hold them is found out;
 * creating it asks nothing.
 */
export function createPrometheusMetricSource({ upstream, clock, consumerAttributes, only: labels = [] }: PrometheusOptions): MetricSource & { findings: () => Findings | undefined } {
  const api = createPrometheusApi(upstream)
  const only = labels.map(toMatcher)
  const recent = createRecentAnswers({ api, clock })
  const findings = createFindings({ api, clock, only, consumerAttributes })
  const valuesOf = createValues({ api, only, clock })
  const sights = createSights({ clock })
  const keptBegun = createKept<number>({ clock, good: 15 * SECOND })
  const begunSenders = (query: string, at: Date) => keptBegun(query, async () => (await api.instant(query, at)).series[0]?.points[0]?.value ?? 0)

  async function ask<T>(read: (context: RequestsContext) => Promise<T>): Promise<T> {
    try {
      return await read({ api: recent, only, found: await findings.get(), valuesOf, begunSenders })
    }
    catch (error) {
      // Our own query: that the backend does not take it is trouble between us, not the reader's mistake.
      if (error instanceof QueryRefused) throw sourceTrouble('prometheus', error.kind === 'timeout' ? 'timeout' : 'rejected', { said: error.message.slice(0, 200) }, error)
      throw error
    }
  }

  /** Seconds. A series that ended is gone after five minutes, so what was there in the last hour is looked for, too. */
  async function newestOf(metric: string, signal?: AbortSignal): Promise<number | undefined> {
    for (const query of [`max(timestamp(${metric}))`, `max(max_over_time(timestamp(${metric})[1h:2m]))`]) {
      const newest = (await api.instant(query, clock.now(), { signal })).series[0]?.points[0]?.value
      if (newest !== undefined) return newest
    }
    return undefined
  }

  /** Names may have changed since they were found out. */
  async function noteMiss<T extends { data: unknown[] }>(answer: Promise<T>): Promise<T> {
    const known = await answer
    if (!known.data.length) findings.miss()
    return known
  }

  return {
    name: 'prometheus',
    get capabilities() {
      const found = findings.held
      return {
        promql: true, exemplars: found?.product !== 'victoriametrics', points: true, errors: false,
        byConsumer: (found?.spans ?? found?.requests)?.counters.some(({ labels }) => labels.consumer.length > 0) ?? false,
      }
    },
    promql: createPromql({ api, only, findings }),
    findings: () => findings.held,
    requests: (query, signal) => noteMiss(ask(context => readRequests(context, query, signal))),
    operations: (query, signal) => noteMiss(ask(context => readOperations(context, query, signal))),
    durations: (query, signal) => ask(context => readDurations(context, query, signal)),
    seen: (filter, signal) => ask(context => sights.seen(context, filter, signal)),
    services: signal => ask(context => sights.services(context, signal)),
    // Metrics count failures; what they said is in traces and logs.
    errors: async () => ({ data: [], population: { kind: 'all' }, warnings: [{ source: 'prometheus', code: 'no_messages' }] }),
    exemplars: (query, signal) => ask(context => sights.exemplars(context, query, signal)),
    metricNames: (service, signal) => ask(context => readMetricNames(context, service, clock.now(), signal)),
    points: (query, signal) => ask(context => readPoints(context, query, signal)),

    async check({ anew, signal } = {}): Promise<SourceHealth> {
      const asked = clock.now()
      const checked = await upstream.check(get => get('/api/v1/query', timeAnswer, { query: { query: 'time()' } }).catch((error: unknown) => {
        // Everything of the kind knows what time it is.
        throw ['rejected', 'bad_answer'].includes(reasonOf(error) ?? '') ? sourceTrouble('prometheus', 'wrong_product', {}, error) : error
      }), signal)
      if ('trouble' in checked) return { state: 'failed', latency: checked.latency, trouble: checked.trouble.params }
      const halfWay = asked.getTime() + checked.latency / 2
      const clockAhead = Math.round(Number(checked.found.data.result[1]) * 1000 - halfWay)
      try {
        const found = await (anew ? findings.look() : findings.get())
        if (!found.requests) findings.miss()
        const counter = found.requests?.counters[0] ?? found.spans?.counters[0]
        const newest = counter && await newestOf(selector(counter.name, only), signal)
        return {
          state: newest === undefined ? 'idle' : clock.now().getTime() - newest * 1000 > silence ? 'late' : 'ok', latency: checked.latency, ...(found.version && { version: found.version }), clockAhead,
          ...(newest !== undefined && { lastReceived: new Date(newest * 1000) }), found: [...toldOf(found), ...(only.length ? [{ code: 'only', params: { match: only.join(', ') } }] : [])],
        }
      }
      catch (error) {
        if (error instanceof AppError) return { state: 'failed', latency: checked.latency, trouble: error.params }
        if (error instanceof QueryRefused) return { state: 'failed', latency: checked.latency, trouble: sourceTrouble('prometheus', 'rejected', { said: error.message.slice(0, 200) }).params }
        throw error
      }
    },
  }
}

const sample = z.tuple([z.number(), z.string()])
/** VictoriaMetrics knows no scalars: its time is the one sample of a vector. */
const timeAnswer = z.object({ status: z.literal('success'), data: z.union([
  z.object({ resultType: z.literal('scalar'), result: sample }),
  z.object({ resultType: z.literal('vector'), result: z.tuple([z.object({ value: sample })]).transform(([{ value }]) => value) }),
]) })

/** In codes of the text catalogue. */
function toldOf(found: Findings): NonNullable<SourceHealth['found']> {
  const { requests, clients, graph, spans, product, resolution, createdTimestamps } = found
  const edges = graph ?? clients ?? spans
  const last = requests?.histograms.find(({ lastBound }) => lastBound !== undefined)?.lastBound
  const consumer = spans?.counters[0]!.labels.consumer[0] ?? requests?.counters[0]!.labels.consumer[0]
  return [
    { code: `product_${product}` },
    ...(requests
      ? [
          { code: 'requests', params: { metric: requests.counters.map(({ name }) => name).join(', ') } },
          { code: requests.histograms.some(({ native }) => native) ? 'native_histograms' : last === undefined ? 'no_histograms' : 'classic_histograms', ...(last !== undefined && { params: { seconds: last / 1e6 } }) },
          { code: 'labels', params: { labels: [requests.counters[0]!.labels].flatMap(({ service, method, route, status }) => [service, ...method, ...route, ...status]).join(', ') } },
          consumer ? { code: 'consumers', params: { label: consumer } } : { code: 'no_consumers' },
        ]
      : [{ code: 'no_requests' }]),
    ...(edges && edges !== requests ? [{ code: 'edges', params: { metric: edges.counters[0]!.name } }] : []),
    ...(requests?.target.includes('exported_job') ? [{ code: 'labels_moved' }] : []),
    ...(resolution === undefined ? [] : [{ code: 'resolution', params: { seconds: resolution / 1000 } }]),
    ...(createdTimestamps === false ? [{ code: 'no_created_timestamps' }] : []),
  ]
}
