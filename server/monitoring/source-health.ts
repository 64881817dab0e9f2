import type { Clock } from '#server/clock'
import { impatiently, isImpatient } from '#server/patience'
import { inRounds } from '#server/rounds'
import type { LogSource, MetricSource, SourceHealth, TraceSource } from '#server/telemetry/ports'
import { AppError } from '#shared/errors'
import type { CheckedSource } from '#shared/schemas/sources'
import { MINUTE, SECOND, type Millis } from '#shared/units'
import { createLastValues } from './last-values'
import { createSourceHistory } from './source-history'

export interface Sources {
  traces: TraceSource
  metrics: MetricSource
  logs: LogSource
}

export const signals = ['metrics', 'traces', 'logs'] as const
export type SignalName = typeof signals[number]

/** A source is shown to be back once it has answered for so long, longer where it comes and goes: who looks reads a state, not a flicker, ms. */
const settled = { once: 3 * SECOND, again: 6 * SECOND }
/** Away again within so long of its return, it comes and goes, ms. */
const shortly = MINUTE
/** How often each is checked while nobody looks: now and then, and in quick succession while it is away, so that its return is known at once, ms. */
const whileWell = 4 * SECOND
const whileAway = SECOND

/** What is told of a source, and what was seen of it. */
interface Shown {
  health: CheckedSource
  /** When it last failed, and when it was last shown to be back. */
  failedAt: Millis
  backAt: Millis
  comesAndGoes: boolean
}

const isAway = ({ state }: CheckedSource) => state === 'failed'

/** How the three sources are: each asked at most every few seconds however many look, and again and again while nobody does. */
export function createSourceHealth({ clock, sources }: { clock: Clock, sources: Sources }) {
  const values = createLastValues<CheckedSource>({ clock, fresh: 5 * SECOND, usable: 30 * SECOND })
  const history = createSourceHistory({ clock })
  const shown = new Map<SignalName, Shown>()
  const listeners = new Set<() => void>()

  /** What is shown of a source that answers again a moment after it failed stays as it was for a while. */
  function steadied(health: CheckedSource): CheckedSource {
    const before = shown.get(health.signal)
    // That somebody could not wait is no trouble of the source.
    if (isImpatient()) return before?.health ?? health
    const now = clock.monotonic()
    if (before && isAway(before.health) && !isAway(health) && now - before.failedAt < (before.comesAndGoes ? settled.again : settled.once)) return { ...before.health, latency: health.latency }
    show(health, now)
    if (before && isAway(before.health) !== isAway(health)) for (const listener of listeners) listener()
    return health
  }

  function show(health: CheckedSource, now: Millis) {
    const { health: last, failedAt, backAt, comesAndGoes } = shown.get(health.signal) ?? { failedAt: -Infinity, backAt: -Infinity, comesAndGoes: false }
    const [away, wasAway] = [isAway(health), last !== undefined && isAway(last)]
    shown.set(health.signal, {
      health,
      failedAt: away ? now : failedAt,
      backAt: wasAway && !away ? now : backAt,
      comesAndGoes: away && !wasAway ? now - backAt < shortly : comesAndGoes,
    })
    history.note(health)
  }

  async function ask(signal: SignalName, anew: boolean): Promise<CheckedSource> {
    const started = clock.monotonic()
    const source = sources[signal]
    // `check` promises not to throw; one that does is a source that failed.
    const health = await impatiently(() => source.check({ anew }), () => new AppError('source.unavailable', { source: source.name, reason: 'slow' }))
      .catch((error): SourceHealth => ({ state: 'failed', latency: clock.monotonic() - started, trouble: error instanceof AppError ? error.params : { source: source.name } }))
    return {
      signal, source: source.name, state: health.state, latency: Math.round(health.latency * 10) / 10,
      checkedAt: clock.now().toISOString(), lastReceived: health.lastReceived?.toISOString() ?? null,
      ...(health.trouble && { trouble: health.trouble }), ...(health.version !== undefined && { version: health.version }),
      found: health.found ?? [], ...(health.clockAhead !== undefined && { clockAhead: health.clockAhead }),
    }
  }

  /** Checks in the background; the answer ends them. */
  function start(): () => void {
    const askedAt = new Map<SignalName, Millis>()
    const underway = new Set<SignalName>()

    async function renew(signal: SignalName) {
      underway.add(signal)
      askedAt.set(signal, clock.monotonic())
      values.put(signal, steadied(await ask(signal, false)))
      underway.delete(signal)
    }

    function round() {
      for (const signal of signals) {
        const known = shown.get(signal)?.health
        const every = known && isAway(known) ? whileAway : whileWell
        if (!underway.has(signal) && clock.monotonic() - (askedAt.get(signal) ?? -Infinity) >= every) void inRounds(() => renew(signal))
      }
    }
    round()
    return clock.every(SECOND, round)
  }

  const read = async () => Promise.all(signals.map(async signal => (await values.get(signal, async () => steadied(await ask(signal, false)))).value))

  return {
    read,
    start,
    history,
    /** Told when one is shown to be away, or to be back; the answer ends it. */
    onChange(listener: () => void): () => void {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },

    /** Now, whatever is known: somebody pressed the button. `chosen`: only this one. */
    async check(chosen: readonly SignalName[] = signals): Promise<CheckedSource[]> {
      await Promise.all(chosen.map(async (signal) => {
        const health = await ask(signal, true)
        show(health, clock.monotonic())
        values.put(signal, health)
      }))
      return read()
    },
  }
}
