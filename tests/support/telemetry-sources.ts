import type { LogLine, LogSource, MetricSource, TraceSource, TraceSummary } from '../../server/telemetry/ports'

/** A source of which a test states only what it is about; anything else that is asked of it fails the test. */
function stub<T extends object>(name: string, known: Partial<T>): T {
  return new Proxy(known as T, {
    get: (target, verb) => Reflect.get(target, verb) ?? (verb === 'then' ? undefined : () => { throw new Error(`${name} was asked for ${String(verb)}`) }),
  })
}

export function traceSource(known: Partial<TraceSource> = {}): TraceSource {
  return stub<TraceSource>('trace source', {
    name: 'embedded',
    capabilities: { attributes: 'scanned', durationFilter: true, totals: true, dependencies: false, failed: 'outcome', values: 'typed', names: 'sent', found: 'summaries' },
    check: async () => ({ state: 'ok', latency: 1 }),
    ...known,
  })
}

export function metricSource(known: Partial<MetricSource> = {}): MetricSource {
  return stub<MetricSource>('metric source', {
    name: 'embedded',
    capabilities: { promql: false, exemplars: true, byConsumer: true, points: true, errors: true },
    requests: async () => ({ data: [], population: { kind: 'all' }, warnings: [] }),
    seen: async () => [],
    check: async () => ({ state: 'ok', latency: 1 }),
    ...known,
  })
}

export function logSource(known: Partial<LogSource> = {}): LogSource {
  return stub<LogSource>('log source', {
    name: 'embedded',
    capabilities: { fullText: 'prefix', totals: true },
    check: async () => ({ state: 'ok', latency: 1 }),
    ...known,
  })
}

export function traceSummary(known: Partial<TraceSummary> = {}): TraceSummary {
  return {
    traceId: '7f3c9a1e5b8d42060a1b2c3d4e35d812',
    startedAt: new Date('2026-11-23T05:21:07Z'),
    duration: 8_560_000,
    rootDuration: 8_560_000,
    root: { service: 'api-gateway', operation: 'POST /api/v1/process', method: 'POST', routeKey: '/api/v1/process', kind: 'server' },
    failed: false,
    spans: 30,
    services: ['api-gateway'],
    path: [{ service: 'api-gateway', micros: 8_560_000 }],
    ...known,
  }
}

export function logLine(known: Partial<LogLine> = {}): LogLine {
  return {
    id: '1', nanos: '1763875267412000000', at: new Date('2026-11-23T05:21:07.412Z'), observedAt: new Date('2026-11-23T05:21:07.824Z'),
    level: 'error', levelText: 'ERROR', service: 'business-service', body: 'external call failed: TimeoutError', attributes: {}, resource: {},
    ...known,
  }
}
