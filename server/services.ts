import { join } from 'node:path'
import { createAccess, type Access } from './access/access'
import { createSystemClock, type Clock } from './clock'
import type { Config } from './config'
import { openControl } from './db/client'

/** Everything a route may use. Rooms are made here and nowhere else; each gets only what it needs. */
export interface Services {
  config: Config
  clock: Clock
  access: Access
  /** Resolves when receivers listen and the worker answers; rejects when the process should not go on. */
  started: Promise<void>
  /** Ends receivers, worker and databases, committing what is in flight. */
  close: () => Promise<void>
}

export function createServices(config: Config): Services {
  const clock = createSystemClock()
  const db = openControl(join(config.dataDir, 'control.sqlite'))
  const access = createAccess({ db, clock })

  return {
    config,
    clock,
    access,
    started: Promise.resolve(),
    async close() {
      access.close()
      db.$client.close()
    },
  }
}
