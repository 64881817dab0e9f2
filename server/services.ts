import { join } from 'node:path'
import { AppError } from '#shared/errors'
import { SECOND } from '#shared/units'
import { createAccess, type Access } from './access/access'
import { createSystemClock, type Clock } from './clock'
import type { Config } from './config'
import { openControl } from './db/client'
import { log } from './http/log'
import { createTraces, type Traces } from './monitoring/trace'
import { createRegistry, type Registry } from './registry/registry'
import { createAbsentMetrics } from './telemetry/absent-metrics'
import { createAbsentLogs, createAbsentTraces } from './telemetry/absent-traces'

/** Everything a route may use. Rooms are made here and nowhere else; each gets only what it needs. */
export interface Services {
  config: Config
  clock: Clock
  access: Access
  registry: Registry
  traces: Traces
  /** Resolves when receivers listen and the worker answers; rejects when the process should not go on. */
  started: Promise<void>
  /** Ends receivers, worker and databases, committing what is in flight. */
  close: () => Promise<void>
}

export function createServices(config: Config): Services {
  const clock = createSystemClock()
  const db = openControl(join(config.dataDir, 'control.sqlite'))
  const access = createAccess({ db, clock })
  const metrics = createAbsentMetrics()
  const registry = createRegistry({ db, clock, metrics })
  const traces = createTraces({
    traces: createAbsentTraces(), metrics, logs: createAbsentLogs(),
    register: registry.known, consumerAttributes: config.consumerAttributes, clock,
  })
  const stopDiscovery = clock.every(10 * SECOND, () => {
    registry.discover().catch((error) => {
      // A source that is away is told where its health is shown.
      if (!(error instanceof AppError && error.code === 'source.unavailable')) log.error({ event: 'registry.discovery.failed', err: error })
    })
  })

  return {
    config,
    clock,
    access,
    registry,
    traces,
    started: Promise.resolve(),
    async close() {
      stopDiscovery()
      access.close()
      db.$client.close()
    },
  }
}
