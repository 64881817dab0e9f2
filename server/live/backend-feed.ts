import type { Clock } from '#server/clock'
import type { Signal } from '#server/telemetry/telemetry'
import { SECOND } from '#shared/units'
import type { Live } from './live'

/** How old what a page shows of a backend may become. */
const round = 5 * SECOND

/** Backends do not say when they took something in: pages that show what comes from one ask again every few seconds. The answer ends it. */
export function startBackendFeed({ live, clock, connected }: { live: Pick<Live, 'publish'>, clock: Clock, connected: readonly Signal[] }): () => void {
  if (connected.every(signal => signal === 'metrics')) return () => {}
  return clock.every(round, () => {
    if (connected.includes('traces')) live.publish('traces', { ids: [], services: [], more: true })
    if (connected.includes('logs')) live.publish('logs', { services: [] })
  })
}
