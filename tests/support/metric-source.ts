import type { MetricSource, RequestsDimension, RequestsQuery, RequestsRow, SeenService } from '#server/telemetry/ports'
import { AppError } from '#shared/errors'
import type { Micros } from '#shared/units'

export interface Call {
  service: string
  method: string
  routeKey: string
  consumer?: string
  at: Date
  duration?: Micros
  status?: number
  path?: string
}

export interface CallSource extends MetricSource {
  calls: Call[]
  /** What `services` answers. */
  held: SeenService[]
  asked: Record<string, number>
  /** As if the backend were away. */
  down: boolean
}

/** A source that holds single requests and answers from them, counting how often it is asked. */
export function createCallSource(calls: Call[] = [], services: SeenService[] = []): CallSource {
  const asked: Record<string, number> = {}
  const count = (what: string) => {
    if (source.down) throw new AppError('source.unavailable', { source: 'embedded' })
    asked[what] = (asked[what] ?? 0) + 1
  }
  const unasked = (what: string) => () => Promise.reject(new Error(`nobody expected to be asked for ${what}`))

  const source: CallSource = {
    name: 'embedded',
    capabilities: { promql: false, exemplars: true, byConsumer: true, points: true, errors: true },
    calls,
    held: services,
    down: false,
    asked,
    async requests({ window, groupBy, where, step, beyond }) {
      count('requests')
      const groups = new Map<string, Call[]>()
      for (const call of calls) {
        if (call.at < window.from || call.at >= window.to) continue
        if (Object.entries(where ?? {}).some(([key, value]) => value !== undefined && valueOf(call, key as RequestsDimension) !== value)) continue
        const at = step ? Math.floor(call.at.getTime() / step) * step : undefined
        const key = JSON.stringify([at, ...groupBy.map(dimension => valueOf(call, dimension))])
        groups.set(key, [...(groups.get(key) ?? []), call])
      }
      const data = [...groups].map(([key, group]): RequestsRow => {
        const [at, ...values] = JSON.parse(key)
        return { ...Object.fromEntries(groupBy.map((dimension, i) => [dimension, values[i]])), ...(step && { at: new Date(at) }), ...redOf(group), ...slowOf(group, beyond) }
      })
      return { data, population: { kind: 'all' }, warnings: [] }
    },
    async seen({ service, since } = {}) {
      count('seen')
      const routes = new Map<string, Call[]>()
      for (const call of calls) {
        if ((service && call.service !== service) || (since && call.at < since)) continue
        const key = `${call.service} ${call.method} ${call.routeKey}`
        routes.set(key, [...(routes.get(key) ?? []), call])
      }
      return [...routes.values()].map(group => ({
        service: group[0]!.service, method: group[0]!.method, routeKey: group[0]!.routeKey,
        firstSeen: new Date(Math.min(...group.map(call => call.at.getTime()))), lastSeen: new Date(Math.max(...group.map(call => call.at.getTime()))),
        samplePath: group.at(-1)!.path,
      }))
    },
    async services() {
      count('services')
      return services
    },
    operations: unasked('operations'),
    durations: unasked('durations'),
    errors: unasked('errors'),
    exemplars: unasked('exemplars'),
    metricNames: unasked('metric names'),
    points: unasked('points'),
    check: async () => ({ state: 'ok', latency: 0 }),
  }
  return source
}

function slowOf(calls: Call[], beyond: RequestsQuery['beyond']): { slow?: number } {
  const [first] = calls
  const limit = beyond?.find(({ service, method, routeKey }) => service === first?.service && method === first.method && routeKey === first.routeKey)?.limit
  return limit === undefined ? {} : { slow: calls.filter(call => (call.duration ?? 100_000) > limit).length }
}

function valueOf(call: Call, dimension: RequestsDimension): string | number {
  if (dimension === 'consumer') return call.consumer ?? 'unknown'
  if (dimension === 'statusClass') return Math.floor((call.status ?? 200) / 100)
  return call[dimension]
}

function redOf(calls: Call[]) {
  const durations = calls.map(call => call.duration ?? 100_000).sort((a, b) => a - b)
  const quantile = (q: number) => durations[Math.min(durations.length - 1, Math.floor(q * durations.length))]
  return {
    spans: calls.length,
    requests: calls.length,
    failed: calls.filter(call => (call.status ?? 200) >= 500).length,
    clientErrors: calls.filter(call => Math.floor((call.status ?? 200) / 100) === 4).length,
    duration: durations.reduce((sum, duration) => sum + duration, 0),
    p50: quantile(0.5), p95: quantile(0.95), p99: quantile(0.99),
  }
}
