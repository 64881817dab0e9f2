import { join } from 'node:path'
import { AppError } from '#shared/errors'
import { SECOND } from '#shared/units'
import { createAccess, type Access } from './access/access'
import { createSystemClock, type Clock } from './clock'
import type { Config } from './config'
import { openControl } from './db/client'
import { createLiveStreams, type LiveStreams } from './http/live-stream'
import { log } from './http/log'
import { createLive, type Live } from './live/live'
import { createMonitoring, type Monitoring } from './monitoring/monitoring'
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
  monitoring: Monitoring
  live: Live
  streams: LiveStreams
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
  const sources = { traces: createAbsentTraces(), metrics, logs: createAbsentLogs() }
  const traces = createTraces({
    ...sources,
    register: registry.known, consumerAttributes: config.consumerAttributes, clock,
  })
  const stopDiscovery = clock.every(10 * SECOND, () => {
    registry.discover().catch(unlessAway('registry.discovery.failed'))
  })

  const live = createLive()
  const streams = createLiveStreams({ live, clock })
  const monitoring = createMonitoring({
    ...sources, clock,
    register: { ...registry.known, endpoint: id => registry.endpoints.find(id) },
    onRound: changed => live.publish('status', { changed }),
    onTrouble: unlessAway('monitoring.round.failed'),
  })
  const stopRounds = monitoring.start()
  registry.onChange(() => live.publish('register', {}))

  return {
    config,
    clock,
    access,
    registry,
    traces,
    monitoring,
    live,
    streams,
    started: Promise.resolve(),
    async close() {
      stopDiscovery()
      stopRounds()
      access.close()
      db.$client.close()
    },
  }
}

/** A source that is away is told where its health is shown; everything else belongs in the log. */
function unlessAway(event: string) {
  return (error: unknown) => {
    if (!(error instanceof AppError && error.code === 'source.unavailable')) log.error({ event, err: error })
  }
}
