import type { Clock } from '#server/clock'
import type { LogSource } from '../ports'
import { checkStore, toAppError, type StoreReader } from './store-reader'

export function createEmbeddedLogSource({ reader, clock }: { reader: StoreReader, clock: Clock }): LogSource {
  return {
    name: 'embedded',
    capabilities: { fullText: 'prefix', totals: true },
    search: query => toAppError(() => reader.ask('searchLogs', [query])),
    histogram: (query, step) => toAppError(() => reader.ask('logHistogram', [query, step])),
    ofTrace: (traceId, limit) => toAppError(async () => reader.near().logsOfTrace(traceId, limit)),
    ofTraces: query => toAppError(() => reader.ask('logsOfTraces', [query])),
    line: id => toAppError(async () => reader.near().logLine(id)),
    check: () => checkStore(reader, clock, 'logs'),
  }
}
