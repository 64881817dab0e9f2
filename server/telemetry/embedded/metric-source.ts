import type { Clock } from '#server/clock'
import type { MetricSource } from '../ports'
import { checkStore, toAppError, type StoreReader } from './store-reader'

export function createEmbeddedMetricSource({ reader, clock }: { reader: StoreReader, clock: Clock }): MetricSource {
  return {
    name: 'embedded',
    capabilities: { promql: false, exemplars: true, byConsumer: true, points: true, errors: true },
    requests: query => toAppError(() => reader.ask('requests', [query])),
    operations: query => toAppError(() => reader.ask('operations', [query])),
    durations: query => toAppError(() => reader.ask('durations', [query])),
    seen: filter => toAppError(() => reader.ask('seen', [filter])),
    services: () => toAppError(() => reader.ask('services', [])),
    errors: query => toAppError(() => reader.ask('errors', [query])),
    exemplars: query => toAppError(() => reader.ask('exemplars', [query])),
    metricNames: service => toAppError(() => reader.ask('metricNames', [service])),
    points: query => toAppError(() => reader.ask('points', [query])),
    check: () => checkStore(reader, clock, 'traces'),
  }
}
