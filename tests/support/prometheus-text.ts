interface AnyValue { stringValue?: string, intValue?: string | number, doubleValue?: number, boolValue?: boolean }
interface Attribute { key: string, value: AnyValue }
interface Point { attributes: Attribute[], timeUnixNano: string, asInt?: string, count?: string, sum?: number, bucketCounts?: string[], explicitBounds?: number[] }
interface Metric { name: string, unit?: string, sum?: { dataPoints: Point[] }, histogram?: { dataPoints: Point[] } }
export interface ResourceMetrics { resource: { attributes: Attribute[] }, scopeMetrics: { metrics: Metric[] }[] }

/**
 * Metrics of OTLP as lines of Prometheus' text format with their times, named as Prometheus' own receiver names them:
 * for backends that take old samples in that form only.
 */
export function toPrometheusText(resources: readonly ResourceMetrics[]): string {
  const lines: string[] = []
  for (const { resource, scopeMetrics } of resources) {
    const own = Object.fromEntries(resource.attributes.map(({ key, value }) => [key, textOf(value)]))
    const target = {
      job: [own['service.namespace'], own['service.name']].filter(Boolean).join('/'), instance: own['service.instance.id'] ?? '',
    }
    const times = new Set<string>()
    for (const { name, unit, sum, histogram } of scopeMetrics.flatMap(({ metrics }) => metrics)) {
      const base = plain(name) + (unit === 's' ? '_seconds' : unit === 'ms' ? '_milliseconds' : '')
      const add = (metric: string, point: Point, value: string | number, more: Record<string, string> = {}) => lines.push(lineOf(metric, { ...target, ...labelsOf(point.attributes), ...more }, value, point))
      for (const point of [...sum?.dataPoints ?? [], ...histogram?.dataPoints ?? []]) times.add(point.timeUnixNano)
      for (const point of sum?.dataPoints ?? []) add(`${base}_total`, point, point.asInt!)
      for (const point of histogram?.dataPoints ?? []) {
        let below = 0
        point.bucketCounts!.forEach((count, i) => add(`${base}_bucket`, point, below += Number(count), { le: `${point.explicitBounds![i] ?? '+Inf'}` }))
        add(`${base}_count`, point, point.count!)
        add(`${base}_sum`, point, point.sum!)
      }
    }
    const info = labelsOf(resource.attributes.filter(({ key }) => !/^service\.(?:name|namespace|instance\.id)$/.test(key)))
    for (const timeUnixNano of times) lines.push(lineOf('target_info', { ...target, ...info }, 1, { timeUnixNano }))
  }
  return `${lines.join('\n')}\n`
}

function lineOf(metric: string, labels: Record<string, string>, value: string | number, { timeUnixNano }: Pick<Point, 'timeUnixNano'>): string {
  return `${metric}{${Object.entries(labels).map(([name, text]) => `${name}=${JSON.stringify(text)}`).join(',')}} ${value} ${timeUnixNano.slice(0, -6)}`
}

const labelsOf = (attributes: readonly Attribute[]) => Object.fromEntries(attributes.map(({ key, value }) => [plain(key), textOf(value)]))
const plain = (name: string) => name.replace(/\W/g, '_')
const textOf = ({ stringValue, intValue, doubleValue, boolValue }: AnyValue) => String(stringValue ?? intValue ?? doubleValue ?? boolValue)
