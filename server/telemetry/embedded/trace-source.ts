import type { Clock } from '#server/clock'
import type { TraceSource } from '../ports'
import { checkStore, toAppError, type StoreReader } from './store-reader'

export function createEmbeddedTraceSource({ reader, clock }: { reader: StoreReader, clock: Clock }): TraceSource {
  return {
    name: 'embedded',
    capabilities: { attributes: 'scanned', durationFilter: true, totals: true, dependencies: false, failed: 'outcome', values: 'typed', names: 'sent', found: 'summaries' },
    skeleton: traceId => toAppError(async () => {
      const held = await reader.ask('skeleton', [traceId])
      return held && { ...held, warnings: [] }
    }),
    span: (traceId, key) => toAppError(async () => reader.near().span(traceId, key)),
    spansByKey: (traceId, keys) => toAppError(() => reader.ask('spansByKey', [traceId, keys])),
    async* spans(traceId, signal) {
      for (let from = 0; ;) {
        signal?.throwIfAborted()
        const spans = await toAppError(() => reader.ask('spans', [traceId, from]))
        yield* spans
        if (spans.length === 0) return
        from += spans.length
      }
    },
    search: query => toAppError(() => reader.ask('searchTraces', [query])),
    scatter: (query, limit) => toAppError(() => reader.ask('scatter', [query, limit])),
    profile: query => toAppError(() => reader.ask('profile', [query])),
    batch: query => toAppError(() => reader.ask('traceBatch', [query])),
    dependencies: async () => undefined,
    check: () => checkStore(reader, clock, 'traces'),
  }
}
