import { eq } from 'drizzle-orm'
import type { Clock } from '#server/clock'
import type { Database } from '#server/db/client'
import { consumers, services } from '#server/db/control/schema'
import type { MetricSource } from '#server/telemetry/ports'
import { MINUTE } from '#shared/units'
import type { createChanges } from './changes'
import { ensureService } from './service-rows'

/** How far back a look reaches; far more than lies between two, so that a pause misses nobody. */
const reach = 15 * MINUTE

/** Brings what traffic shows into the register: services with their colour, versions, consumers. */
export function createDiscovery({ db, clock, metrics, changes, changed }: {
  db: Database, clock: Clock, metrics: MetricSource, changes: Pick<ReturnType<typeof createChanges>, 'noteVersion'>, changed: () => void,
}) {
  // What needs no look into the file any more; a look costs nothing when there is nothing new.
  const settled = new Set<string>()

  /** Settled only when it is written: what could not be is noted at the next look. */
  function once(names: readonly string[], note: () => void): void {
    const key = JSON.stringify(names)
    if (settled.has(key)) return
    note()
    settled.add(key)
  }

  return {
    async look(signal?: AbortSignal): Promise<void> {
      const at = clock.now()
      const [seen, callers] = await Promise.all([
        metrics.services(signal),
        metrics.capabilities.byConsumer
          ? metrics.requests({ window: { from: new Date(at.getTime() - reach), to: at }, groupBy: ['consumer'], countsOnly: true }, signal).then(answer => answer.data)
          : [],
      ])
      const before = settled.size
      try {
        // Oldest first, so that colours follow the order of appearance.
        for (const service of seen.toSorted((a, b) => a.firstSeen.getTime() - b.firstSeen.getTime())) {
          once(['service', service.service], () => noteService({ ...service, at }))
          for (const { version, firstSeen } of service.versions) {
            // The version a service came with is no change of it.
            const arrival = firstSeen.getTime() - service.firstSeen.getTime() < MINUTE
            if (!arrival) once(['version', service.service, version], () => changes.noteVersion({ service: service.service, version, at: firstSeen }))
          }
        }
        for (const { consumer } of callers) {
          if (consumer && consumer !== 'unknown') once(['consumer', consumer], () => noteConsumer(consumer, at))
        }
      }
      finally {
        if (settled.size > before) changed()
      }
    },
  }

  function noteService({ service, namespace, firstSeen, at }: { service: string, namespace?: string, firstSeen: Date, at: Date }) {
    db.transaction((tx) => {
      const row = ensureService(tx, { name: service.toLowerCase(), display: service, namespace, firstSeen, at })
      // Registered before it was ever seen.
      if (!row.firstSeenAt) tx.update(services).set({ firstSeenAt: firstSeen, namespace, display: service }).where(eq(services.name, row.name)).run()
    }, { behavior: 'immediate' })
  }

  function noteConsumer(id: string, at: Date) {
    db.insert(consumers).values({ id, firstSeenAt: at, createdAt: at, updatedAt: at }).onConflictDoNothing().run()
  }
}
