import type { Clock } from '#server/clock'
import { impatiently, isImpatient } from '#server/patience'
import type { LogSource, MetricSource, SourceHealth, TraceSource } from '#server/telemetry/ports'
import { AppError } from '#shared/errors'
import type { CheckedSource } from '#shared/schemas/sources'
import { SECOND, type Millis } from '#shared/units'
import { createLastValues } from './last-values'
import { createSourceHistory } from './source-history'

export interface Sources {
  traces: TraceSource
  metrics: MetricSource
  logs: LogSource
}

export const signals = ['metrics', 'traces', 'logs'] as const
export type SignalName = typeof signals[number]

/** A source that comes and goes is shown as it was for so long: who looks reads a state, not a flicker, ms. */
const steady = 10 * SECOND

/** How the three sources are: each asked at most every few seconds however many look, and again and again while nobody does. */
export function createSourceHealth({ clock, sources }: { clock: Clock, sources: Sources }) {
  const values = createLastValues<CheckedSource>({ clock, fresh: 5 * SECOND, usable: 30 * SECOND })
  const history = createSourceHistory({ clock })
  const shown = new Map<SignalName, { health: CheckedSource, since: Millis }>()

  /** What is shown of a source that failed or came back a moment ago stays as it is for a while. */
  function steadied(health: CheckedSource): CheckedSource {
    const before = shown.get(health.signal)
    const now = clock.monotonic()
    if (isImpatient()) return before?.health ?? health
    const changed = before !== undefined && (before.health.state === 'failed') !== (health.state === 'failed')
    if (changed && now - before.since < steady) return { ...before.health, latency: health.latency }
    shown.set(health.signal, { health, since: before && !changed ? before.since : before ? now : -Infinity })
    return health
  }

  async function ask(signal: SignalName, anew: boolean): Promise<CheckedSource> {
    const started = clock.monotonic()
    const source = sources[signal]
    // `check` promises not to throw; one that does is a source that failed.
    const health = await impatiently(() => source.check({ anew }), () => new AppError('source.unavailable', { source: source.name, reason: 'slow' }))
      .catch((error): SourceHealth => ({ state: 'failed', latency: clock.monotonic() - started, trouble: error instanceof AppError ? error.params : { source: source.name } }))
    const checked: CheckedSource = {
      signal, source: source.name, state: health.state, latency: Math.round(health.latency * 10) / 10,
      checkedAt: clock.now().toISOString(), lastReceived: health.lastReceived?.toISOString() ?? null,
      ...(health.trouble && { trouble: health.trouble }), ...(health.version !== undefined && { version: health.version }),
      found: health.found ?? [], ...(health.clockAhead !== undefined && { clockAhead: health.clockAhead }),
    }
    // That somebody could not wait is no trouble of the source.
    if (!isImpatient()) history.note(checked)
    return checked
  }

  const read = async () => Promise.all(signals.map(async signal => (await values.get(signal, async () => steadied(await ask(signal, false)))).value))

  return {
    read,
    history,

    /** Now, whatever is known: somebody pressed the button. `chosen`: only this one. */
    async check(chosen: readonly SignalName[] = signals): Promise<CheckedSource[]> {
      await Promise.all(chosen.map(async (signal) => {
        const health = await ask(signal, true)
        shown.set(signal, { health, since: clock.monotonic() })
        values.put(signal, health)
      }))
      return read()
    },
  }
}
