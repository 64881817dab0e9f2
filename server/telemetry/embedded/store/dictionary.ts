import type { Database } from 'better-sqlite3'
import { createRouteMatcher, NO_ROUTE, OTHER_ROUTES, requestRouteKey, type RouteMatcher } from '#shared/route-key'
import { operationName } from '#shared/trace/operation-name'
import type { ResourceFacts, ScopeFacts } from '../ingest/facts'
import { CubeKey } from '../rollup/cube'
import { LastSeen } from './last-seen'

/** Where names go that are beyond the quota; a sender that invents them must not fill the store. */
export const OTHER = '(other)'
/** Number of "nobody named one". */
export const UNKNOWN_CONSUMER = 0

/** What OpenTelemetry calls a method that nobody knows. */
export const OTHER_METHOD = '_OTHER'
/** Kept apart beyond the quota of routes, too: those of HTTP, of calls and of queues. */
const knownMethods = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'CONNECT', 'RPC', ''])
/** Methods of which the templates as sent are remembered. */
const mostMethods = 50

export const quotas = { services: 2_000, operations: 2_000, routes: 500, consumers: 10_000, remotes: 1_000, keys: 20_000 }

export interface Service {
  id: number
  name: string
  operations: Map<string, Operation>
  /** Operations by the name as sent. */
  operationsAsSent: Map<string, Operation>
  routes: Map<string, Route>
  /** Routes by method and template as sent. */
  routesAsSent: Map<string, Map<string, Route>>
  /** By kind, then by name. */
  remotes: Map<string, Remote>[]
  versions: Map<string, Seen>
  instances: Map<string, Seen>
  matchers: Map<string, RouteMatcher>
  seen: Seen
  requestKeys: number
  operationKeys: number
}

export interface Operation {
  id: number
  name: string
  keys: Map<number, CubeKey>
}

export interface Route {
  id: number
  service: Service
  method: string
  routeKey: string
  seen: Seen
  keys: Map<number, CubeKey>
}

export interface Remote {
  id: number
  callerId: number
  calleeId: number
  kind: number
  votes: Map<number, number>
}

export interface Seen {
  id: number
  last: number
}

/** First sights since the last commit, for those who listen. */
export interface FirstSights {
  routes: { service: string, method: string, routeKey: string }[]
  consumers: string[]
  versions: { service: string, version: string, at: number }[]
}

type Row = Record<string, number | string | null>

/** Numbers for what telemetry repeats, kept in memory and in the file. Grows by the batch, inside its transaction. */
export class Dictionary {
  readonly services = new Map<string, Service>()
  readonly servicesById = new Map<number, Service>()
  readonly consumers = new Map<string, number>()
  readonly remotesById = new Map<number, Remote>()
  firstSights: FirstSights = { routes: [], consumers: [], versions: [] }
  private resources = new Map<string, { id: number, seen: Seen }>()
  private scopes = new Map<string, number>()
  private db: Database
  private insert: ReturnType<typeof prepareInserts>
  private lastSeen: LastSeen
  private templates: { service: string, method: string, template: string }[] = []

  constructor(db: Database) {
    this.db = db
    this.insert = prepareInserts(db)
    this.lastSeen = new LastSeen(db)
    this.load()
  }

  /** Registered templates changed: paths are matched anew. */
  setTemplates(templates: { service: string, method: string, template: string }[]): void {
    this.templates = templates
    for (const service of this.services.values()) this.match(service)
  }

  service(name: string, now: number): Service {
    const known = this.services.get(name)
    if (known) return known
    if (this.services.size >= quotas.services && name !== OTHER) return this.service(OTHER, now)
    const id = Number(this.insert.service.run(name, now, now).lastInsertRowid)
    return this.addService(id, name, now)
  }

