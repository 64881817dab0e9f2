import { randomUUIDv7 } from 'node:crypto'
import { and, desc, eq, gte, lt, sql } from 'drizzle-orm'
import { alias } from 'drizzle-orm/sqlite-core'
import type { z } from 'zod'
import { recordAudit, type KeyActor } from '#server/access/access'
import type { Clock } from '#server/clock'
import type { Database } from '#server/db/client'
import { changes, endpointRevisions, endpoints } from '#server/db/control/schema'
import { AppError } from '#shared/errors'
import { maskedValue } from '#shared/masked-keys'
import { changedFields } from '#shared/registry/revision-diff'
import type { AnnounceChange, Change, changes as answered, ListChanges } from '#shared/schemas/change'
import type { EndpointFields } from '#shared/schemas/endpoint'
import { toAnsweredWindow, windowOf } from '#shared/schemas/time-range'
import { MINUTE, type TimeWindow } from '#shared/units'
import { ensureService } from './service-rows'

/** An announcement this long after the version was first seen is of the same deployment. */
const sameDeployment = 15 * MINUTE

export interface ChangesQuery {
  window: TimeWindow
  service?: string
  endpointId?: string
  limit: number
}

/** What was changed and when: announced by machines, first seen in telemetry, and the endpoints' own revisions. */
export function createChanges({ db, clock, isSecret }: { db: Database, clock: Clock, isSecret: (key: string) => boolean }) {
  const hide = (key: string, value: string | null | undefined) => value == null ? null : isSecret(key) ? maskedValue : value

  return {
    /** Sent twice, it is one change. */
    announce(actor: KeyActor, input: AnnounceChange): Change {
      if (actor.services && !actor.services.includes(input.service)) throw new AppError('change.service_refused', { service: input.service })
      return db.transaction((tx) => {
        const receivedAt = clock.now()
        const at = input.at ? new Date(input.at) : receivedAt
        const what = input.kind === 'deployment'
          ? { version: input.version }
          : { key: input.key, oldValue: hide(input.key, input.oldValue), newValue: hide(input.key, input.newValue) }
        const digest = JSON.stringify([input.kind, input.service, what, input.at ?? receivedAt.toISOString()])
        const held = tx.select().from(changes).where(eq(changes.digest, digest)).get()
        if (held) return toChange(held)

        ensureService(tx, { name: input.service, at: receivedAt })
        const seen = input.kind === 'deployment'
          ? tx.select().from(changes).where(and(
              eq(changes.service, input.service), eq(changes.version, input.version), eq(changes.source, 'seen'),
              gte(changes.at, new Date(at.getTime() - sameDeployment)),
            )).get()
          : undefined
        const row = { kind: input.kind, service: input.service, ...what, author: input.author, source: 'announced' as const, digest, at, receivedAt }
        const saved = seen
          ? tx.update(changes).set(row).where(eq(changes.id, seen.id)).returning().get()!
          : tx.insert(changes).values({ id: randomUUIDv7(), ...row }).returning().get()
        recordAudit(tx, { actor, action: 'change.announce', params: { service: input.service, kind: input.kind }, subject: { kind: 'change', id: saved.id }, after: what, at: receivedAt })
        return toChange(saved)
      }, { behavior: 'immediate' })
    },

    /** A version that telemetry carries for the first time. */
    noteVersion({ service, version, at }: { service: string, version: string, at: Date }) {
      db.transaction((tx) => {
        const known = tx.select().from(changes).where(and(eq(changes.service, service), eq(changes.version, version))).get()
        if (known) return
        tx.insert(changes).values({
          id: randomUUIDv7(), kind: 'deployment', service, version, source: 'seen',
          digest: JSON.stringify(['seen', service, version]), at, receivedAt: clock.now(),
        }).run()
      }, { behavior: 'immediate' })
    },

    answer({ endpoint, service, limit, ...range }: ListChanges): z.input<typeof answered> {
      const window = windowOf(range, clock.now(), '1d')
      return { changes: list({ window, service, endpointId: endpoint, limit }), window: toAnsweredWindow(window) }
    },

    list,
  }

  /** Newest first. */
  function list({ window, service, endpointId, limit }: ChangesQuery): Change[] {
    const announced = endpointId
      ? []
      : db.select().from(changes).where(and(
          gte(changes.at, window.from), lt(changes.at, window.to), service ? eq(changes.service, service) : undefined,
        )).orderBy(desc(changes.at)).limit(limit).all().map(toChange)
    const previous = alias(endpointRevisions, 'previous')
    const revised = db.select({ revision: endpointRevisions, endpoint: endpoints, before: previous.fields }).from(endpointRevisions)
      .innerJoin(endpoints, eq(endpoints.id, endpointRevisions.endpointId))
      .leftJoin(previous, and(eq(previous.endpointId, endpointRevisions.endpointId), eq(previous.number, sql`${endpointRevisions.number} - 1`)))
      .where(and(
        gte(endpointRevisions.at, window.from), lt(endpointRevisions.at, window.to),
        service ? eq(endpoints.service, service) : undefined, endpointId ? eq(endpoints.id, endpointId) : undefined,
      )).orderBy(desc(endpointRevisions.at)).limit(limit).all()
    return [...announced, ...revised.map(row => fromRevision(row.endpoint, row.revision, row.before))]
      .sort((a, b) => b.at.localeCompare(a.at)).slice(0, limit)
  }
}

function toChange(row: typeof changes.$inferSelect): Change {
  const { digest: _digest, receivedAt: _receivedAt, at, ...rest } = row
  return { ...rest, endpoint: null, at: at.toISOString() }
}

type EndpointRow = typeof endpoints.$inferSelect
type RevisionRow = typeof endpointRevisions.$inferSelect

function fromRevision(endpoint: EndpointRow, revision: RevisionRow, before: EndpointFields | null): Change {
  return {
    id: `${endpoint.id}:${revision.number}`,
    kind: 'endpoint',
    service: endpoint.service,
    version: endpoint.version,
    key: null,
    oldValue: null,
    newValue: null,
    author: revision.authorName,
    source: 'registry',
    endpoint: {
      id: endpoint.id, method: endpoint.method, template: endpoint.template, revision: revision.number,
      what: revision.kind, fields: before ? changedFields(before, revision.fields) : [],
    },
    at: revision.at.toISOString(),
  }
}
