import type { Span } from '../../shared/trace/span'
import { attributes, type Value } from './otlp/build'
import { toPrometheusText, toSeries, type ResourceMetrics } from './prometheus-series'
import { remoteWriteBody, remoteWriteHeaders } from './remote-write'

export interface History {
  /** Where the backend takes OTLP over HTTP. */
  url: string
  /** Whose names: the Collector's span_metrics connector, or HTTP servers by the conventions of today or of before. */
  senders?: ('spans' | 'http' | 'http-old')[]
  histograms: 'classic' | 'native'
  /** Microseconds added to the spans' times, to bring them near the backend's own clock. */
  shift: number
  /** On every series: what a source is told to keep to, so that tests do not meet in one backend. */
  environment: string
  from: Date
  to: Date
  /** When every process begins anew, under its old name. */
  restartsAt?: Date
  /** Ahead of the names: what a Collector's exporter puts there. */
  namespace?: string
}

interface Metric {
  name: string
  /** Of a second. */
  unit: 's' | 'ms'
  spans: Span[]
  labelsOf: (span: Span) => Record<string, Value>
  counter?: string
}

const grid = 10
const scale = 6
const bounds = [0.002, 0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]
const dimensions = ['http.route', 'http.request.method', 'http.response.status_code', 'api.client.id', 'server.address', 'server.port', 'db.system.name', 'db.namespace', 'messaging.destination.name']
const kinds = { internal: 'INTERNAL', server: 'SERVER', client: 'CLIENT', producer: 'PRODUCER', consumer: 'CONSUMER' }
const statuses = { unset: 'UNSET', ok: 'OK', error: 'ERROR' }

/**
 * Writes spans as the counters that senders keep of them, a sample each ten seconds, sent to the backend's own OTLP
 * receiver. Every process was there before its first call, as most are.
 */
export async function writeHistory(spans: readonly Span[], { url, senders = ['spans'], histograms, shift, environment, from, to, restartsAt, namespace = '' }: History): Promise<void> {
  if (!spans.length) return
  const began = Math.floor(from.getTime() / 1000 / grid) * grid - 60
  const ticks = Array.from({ length: Math.floor((to.getTime() / 1000 - began) / grid) + 1 }, (_, i) => began + i * grid)
  const endOf = (span: Span) => (span.start + span.duration + shift) / 1e6
  const restart = restartsAt ? restartsAt.getTime() / 1000 : Infinity
  const nanos = (seconds: number) => `${BigInt(Math.round(seconds * 1e3)) * 1_000_000n}`

  const resourceMetrics = [...Map.groupBy(spans, span => JSON.stringify([span.service, span.resource]))].map(([id, own]) => ({
    resource: { attributes: attributes({ ...own[0]!.resource, 'service.name': own[0]!.service, 'service.instance.id': digestOf(id), 'deployment.environment.name': environment } as Record<string, Value>) },
    scopeMetrics: [{ scope: { name: 'history' }, metrics: senders.flatMap(sender => metricsOf(own, sender)).flatMap(toMetrics) }],
  }))
  const send = (path: string, headers: Record<string, string>, body: string | Uint8Array<ArrayBuffer>) => fetch(`${url}${path}`, { method: 'POST', headers, body })
  let response = await send('/api/v1/otlp/v1/metrics', { 'content-type': 'application/json' }, JSON.stringify({ resourceMetrics }))
  if (!response.ok && histograms === 'classic') {
    const series = toSeries(resourceMetrics as unknown as ResourceMetrics[])
    // VictoriaMetrics takes OTLP as protobuf only, and elsewhere; a Prometheus before 2.47 takes none.
    response = response.status === 400
      ? await send('/api/v1/import/prometheus', { 'content-type': 'text/plain' }, toPrometheusText(series))
      : await send('/api/v1/write', remoteWriteHeaders, remoteWriteBody(series))
    if (response.ok) await fetch(`${url}/internal/force_flush`)
  }
  if (!response.ok) throw new Error(`the backend does not take the history: ${response.status} ${await response.text()}`)

  function toMetrics({ name, unit, spans, labelsOf, counter }: Metric) {
    const seen = { ...spans[0]!, name: 'ready', kind: 'internal' as const, attributes: { 'http.route': '/ready', 'http.request.method': 'GET', 'http.response.status_code': 200 } }
    const series = Map.groupBy(spans, span => JSON.stringify(labelsOf(span))).values()
    const points = [
      ...ticks.map(tick => ({ labels: labelsOf(seen), tick, counted: [seen], fresh: [] as Span[] })),
      ...[...series].flatMap(calls => ticks.flatMap((tick, i) => {
        const counted = calls.filter(call => endOf(call) <= tick && (tick < restart || endOf(call) > restart))
        return counted.length ? [{ labels: labelsOf(calls[0]!), tick, counted, fresh: counted.filter(call => endOf(call) > (ticks[i - 1] ?? 0)) }] : []
      })),
    ]
    const of = ({ labels, tick }: typeof points[number]) => ({
      attributes: attributes({ ...labels, 'deployment.environment.name': environment }), startTimeUnixNano: nanos(tick < restart ? began - 3_600 : restart), timeUnixNano: nanos(tick),
    })
    const perUnit = unit === 's' ? 1e6 : 1e3
    return [
      ...(counter ? [{ name: namespace + counter, sum: { aggregationTemporality: 2, isMonotonic: true, dataPoints: points.map(point => ({ ...of(point), asInt: `${point.counted.length}` })) } }] : []),
      { name: namespace + name, unit, [histograms === 'native' ? 'exponentialHistogram' : 'histogram']: { aggregationTemporality: 2, dataPoints: points.map(point => ({
        ...of(point), ...spreadOf(point.counted.map(({ duration }) => duration / perUnit), histograms, perUnit),
        exemplars: point.fresh.map(span => ({ timeUnixNano: nanos(endOf(span)), asDouble: span.duration / perUnit, traceId: span.traceId, spanId: span.spanId, filteredAttributes: [] })),
      })) } },
    ]
  }
}