  /** The resource's own row, and what it tells of its service: last seen, version, instance. */
  resource(facts: ResourceFacts, service: Service, now: number): number {
    if (facts.stored?.by === this && facts.seenAt === now) return facts.stored.id
    const digest = facts.digest.toString('latin1')
    let known = this.resources.get(digest)
    if (!known) {
      const row = this.insert.findResource.get(facts.digest) as { id: number } | undefined
      const id = row?.id ?? Number(this.insert.resource.run(facts.digest, service.id, facts.data, now).lastInsertRowid)
      known = { id, seen: { id, last: 0 } }
      if (this.resources.size >= 5_000) this.resources.delete(this.resources.keys().next().value!)
      this.resources.set(digest, known)
      this.insert.describeService.run(facts.namespace ?? null, facts.language ?? null, service.id)
    }
    this.lastSeen.touch('resources', known.seen, now)
    this.lastSeen.touch('services', service.seen, now)
    if (facts.version !== undefined) this.version(service, facts.version, now)
    if (facts.instance !== undefined) this.instance(service, facts.instance, now)
    facts.stored = { by: this, id: known.id }
    facts.seenAt = now
    return known.id
  }

  scope(facts: ScopeFacts): number {
    const { name, version, stored } = facts
    if (stored?.by === this) return stored.id
    if (name === '' && version === '') return 0
    const key = `${name}\n${version}`
    let id = this.scopes.get(key)
    if (id === undefined) {
      if (this.scopes.size >= 10_000) return 0
      id = Number(this.insert.scope.run(name, version).lastInsertRowid)
      this.scopes.set(key, id)
    }
    facts.stored = { by: this, id }
    return id
  }

  operation(service: Service, sent: string): Operation {
    const known = service.operationsAsSent.get(sent)
    if (known) return known
    let name = operationName(sent)
    if (service.operations.size >= quotas.operations && !service.operations.has(name)) name = OTHER
    let operation = service.operations.get(name)
    if (!operation) {
      operation = { id: Number(this.insert.operation.run(service.id, name).lastInsertRowid), name, keys: new Map() }
      service.operations.set(name, operation)
    }
    // Names with ids in them are each sent once.
    if (service.operationsAsSent.size >= 5_000) service.operationsAsSent.clear()
    service.operationsAsSent.set(sent, operation)
    return operation
  }

  /** By the sender's template; the path decides where there is none. */
  route(service: Service, method: string, sent: string | undefined, path: string | undefined, now: number): Route {
    if (sent === undefined) return this.routeOf(service, method, requestRouteKey({ path, matcher: service.matchers.get(method) }), path, now)
    let bySent = service.routesAsSent.get(method)
    if (!bySent) {
      if (service.routesAsSent.size >= mostMethods) service.routesAsSent.clear()
      service.routesAsSent.set(method, bySent = new Map())
    }
    let route = bySent.get(sent)
    if (!route) {
      const routeKey = requestRouteKey({ route: sent, path, matcher: service.matchers.get(method) })
      route = this.routeOf(service, method, routeKey, path, now)
      // Only what the template alone decided may be remembered by it.
      if (bySent.size < 2_000 && routeKey === requestRouteKey({ route: sent })) bySent.set(sent, route)
    }
    this.lastSeen.touch('routes', route.seen, now)
    return route
  }

  routeOf(service: Service, method: string, key: string, path: string | undefined, now: number): Route {
    let routeKey = key.slice(0, 500)
    const beyond = service.routes.size >= quotas.routes && !service.routes.has(`${method} ${routeKey}`)
    // What is registered is never crowded out by what is not.
    if (beyond && !service.matchers.get(method)?.match(routeKey)) {
      if (routeKey !== NO_ROUTE) routeKey = OTHER_ROUTES
      if (!knownMethods.has(method)) method = OTHER_METHOD
    }
    const name = `${method} ${routeKey}`
    let route = service.routes.get(name)
    if (!route) {
      const id = Number(this.insert.route.run(service.id, method, routeKey, path?.slice(0, 500) ?? null, now, now).lastInsertRowid)
      route = { id, service, method, routeKey, seen: { id, last: now }, keys: new Map() }
      service.routes.set(name, route)
      this.firstSights.routes.push({ service: service.name, method, routeKey })
    }
    this.lastSeen.touch('routes', route.seen, now)
    return route
  }

  consumer(name: string): number {
    let id = this.consumers.get(name)
    if (id === undefined) {
      if (this.consumers.size >= quotas.consumers && name !== OTHER) return this.consumer(OTHER)
      id = Number(this.insert.consumer.run(name).lastInsertRowid)
      this.consumers.set(name, id)
      this.firstSights.consumers.push(name)
    }
    return id
  }

