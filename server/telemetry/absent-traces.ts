import { AppError } from '#shared/errors'
import type { LogSource, TraceSource } from './ports'

const unavailable = async () => {
  throw new AppError('source.unavailable', { source: 'embedded' })
}

/** Stands where no source of traces runs: every question is answered with what is the matter. */
export function createAbsentTraces(): TraceSource {
  return {
    name: 'embedded',
    capabilities: { attributes: 'scanned', durationFilter: false, totals: false },
    skeleton: unavailable,
    span: unavailable,
    async* spans() {
      yield await unavailable()
    },
    search: unavailable,
    scatter: unavailable,
    profile: unavailable,
    check: async () => ({ state: 'failed', latency: 0, code: 'unavailable' }),
  }
}

/** The same for logs. */
export function createAbsentLogs(): LogSource {
  return {
    name: 'embedded',
    capabilities: { fullText: 'prefix', totals: false },
    search: unavailable,
    histogram: unavailable,
    ofTrace: unavailable,
    line: unavailable,
    check: async () => ({ state: 'failed', latency: 0, code: 'unavailable' }),
  }
}
