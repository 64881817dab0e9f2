import type { Clock } from '#server/clock'
import { impatiently } from '#server/patience'
import type { LogSource, MetricSource, SourceHealth, TraceSource } from '#server/telemetry/ports'
import { AppError } from '#shared/errors'
import type { SentSourceHealth } from '#shared/schemas/status'
import { SECOND, type Millis } from '#shared/units'
import { createLastValues } from './last-values'

export interface Sources {
  traces: TraceSource
  metrics: MetricSource
  logs: LogSource
}

export const signals = ['metrics', 'traces', 'logs'] as const

/** A source that comes and goes is shown as it was for so long: who looks reads a state, not a flicker, ms. */
const steady = 10 * SECOND

/** How the three sources are, asked together and at most every few seconds. */
export function createSourceHealth({ clock, sources }: { clock: Clock, sources: Sources }) {
  const values = createLastValues<SentSourceHealth[]>({ clock, fresh: 5 * SECOND, usable: 30 * SECOND })

  const shown = new Map<string, { health: SentSourceHealth, since: Millis }>()

  /** What is shown of a source that failed or came back a moment ago stays as it is for a while. */
  function steadied(health: SentSourceHealth): SentSourceHealth {
    const before = shown.get(health.signal)
    const now = clock.monotonic()
    const changed = before !== undefined && (before.health.state === 'failed') !== (health.state === 'failed')
    if (changed && now - before.since < steady) return { ...before.health, latency: health.latency }
    shown.set(health.signal, { health, since: before && !changed ? before.since : before ? now : -Infinity })
    return health
  }

  async function check(): Promise<SentSourceHealth[]> {
    return Promise.all(signals.map(async (signal) => {
      const started = clock.monotonic()
      // `check` promises not to throw; one that does is a source that failed.
      const health = await impatiently(() => sources[signal].check(), () => new AppError('source.unavailable', { source: sources[signal].name, reason: 'slow' }))
        .catch((error): SourceHealth => ({ state: 'failed', latency: clock.monotonic() - started, trouble: error instanceof AppError ? error.params : { source: sources[signal].name } }))
      return {
        signal, source: sources[signal].name, state: health.state, latency: Math.round(health.latency * 10) / 10,
        lastReceived: health.lastReceived?.toISOString() ?? null,
        ...(health.trouble && { trouble: health.trouble }), ...(health.version !== undefined && { version: health.version }),
        ...(health.found && { found: health.found }), ...(health.clockAhead !== undefined && { clockAhead: health.clockAhead }),
      }
    }))
  }

  return {
    read: async () => (await values.get('all', async () => (await check()).map(steadied))).value,
    /** Now, whatever is known: somebody pressed the button. */
    check,
  }
}
