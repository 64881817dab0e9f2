import type { Clock } from '#server/clock'
import type { LogSource, MetricSource, SourceHealth, TraceSource } from '#server/telemetry/ports'
import type { SentSourceHealth } from '#shared/schemas/status'
import { SECOND } from '#shared/units'
import { createLastValues } from './last-values'

export interface Sources {
  traces: TraceSource
  metrics: MetricSource
  logs: LogSource
}

export const signals = ['metrics', 'traces', 'logs'] as const

/** How the three sources are, asked together and at most every few seconds. */
export function createSourceHealth({ clock, sources }: { clock: Clock, sources: Sources }) {
  const values = createLastValues<SentSourceHealth[]>({ clock, fresh: 5 * SECOND, usable: 30 * SECOND })

  async function check(): Promise<SentSourceHealth[]> {
    return Promise.all(signals.map(async (signal) => {
      const started = clock.monotonic()
      // `check` promises not to throw; one that does is a source that failed.
      const health = await sources[signal].check().catch((): SourceHealth => ({ state: 'failed', latency: clock.monotonic() - started, trouble: { source: sources[signal].name } }))
      return {
        signal, source: sources[signal].name, state: health.state, latency: Math.round(health.latency * 10) / 10,
        lastReceived: health.lastReceived?.toISOString() ?? null,
        ...(health.trouble && { trouble: health.trouble }), ...(health.version !== undefined && { version: health.version }),
        ...(health.found && { found: health.found }), ...(health.clockAhead !== undefined && { clockAhead: health.clockAhead }),
      }
    }))
  }

  return {
    read: async () => (await values.get('all', check)).value,
    /** Now, whatever is known: somebody pressed the button. */
    check,
  }
}
