import { join } from 'node:path'
import { AppError } from '#shared/errors'
import { SECOND } from '#shared/units'
import { createAccess, type Access } from './access/access'
import { createAlerting, createNotifications, type Alerting, type Notifications } from './alerting/alerting'
import { createSystemClock, type Clock } from './clock'
import type { Config } from './config'
import { openControl } from './db/client'
import { createDiagnoser, createDiagnoses, type Diagnoses } from './diagnosis/diagnosis'
import { createLiveStreams, type LiveStreams } from './http/live-stream'
import { log } from './http/log'
import { createIncidents, type Incidents } from './incidents/incidents'
import { startBackendFeed } from './live/backend-feed'
import { createCommitFeed } from './live/commit-feed'
import { createLive, type Live } from './live/live'
import { createMonitoring, createSavedQueries, type IncidentMarks, type Monitoring, type SavedQueries } from './monitoring/monitoring'
import { createTraces, type Traces } from './monitoring/trace'
import { createRegistry, type Registry } from './registry/registry'
import { inRounds } from './rounds'
import { startTelemetry, type Telemetry, type TelemetrySnapshot } from './telemetry/telemetry'

/** Of the hour that one analysis looks at. */
const mostChanges = 200

/** Everything a route may use. Rooms are made here and nowhere else; each gets only what it needs. */
export interface Services {
  config: Config
  clock: Clock
  access: Access
  registry: Registry
  traces: Traces
  monitoring: Monitoring
  alerting: Alerting
  incidents: Incidents
  savedQueries: SavedQueries
  diagnoses: Diagnoses
  notifications: Notifications
  live: Live
  streams: LiveStreams
  telemetry: Telemetry
  /** Ends receivers, workers and databases, committing what is in flight. */
  close: () => Promise<void>
}

/** `onFailure`: something ended that must not; the process should not go on as if nothing were. */
export async function createServices(config: Config, onFailure: (error: Error) => void): Promise<Services> {
  const clock = createSystemClock()
  const db = openControl(join(config.dataDir, 'control.sqlite'))
  const access = createAccess({ db, clock })

  let version = 0
  /** What the receivers and the worker have to know of the control file; numbered, so that the newest wins. */
  const snapshot = (routes: TelemetrySnapshot['routes']): TelemetrySnapshot => ({
    version: ++version,
    keys: access.ingestKeys.grants().map(({ id, keyHash, scopes, services, samplingRatio }) => ({
      id, digest: keyHash, scopes: [...scopes], samplingRatio, ...(services && { services: [...services] }),
    })),
    routes,
    consumerAttributes: config.consumerAttributes,
    maskedKeys: config.maskedKeys,
    retention: config.retention,
  })
  const telemetry = await startTelemetry({ config, clock, snapshot: snapshot([]), onFailure })

  const registry = createRegistry({ db, clock, metrics: telemetry.metrics, maskedKeys: config.maskedKeys })
  const tellTelemetry = () => telemetry.updateSnapshot(snapshot(registry.known.templates()))
  tellTelemetry()
  access.ingestKeys.onChange(tellTelemetry)
  registry.onChange(tellTelemetry)

  const stopDiscovery = clock.every(10 * SECOND, () => {
    inRounds(() => registry.discover()).catch(unlessAway('registry.discovery.failed'))
  })

  const live = createLive()
  const streams = createLiveStreams({ live, clock })
  registry.onChange(() => live.publish('register', {}))
  telemetry.onCommit(createCommitFeed({ live, clock }))
  const stopFeed = startBackendFeed({ live, clock, ...telemetry })

  // Pages ask for incidents, and incidents how endpoints are doing: each is there when it is asked.
  const marks: IncidentMarks = {
    open: actor => incidents.marks.open(actor),
    openForEndpoint: (actor, route) => incidents.marks.openForEndpoint(actor, route),
    openForService: (actor, name) => incidents.marks.openForService(actor, name),
    ofTrace: (actor, trace) => incidents.marks.ofTrace(actor, trace),
    excluded: () => incidents.excluded(),
  }
  const traces = createTraces({ ...telemetry, register: registry.known, consumerAttributes: config.consumerAttributes, incidents: marks, kept: traceId => incidents.keptTrace(traceId), clock })
  telemetry.onCommit(commit => traces.forget(commit.traces))
  const monitoring = createMonitoring({
    ...telemetry, clock, incidents: marks,
    register: { ...registry.known, endpoint: id => registry.endpoints.find(id) },
    onRound: changed => live.publish('status', { changed }),
    onSource: () => live.publish('sources', {}),
    onTrouble: unlessAway('monitoring.round.failed'),
    keyNames: () => new Map(access.ingestKeys.list().map(({ id, name }) => [id, name])),
    retention: config.retention,
  })
  const stopRounds = monitoring.start()

  const diagnoser = createDiagnoser()
  const diagnoses = createDiagnoses({
    ports: { ...telemetry, changes: window => registry.changes.list({ window, limit: mostChanges }) }, clock, diagnoser,
    register: { services: registry.known.services, endpoint: id => registry.endpoints.find(id) },
    excluded: service => incidents.excluded(service),
  })
  const notifications = createNotifications({
    db, clock, settings: config.notifications, environment: config.environmentName, origin: config.origin, zone: config.timeZone,
    onTried: () => live.publish('notifications', {}),
    onTrouble: error => log.error({ event: 'alerting.notifications.failed', err: error }),
  })
  const stopNotifying = notifications.start()

  const incidents: Incidents = createIncidents({
    ...telemetry, db, clock, register: registry.known, notifications, consumerAttributes: config.consumerAttributes, stateOf: monitoring.stateOfEndpoint,
    diagnose: diagnoses.run,
    onTrouble: unlessAway('incidents.work.failed'),
  })
  incidents.onChange(changed => live.publish('incidents', changed))

  const alerting = createAlerting({
    db, clock, metrics: telemetry.metrics, register: registry.known, receives: telemetry.receives,
    changes: window => registry.changes.list({ window, limit: mostChanges }), excluded: incidents.excluded, incidentsOf: incidents.marks.ofAlerts, tiers: [incidents.tier],
    mayQuery: userId => access.mayStill(userId, 'metrics:query'),
    onTrouble: unlessAway('alerting.evaluation.failed'),
  })
  alerting.onChanges(incidents.listen)
  telemetry.onCommit(alerting.noteCommit)
  alerting.onNews(ids => live.publish('alerts', { ids }))
  const stopIncidents = incidents.start()
  const stopAlerting = alerting.start()

  return {
    config, clock, access, registry, traces, monitoring, alerting, incidents, live, streams, telemetry,
    savedQueries: createSavedQueries({ db, clock }),
    diagnoses, notifications,
    async close() {
      stopDiscovery()
      stopRounds()
      stopAlerting()
      stopFeed()
      await stopIncidents()
      stopNotifying()
      await notifications.close()
      await Promise.all([telemetry.close(), diagnoser.close()])
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
