import { createAlerting } from '#server/alerting/alerting'
import { openControl } from '#server/db/client'
import { createDiagnoses, diagnose } from '#server/diagnosis/diagnosis'
import { createIncidents, type RevisionLine } from '#server/incidents/incidents'
import { createRegistry } from '#server/registry/registry'
import type { InThreadTelemetry, TelemetrySnapshot } from '#server/telemetry/telemetry'
import { SECOND, type Millis } from '#shared/units'
import type { VirtualClock } from './virtual-clock'

export interface RoomsOptions {
  telemetry: InThreadTelemetry
  clock: VirtualClock
  snapshot: TelemetrySnapshot
  onRevision: (revision: RevisionLine) => void
  onTrouble: (error: unknown) => void
}

/** How often services and routes are looked for, as in the app. */
const discovery: Millis = 10 * SECOND
const mostChanges = 200

/** The rooms that judge, put together as `server/services.ts` does, on a control file in memory. Nobody is notified. */
export function startRooms({ telemetry, clock, snapshot, onRevision, onTrouble }: RoomsOptions) {
  const db = openControl(':memory:')
  const registry = createRegistry({ db, clock, metrics: telemetry.metrics, maskedKeys: snapshot.maskedKeys })
  const stopDiscovery = clock.every(discovery, () => {
    registry.discover().catch(onTrouble)
  })
  const diagnoses = createDiagnoses({
    ports: { ...telemetry, changes: window => registry.changes.list({ window, limit: mostChanges }) }, clock,
    // In this thread: there is nobody whom it could keep waiting.
    diagnoser: { diagnose: async (...asked) => diagnose(...asked) },
    register: { services: registry.known.services, endpoint: id => registry.endpoints.find(id) },
  })
  const incidents = createIncidents({
    ...telemetry, db, clock, register: registry.known, notifications: { enqueue: () => {} }, diagnose: diagnoses.run,
    consumerAttributes: snapshot.consumerAttributes, keepsEvidence: false, onTrouble,
  })
  const alerting = createAlerting({
    db, clock, metrics: telemetry.metrics, register: registry.known, excluded: incidents.excluded, tiers: [incidents.tier], onTrouble,
  })
  alerting.onChanges(incidents.listen)
  telemetry.onCommit(alerting.noteCommit)
  incidents.onRevision(onRevision)
  const stopIncidents = incidents.start()
  const stopAlerting = alerting.start()

  return {
    async close() {
      stopDiscovery()
      stopAlerting()
      await stopIncidents()
      db.$client.close()
    },
  }
}
