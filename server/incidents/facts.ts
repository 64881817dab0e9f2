import { inArray } from 'drizzle-orm'
import type { Database } from '#server/db/client'
import { consumers } from '#server/db/control/schema'
import { isLive } from '#shared/registry/lifecycle'
import type { AffectedEndpoint } from '#shared/schemas/incident'
import { routesOf, type IncidentRow, type SymptomRow } from './incident-rows'
import type { PlainFacts } from './plain-words'
import type { IncidentRegister, KnownEndpoint } from './room'
import { routeIdOf } from './subject'

/** The functions that an incident hits, by their plain names: the registered ones, else routes as telemetry names them. */
export function affectedEndpoints(symptoms: readonly SymptomRow[], register: IncidentRegister): AffectedEndpoint[] {
  const known = new Map(register.endpoints().filter(({ lifecycle }) => lifecycle !== 'draft').map(endpoint => [routeIdOf(endpoint), endpoint]))
  const routes = routesOf(symptoms)
  const registered = routes.flatMap(route => known.get(routeIdOf(route)) ?? [])
  if (registered.length) return registered.map(toAffected)
  // Where messages wait is no function that anybody calls.
  return routes.filter(({ method }) => method !== '').map(({ method, routeKey }) => ({ id: null, method, template: routeKey, nameKo: '', nameEn: '' }))
}

export function toAffected({ id, method, template, nameKo, nameEn }: KnownEndpoint): AffectedEndpoint {
  return { id, method, template, nameKo, nameEn }
}

/** A database or a cache, as callers name it: `mysql/orders`, `redis`. It says nothing of itself, and is ours all the same. */
const stores = /^[^:]*\/|^(?:\w*sql|oracle|oracle\.db|mariadb|sqlite|mongodb|redis|valkey|memcached|cassandra|elasticsearch|opensearch|aws\.dynamodb|dynamodb|clickhouse|couchbase|couchdb|hbase|neo4j|db2|ibm\.db2|h2)$/

/** What plain sentences are made of. */
export function plainFactsOf({ row, endpoints, hits, register, now }: {
  row: IncidentRow
  endpoints: readonly AffectedEndpoint[]
  hits: PlainFacts['hits']
  register: IncidentRegister
  now: Date
}): PlainFacts {
  const live = register.endpoints().filter(({ lifecycle }) => isLive(lifecycle))
  const ids = new Set(endpoints.flatMap(({ id }) => id ?? []))
  const answers = live.filter(({ id }) => ids.has(id)).map(({ repeatSafe }) => repeatSafe)
  const remote = row.diagnosis?.culprit?.remote?.toLowerCase()
  return {
    status: row.status, severity: row.severity, endpoints,
    isEverything: live.length >= 3 && live.every(({ id }) => ids.has(id)),
    onset: row.onset, resolvedAt: row.resolvedAt, now, hits, diagnosis: row.diagnosis,
    isOutside: remote !== undefined && remote !== null && !stores.test(remote) && !register.services().some(({ name }) => name.toLowerCase() === remote),
    assignee: row.assigneeName, nextUpdateAt: row.nextUpdateAt,
    repeat: answers.includes('no') ? 'no' : answers.length > 0 && answers.every(answer => answer === 'yes') ? 'yes' : 'unknown',
  }
}

/** What consumers are called, and how they are reached. */
export function consumerNames(db: Database, ids: readonly string[]): Map<string, { name: string, contact: string }> {
  if (!ids.length) return new Map()
  const rows = db.select({ id: consumers.id, name: consumers.name, contact: consumers.contact }).from(consumers).where(inArray(consumers.id, [...new Set(ids)])).all()
  return new Map(rows.map(({ id, name, contact }) => [id, { name: name || id, contact }]))
}
