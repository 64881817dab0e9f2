import type { Clock } from '#server/clock'
import { inRounds } from '#server/rounds'
import type { LogSource, MetricSource, TraceSource } from '#server/telemetry/ports'
import { SECOND } from '#shared/units'
import type { Register } from './register'
import { noIncidents, type IncidentMarks } from './incident-marks'
import { createEndpointAnalysis } from './endpoint-analysis'
import { createExplorer } from './explorer'
import { createForgivingMetrics } from './forgiving-metrics'
import { createLogSearch } from './log-search'
import { createServiceAnalysis } from './service'
import { createServiceMap } from './service-map'
import { createSourceHealth } from './source-health'
import { createSources, type SourcesDependencies } from './sources'
import { createStateKeeper } from './state-keeper'
import { createStatus } from './status'
import { createTraceSearch } from './trace-search'
import { createUsual } from './usual'
import { worstEndpointsOf } from './worst-endpoints'

export type { IncidentMarks } from './incident-marks'
export type { KnownEndpoint, KnownService, Register } from './register'
export { createSavedQueries, type SavedQueries } from './saved-queries'
export type { Standing } from './state-keeper'

export interface MonitoringDependencies extends Partial<Pick<SourcesDependencies, 'stats' | 'keyNames' | 'retention'>> {
  clock: Clock
  traces: TraceSource
  metrics: MetricSource
  logs: LogSource
  register: Register
  incidents?: IncidentMarks
  /** Told after each round, also of one that failed, which services and endpoints changed their state, as `service:<name>` and `endpoint:<id>`. */
  onRound?: (changed: string[]) => void
  /** Told when a source went away or is back. */
  onSource?: () => void
  onTrouble?: (error: unknown) => void
}

const round = 5 * SECOND
const noRetention = { spansDays: 0, logsDays: 0, maxBytes: 0, rollup10sDays: 0, rollup1mDays: 0, rollup10mDays: 0 }

/** What services and endpoints are doing: one round of questions every five seconds, however many look. */
export function createMonitoring({ clock, traces, metrics, logs, register, incidents = noIncidents, onRound, onSource = () => {}, onTrouble, stats, keyNames = () => new Map(), retention = noRetention }: MonitoringDependencies) {
  const keeper = createStateKeeper({ clock, metrics, register })
  const usual = createUsual({ clock, metrics, excluded: incidents.excluded })
  const shown = createForgivingMetrics(metrics)
  const sourceHealth = createSourceHealth({ clock, sources: { traces, metrics, logs } })
  const worstEndpoints = worstEndpointsOf(keeper)
  const status = createStatus({ clock, incidents, metrics: shown, register, keeper, usual, sourceHealth, worstEndpoints })
  const service = createServiceAnalysis({ clock, incidents, metrics: shown, traces, register, keeper, usual, worstEndpoints })
  const endpoint = createEndpointAnalysis({ clock, incidents, metrics: shown, traces, register, keeper, usual })
  const sources = createSources({ clock, sources: { traces, metrics, logs }, health: sourceHealth, stats, keyNames, retention })
  let under: Promise<void> | undefined

  /** One at a time: a source that answers slowly is not asked again meanwhile. */
  function poll(): Promise<void> {
    under ??= inRounds(async () => {
      const changed = await keeper.poll().catch((error) => {
        onTrouble?.(error)
        return []
      })
      await status.renew()
      under = undefined
      onRound?.(changed)
    })
    return under
  }

  return {
    /** Begins the rounds; the answer ends them. */
    start(): () => void {
      void poll()
      const ends = [
        clock.every(round, () => void poll()),
        sourceHealth.onChange(() => {
          onSource()
          void poll()
        }),
        sourceHealth.start(),
      ]
      return () => ends.forEach(end => end())
    },
    poll,
    board: status.board,
    service: service.read,
    endpoint: endpoint.read,
    traces: createTraceSearch({ clock, traces, metrics: shown, register, usual }),
    logs: createLogSearch({ clock, logs, metrics: shown, register }),
    explorer: createExplorer({ clock, metrics }),
    map: createServiceMap({ clock, metrics: shown, traces, register, keeper, usual }),
    sources: sources.read,
    sourceHealth,
    stateOfService: keeper.service,
    stateOfEndpoint: keeper.endpoint,
  }
}

export type Monitoring = ReturnType<typeof createMonitoring>
