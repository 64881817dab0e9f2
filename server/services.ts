import { createSystemClock, type Clock } from './clock'
import type { Config } from './config'

/** Everything a route may use. Rooms are made here and nowhere else; each gets only what it needs. */
export interface Services {
  config: Config
  clock: Clock
  /** Resolves when receivers listen and the worker answers; rejects when the process should not go on. */
  started: Promise<void>
  /** Ends receivers, worker and databases, committing what is in flight. */
  close: () => Promise<void>
}

export function createServices(config: Config): Services {
  const clock = createSystemClock()

  return {
    config,
    clock,
    started: Promise.resolve(),
    close: async () => {},
  }
}
