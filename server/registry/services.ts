import { and, asc, count, eq, ne, type SQL } from 'drizzle-orm'
import { recordAudit, type UserActor } from '#server/access/access'
import type { Clock } from '#server/clock'
import type { Database } from '#server/db/client'
import { endpoints, services } from '#server/db/control/schema'
import { AppError } from '#shared/errors'
import type { Service, UpdateService } from '#shared/schemas/service'

type ServiceRow = typeof services.$inferSelect

export function createServiceRegister({ db, clock, changed }: { db: Database, clock: Clock, changed: () => void }) {
  return {
    list: () => read(),

    find,

    update(actor: UserActor, name: string, input: UpdateService): Service {
      db.transaction((tx) => {
        const row = tx.select().from(services).where(eq(services.name, name)).get()
        if (!row) throw new AppError('service.not_found', { name })
        const names = (['ownerTeam', 'contact', 'latencyThreshold'] as const).filter(field => input[field] !== undefined && input[field] !== row[field])
        if (!names.length) return
        const at = clock.now()
        const only = (from: UpdateService) => Object.fromEntries(names.map(field => [field, from[field]]))
        tx.update(services).set({ ...only(input), updatedAt: at }).where(eq(services.name, name)).run()
        recordAudit(tx, {
          actor, action: 'service.update', permission: 'endpoints:write', params: { name },
          subject: { kind: 'service', id: name }, before: only(row), after: only(input), at,
        })
      }, { behavior: 'immediate' })
      changed()
      return find(name)
    },
  }

  function find(name: string): Service {
    const found = read(eq(services.name, name))[0]
    if (!found) throw new AppError('service.not_found', { name })
    return found
  }

  function read(where?: SQL): Service[] {
    return db.select({ service: services, endpoints: count(endpoints.id) }).from(services)
      .leftJoin(endpoints, and(eq(endpoints.service, services.name), ne(endpoints.lifecycle, 'retired')))
      .where(where).groupBy(services.name).orderBy(asc(services.name)).all()
      .map(row => toService(row.service, row.endpoints))
  }
}

function toService(row: ServiceRow, held: number): Service {
  return {
    name: row.name,
    display: row.display,
    namespace: row.namespace,
    colour: row.colour,
    ownerTeam: row.ownerTeam,
    contact: row.contact,
    latencyThreshold: row.latencyThreshold,
    firstSeen: row.firstSeenAt?.toISOString() ?? null,
    endpoints: held,
  }
}