  remote(caller: Service, kind: number, name: string): Remote {
    const known = caller.remotes[kind]!.get(name)
    if (known) return known
    if (caller.remotes[kind]!.size >= quotas.remotes && name !== OTHER) return this.remote(caller, kind, OTHER)
    const id = Number(this.insert.remote.run(caller.id, kind, name).lastInsertRowid)
    return this.addRemote(caller, { id, callerId: caller.id, calleeId: 0, kind, votes: new Map() }, name)
  }

  requestKey(route: Route, consumerId: number, statusClass: number): CubeKey {
    const place = consumerId * 8 + statusClass
    const known = route.keys.get(place)
    if (known) return known
    // Too many combinations: consumers are told apart no longer, requests are still counted.
    if (route.service.requestKeys >= quotas.keys && consumerId !== UNKNOWN_CONSUMER && consumerId !== this.consumers.get(OTHER)) {
      return this.requestKey(route, this.consumer(OTHER), statusClass)
    }
    const id = Number(this.insert.requestKey.run(route.service.id, route.id, consumerId, statusClass).lastInsertRowid)
    return this.addRequestKey(route, place, id)
  }

  operationKey(service: Service, operation: Operation, kind: number, remoteId: number, statusClass: number): CubeKey {
    const place = (remoteId * 8 + kind) * 8 + statusClass
    const known = operation.keys.get(place)
    if (known) return known
    const remote = service.operationKeys >= quotas.keys ? this.remotesById.get(remoteId) : undefined
    const other = remote && this.remote(service, remote.kind, OTHER)
    // Too many combinations: whom an operation calls is told no longer, calls are still counted.
    if (other && other !== remote) return this.operationKey(service, operation, kind, other.id, statusClass)
    const id = Number(this.insert.operationKey.run(service.id, operation.id, kind, remoteId, statusClass).lastInsertRowid)
    return this.addOperationKey(service, operation, place, id)
  }

  learnCallee(remote: Remote, calleeId: number): void {
    remote.calleeId = calleeId
    this.insert.learnCallee.run(calleeId || null, remote.id)
  }

  /** Writes the last-seen times that moved. */
  flush(): void {
    this.lastSeen.flush()
  }

  takeFirstSights(): FirstSights {
    const sights = this.firstSights
    this.firstSights = { routes: [], consumers: [], versions: [] }
    return sights
  }

  private version(service: Service, version: string, now: number) {
    let seen = service.versions.get(version)
    if (!seen) {
      if (service.versions.size >= 1_000) return
      seen = { id: Number(this.insert.version.run(service.id, version, now, now).lastInsertRowid), last: now }
      service.versions.set(version, seen)
      this.firstSights.versions.push({ service: service.name, version, at: now })
    }
    this.lastSeen.touch('service_versions', seen, now)
  }

  private instance(service: Service, instance: string, now: number) {
    let seen = service.instances.get(instance)
    if (!seen) {
      if (service.instances.size >= 5_000) return
      seen = { id: Number(this.insert.instance.run(service.id, instance, now, now).lastInsertRowid), last: now }
      service.instances.set(instance, seen)
    }
    this.lastSeen.touch('service_instances', seen, now)
  }

  private addService(id: number, name: string, last: number): Service {
    const service: Service = {
      id, name, operations: new Map(), operationsAsSent: new Map(), routes: new Map(), routesAsSent: new Map(), remotes: Array.from({ length: 5 }, () => new Map<string, Remote>()),
      versions: new Map(), instances: new Map(), matchers: new Map(), seen: { id, last }, requestKeys: 0, operationKeys: 0,
    }
    this.services.set(name, service)
    this.servicesById.set(id, service)
    this.match(service)
    return service
  }

  private match(service: Service) {
    const byMethod = Map.groupBy(this.templates.filter(entry => entry.service === service.name), entry => entry.method)
    service.matchers = new Map([...byMethod].map(([method, entries]) => [method, createRouteMatcher(entries.map(entry => entry.template))]))
    service.routesAsSent.clear()
  }

  private addRemote(caller: Service, remote: Remote, name: string): Remote {
    caller.remotes[remote.kind]!.set(name, remote)
    this.remotesById.set(remote.id, remote)
    return remote
  }

