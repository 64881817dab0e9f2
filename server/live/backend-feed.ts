import type { Clock } from '#server/clock'
import { inRounds } from '#server/rounds'
import type { LogSource, TraceSource } from '#server/telemetry/ports'
import type { Signal } from '#server/telemetry/telemetry'
import { SECOND } from '#shared/units'
import type { Live } from './live'

/** How old what a page shows of a backend may become. */
const round = 5 * SECOND
/** What came late is looked for so far back. */
const overlap = 30 * SECOND
const mostTraces = 100
const mostLines = 20
const mostKnown = 2_000

export interface BackendFeedOptions {
  live: Pick<Live, 'publish' | 'isHeard'>
  clock: Clock
  traces: TraceSource
  logs: LogSource
  connected: readonly Signal[]
}

/**
 * Backends do not say when they took something in. Each that is connected is asked once every few seconds, however many
 * look and only while anybody does, and pages are told what is new. The answer ends it.
 */
export function startBackendFeed({ live, clock, traces, logs, connected }: BackendFeedOptions): () => void {
  const rounds = [
    ...(connected.includes('traces') ? [tellTraces()] : []),
    ...(connected.includes('logs') ? [tellLogs()] : []),
  ]
  if (!rounds.length) return () => {}
  return clock.every(round, () => {
    if (live.isHeard()) for (const tell of rounds) tell()
  })

  /** A trace is news again when it has grown. */
  function tellTraces(): () => void {
    const known = new Map<string, number>()
    return oneAtATime(async (window) => {
      const page = await traces.search({ window, limit: mostTraces })
      const fresh = page.traces.filter(({ traceId, spans }) => known.get(traceId) !== spans)
      remember(known, fresh.map(({ traceId, spans }) => [traceId, spans]))
      if (fresh.length) live.publish('traces', { ids: fresh.map(({ traceId }) => traceId), services: distinct(fresh.flatMap(({ services }) => services)), more: page.next !== undefined })
    })
  }

  function tellLogs(): () => void {
    const known = new Map<string, true>()
    return oneAtATime(async (window) => {
      const page = await logs.search({ window, limit: mostLines })
      const fresh = page.lines.filter(({ id }) => !known.has(id))
      remember(known, fresh.map(({ id }) => [id, true]))
      if (fresh.length) live.publish('logs', { services: distinct(fresh.map(({ service }) => service.toLowerCase())) })
    })
  }

  /** A source that is away is told where its health is shown; the next round finds it back. */
  function oneAtATime(ask: (window: { from: Date, to: Date }) => Promise<void>): () => void {
    let underway = false
    return () => {
      if (underway) return
      underway = true
      const now = clock.now().getTime()
      inRounds(() => ask({ from: new Date(now - overlap), to: new Date(now + SECOND) })).catch(() => {}).finally(() => (underway = false))
    }
  }
}

function remember<K, V>(known: Map<K, V>, entries: [K, V][]) {
  for (const [key, value] of entries) {
    known.delete(key)
    known.set(key, value)
  }
  for (const key of known.keys()) {
    if (known.size <= mostKnown) break
    known.delete(key)
  }
}

function distinct(values: readonly string[]): string[] {
  return [...new Set(values)]
}
