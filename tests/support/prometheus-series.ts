import type { RemoteSeries } from './remote-write'

interface AnyValue { stringValue?: string, intValue?: string | number, doubleValue?: number, boolValue?: boolean }
interface Attribute { key: string, value: AnyValue }
interface Exemplar { timeUnixNano: string, asDouble: number, traceId: string, spanId: string }
interface Point { attributes: Attribute[], timeUnixNano: string, asInt?: string, count?: string, sum?: number, bucketCounts?: string[], explicitBounds?: number[], exemplars?: Exemplar[] }
interface Metric { name: string, unit?: string, sum?: { dataPoints: Point[] }, histogram?: { dataPoints: Point[] } }
export interface ResourceMetrics { resource: { attributes: Attribute[] }, scopeMetrics: { metrics: Metric[] }[] }

/**
 * Metrics of OTLP as the series that Prometheus' own receiver makes of them, named as it names them: for backends that
 * have none, or take no past through it.
 */
export function toSeries(resources: readonly ResourceMetrics[]): RemoteSeries[] {
  const series = new Map<string, RemoteSeries>()
  function add(name: string, labels: Record<string, string>, point: Pick<Point, 'timeUnixNano'>, value: number, exemplars: readonly Exemplar[] = []) {
    const key = JSON.stringify([name, labels])
    const own = series.get(key) ?? { labels: { __name__: name, ...labels }, samples: [], exemplars: [] }
    series.set(key, own)
    own.samples.push({ at: milliOf(point), value })
    own.exemplars!.push(...exemplars.map(({ traceId, spanId, asDouble, ...at }) => ({ labels: { trace_id: traceId, span_id: spanId }, at: milliOf(at), value: asDouble })))
  }

  for (const { resource, scopeMetrics } of resources) {
    const own = Object.fromEntries(resource.attributes.map(({ key, value }) => [key, textOf(value)]))
    const target = { job: [own['service.namespace'], own['service.name']].filter(Boolean).join('/'), instance: own['service.instance.id'] ?? '' }
    const times = new Set<string>()
    for (const { name, unit, sum, histogram } of scopeMetrics.flatMap(({ metrics }) => metrics)) {
      const base = plain(name) + (unit === 's' ? '_seconds' : unit === 'ms' ? '_milliseconds' : '')
      const labels = (point: Point) => ({ ...target, ...labelsOf(point.attributes) })
      for (const point of [...sum?.dataPoints ?? [], ...histogram?.dataPoints ?? []]) times.add(point.timeUnixNano)
      for (const point of sum?.dataPoints ?? []) add(`${base}_total`, labels(point), point, Number(point.asInt))
      for (const point of histogram?.dataPoints ?? []) {
        let below = 0
        point.bucketCounts!.forEach((count, i) => {
          const [above, bound] = [point.explicitBounds![i - 1] ?? -Infinity, point.explicitBounds![i] ?? Infinity]
          add(`${base}_bucket`, { ...labels(point), le: bound === Infinity ? '+Inf' : `${bound}` }, point, below += Number(count), point.exemplars?.filter(({ asDouble }) => asDouble > above && asDouble <= bound))
        })
        add(`${base}_count`, labels(point), point, Number(point.count))
        add(`${base}_sum`, labels(point), point, point.sum!)
      }
    }
    const info = { ...target, ...labelsOf(resource.attributes.filter(({ key }) => !/^service\.(?:name|namespace|instance\.id)$/.test(key))) }
    for (const timeUnixNano of [...times].sort()) add('target_info', info, { timeUnixNano }, 1)
  }
  for (const { samples, exemplars } of series.values()) {
    samples.sort((a, b) => a.at - b.at)
    exemplars!.sort((a, b) => a.at - b.at)
  }
  return [...series.values()]
}

/** As lines of the text format, with their times. */
export function toPrometheusText(series: readonly RemoteSeries[]): string {
  return series.flatMap(({ labels: { __name__: name, ...labels }, samples }) => {
    const head = `${name}{${Object.entries(labels).map(([name, text]) => `${name}=${JSON.stringify(text)}`).join(',')}}`
    return samples.map(({ at, value }) => `${head} ${value} ${at}\n`)
  }).join('')
}

const labelsOf = (attributes: readonly Attribute[]) => Object.fromEntries(attributes.map(({ key, value }) => [plain(key), textOf(value)]))
const plain = (name: string) => name.replace(/\W/g, '_')
const textOf = ({ stringValue, intValue, doubleValue, boolValue }: AnyValue) => String(stringValue ?? intValue ?? doubleValue ?? boolValue)
const milliOf = ({ timeUnixNano }: { timeUnixNano: string }) => Number(timeUnixNano.slice(0, -6))