  private addRequestKey(route: Route, place: number, id: number): CubeKey {
    const key = new CubeKey(id, route.service.id)
    route.keys.set(place, key)
    route.service.requestKeys++
    return key
  }

  private addOperationKey(service: Service, operation: Operation, place: number, id: number): CubeKey {
    const key = new CubeKey(id, service.id)
    operation.keys.set(place, key)
    service.operationKeys++
    return key
  }

  private load() {
    const all = (table: string) => this.db.prepare(`select * from ${table}`).all() as Row[]
    for (const row of all('services')) this.addService(Number(row.id), String(row.name), Number(row.last_seen))
    const serviceOf = (row: Row) => this.servicesById.get(Number(row.service_id))!
    const operations = new Map<number, Operation>()
    for (const row of all('operations')) {
      const operation: Operation = { id: Number(row.id), name: String(row.name), keys: new Map() }
      operations.set(operation.id, operation)
      serviceOf(row).operations.set(operation.name, operation)
    }
    const routes = new Map<number, Route>()
    for (const row of all('routes')) {
      const route: Route = {
        id: Number(row.id), service: serviceOf(row), method: String(row.method), routeKey: String(row.route_key),
        seen: { id: Number(row.id), last: Number(row.last_seen) }, keys: new Map(),
      }
      routes.set(route.id, route)
      route.service.routes.set(`${route.method} ${route.routeKey}`, route)
    }
    for (const row of all('service_versions')) serviceOf(row).versions.set(String(row.version), { id: Number(row.id), last: Number(row.last_seen) })
    for (const row of all('service_instances')) serviceOf(row).instances.set(String(row.instance), { id: Number(row.id), last: Number(row.last_seen) })
    for (const row of all('consumers')) this.consumers.set(String(row.name), Number(row.id))
    for (const row of all('scopes')) this.scopes.set(`${row.name}\n${row.version}`, Number(row.id))
    for (const row of all('remotes')) {
      const caller = this.servicesById.get(Number(row.caller_id))!
      this.addRemote(caller, { id: Number(row.id), callerId: caller.id, calleeId: Number(row.callee_id ?? 0), kind: Number(row.kind), votes: new Map() }, String(row.name))
    }
    for (const row of all('request_keys')) this.addRequestKey(routes.get(Number(row.route_id))!, Number(row.consumer_id) * 8 + Number(row.status_class), Number(row.id))
    for (const row of all('operation_keys')) {
      const place = (Number(row.remote_id) * 8 + Number(row.kind)) * 8 + Number(row.status_class)
      this.addOperationKey(serviceOf(row), operations.get(Number(row.operation_id))!, place, Number(row.id))
    }
  }
}

function prepareInserts(db: Database) {
  return {
    service: db.prepare('insert into services (name, first_seen, last_seen) values (?, ?, ?)'),
    describeService: db.prepare('update services set namespace = coalesce(?, namespace), language = coalesce(?, language) where id = ?'),
    findResource: db.prepare('select id from resources where digest = ?'),
    resource: db.prepare('insert into resources (digest, service_id, data, last_seen) values (?, ?, ?, ?)'),
    scope: db.prepare('insert into scopes (name, version) values (?, ?)'),
    operation: db.prepare('insert into operations (service_id, name) values (?, ?)'),
    route: db.prepare('insert into routes (service_id, method, route_key, sample_path, first_seen, last_seen) values (?, ?, ?, ?, ?, ?)'),
    version: db.prepare('insert into service_versions (service_id, version, first_seen, last_seen) values (?, ?, ?, ?)'),
    instance: db.prepare('insert into service_instances (service_id, instance, first_seen, last_seen) values (?, ?, ?, ?)'),
    consumer: db.prepare('insert into consumers (name) values (?)'),
    remote: db.prepare('insert into remotes (caller_id, kind, name) values (?, ?, ?)'),
    learnCallee: db.prepare('update remotes set callee_id = ? where id = ?'),
    requestKey: db.prepare('insert into request_keys (service_id, route_id, consumer_id, status_class) values (?, ?, ?, ?)'),
    operationKey: db.prepare('insert into operation_keys (service_id, operation_id, kind, remote_id, status_class) values (?, ?, ?, ?, ?)'),
  }
}