function metricsOf(spans: Span[], sender: NonNullable<History['senders']>[number]): Metric[] {
  if (sender === 'spans') return [{ name: 'traces.span.metrics.duration', unit: 's', spans, counter: 'traces.span.metrics.calls', labelsOf: spanLabels }]
  const old = sender === 'http-old'
  const [method, status] = old ? ['http.method', 'http.status_code'] : ['http.request.method', 'http.response.status_code']
  return (['server', 'client'] as const).flatMap((side): Metric[] => {
    const own = spans.filter(({ kind }) => kind === side)
    if (!own.length) return []
    return [{ name: `http.${side}.${old ? '' : 'request.'}duration`, unit: old ? 'ms' : 's', spans: own, labelsOf: ({ attributes }) => ({
      ...pick({ [method!]: attributes['http.request.method'], [status!]: attributes['http.response.status_code'], 'http.route': attributes['http.route'] }),
      ...(side === 'client' && pick({ 'server.address': attributes['server.address'], 'server.port': attributes['server.port'] })),
    }) }]
  })
}

function spanLabels(span: Span): Record<string, Value> {
  return {
    'service.name': span.service, 'span.name': span.name, 'span.kind': `SPAN_KIND_${kinds[span.kind]}`, 'status.code': `STATUS_CODE_${statuses[span.status]}`,
    ...pick(Object.fromEntries(dimensions.map(name => [name, span.attributes[name]]))),
  }
}

function pick(held: Record<string, unknown>): Record<string, Value> {
  return Object.fromEntries(Object.entries(held).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]])))
}

function spreadOf(values: number[], histograms: History['histograms'], perUnit: number) {
  const whole = { count: `${values.length}`, sum: values.reduce((sum, value) => sum + value, 0) }
  if (histograms === 'classic') {
    const explicitBounds = bounds.map(bound => bound * 1e6 / perUnit)
    const bucketCounts = [...explicitBounds, Infinity].map((bound, i, all) => `${values.filter(value => value <= bound && value > (all[i - 1] ?? -Infinity)).length}`)
    return { ...whole, bucketCounts, explicitBounds }
  }
  const indexes = values.filter(value => value > 0).map(value => Math.ceil(Math.log2(value) * 2 ** scale) - 1)
  const offset = Math.min(...indexes)
  const bucketCounts = Array.from({ length: indexes.length ? Math.max(...indexes) - offset + 1 : 0 }, (_, i) => `${indexes.filter(index => index - offset === i).length}`)
  return { ...whole, scale, zeroCount: `${values.length - indexes.length}`, zeroThreshold: 0, positive: { offset: indexes.length ? offset : 0, bucketCounts } }
}

function digestOf(text: string): string {
  let hash = 0
  for (const char of text) hash = (hash * 31 + char.codePointAt(0)!) | 0
  return `instance-${hash >>> 0}`
}
