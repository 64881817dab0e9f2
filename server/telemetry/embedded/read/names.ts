import type { Database } from 'better-sqlite3'
import type { Attributes } from '#shared/trace/span'
import { readKeyValue } from '../otlp/any-value'
import { WireReader } from '../otlp/wire'

export interface NamedRoute {
  id: number
  serviceId: number
  method: string
  routeKey: string
}

export interface NamedRemote {
  id: number
  kind: number
  name: string
  calleeId: number | null
}

export interface RequestKey {
  id: number
  serviceId: number
  routeId: number
  consumerId: number
  statusClass: number
}

export interface OperationKey {
  id: number
  serviceId: number
  operationId: number
  kind: number
  remoteId: number
  statusClass: number
}

export interface NamedResource {
  serviceId: number
  attributes: Attributes
}

/** What the numbers in the file stand for. Rows are only ever added, so a table is read on from where it was left. */
export class Names {
  private tables
  private db: Database
  private resources = new Map<number, NamedResource>()
  private scopes = new Map<number, { name: string, version?: string }>()
  private remotes = new Map<number, NamedRemote>()
  private remotesVersion = -1

  constructor(db: Database) {
    this.db = db
    this.tables = {
      services: new Grown<{ id: number, name: string }>(db, 'select id, name from services where id > ? order by id'),
      operations: new Grown<{ id: number, serviceId: number, name: string }>(db, 'select id, service_id as serviceId, name from operations where id > ? order by id'),
      routes: new Grown<NamedRoute>(db, 'select id, service_id as serviceId, method, route_key as routeKey from routes where id > ? order by id'),
      consumers: new Grown<{ id: number, name: string }>(db, 'select id, name from consumers where id > ? order by id'),
      requestKeys: new Grown<RequestKey>(db, 'select id, service_id as serviceId, route_id as routeId, consumer_id as consumerId, status_class as statusClass from request_keys where id > ? order by id'),
      operationKeys: new Grown<OperationKey>(db, 'select id, service_id as serviceId, operation_id as operationId, kind, remote_id as remoteId, status_class as statusClass from operation_keys where id > ? order by id'),
    }
  }

  service(id: number): string {
    return this.tables.services.get(id)?.name ?? ''
  }

  serviceId(name: string): number | undefined {
    return this.services().find(service => service.name === name)?.id
  }

  services() {
    return this.tables.services.all()
  }

  operation(id: number): string {
    return this.tables.operations.get(id)?.name ?? ''
  }

  /** Operations of this name, whatever the case of its letters. */
  operationsNamed(name: string, serviceId?: number) {
    const wanted = name.toLowerCase()
    return this.tables.operations.all().filter(row => row.name.toLowerCase() === wanted && (serviceId === undefined || row.serviceId === serviceId))
  }

  route(id: number): NamedRoute | undefined {
    return this.tables.routes.get(id)
  }

  routes() {
    return this.tables.routes.all()
  }

  consumer(id: number): string {
    return id === 0 ? 'unknown' : this.tables.consumers.get(id)?.name ?? 'unknown'
  }

  consumerId(name: string): number | undefined {
    return this.tables.consumers.all().find(row => row.name === name)?.id
  }

  requestKey(id: number) {
    return this.tables.requestKeys.get(id)
  }

  requestKeys() {
    return this.tables.requestKeys.all()
  }

  operationKey(id: number) {
    return this.tables.operationKeys.get(id)
  }

  operationKeys() {
    return this.tables.operationKeys.all()
  }

  /** Who answers at an address is learned later, so these are read again when the file changed. */
  remote(id: number): NamedRemote | undefined {
    return this.remotes.get(id) ?? (this.refreshRemotes(), this.remotes.get(id))
  }

  refreshRemotes(): void {
    const version = this.db.pragma('data_version', { simple: true }) as number
    if (version === this.remotesVersion) return
    this.remotesVersion = version
    for (const row of this.db.prepare('select id, kind, name, callee_id as calleeId from remotes').all() as NamedRemote[]) this.remotes.set(row.id, row)
  }

  resource(id: number): NamedResource {
    const known = this.resources.get(id)
    if (known) return known
    const row = this.db.prepare('select service_id as serviceId, data from resources where id = ?').get(id) as { serviceId: number, data: Buffer } | undefined
    const resource = row ? { serviceId: row.serviceId, attributes: attributesOf(row.data) } : { serviceId: 0, attributes: {} }
    if (this.resources.size >= 5_000) this.resources.clear()
    this.resources.set(id, resource)
    return resource
  }

  scope(id: number): { name: string, version?: string } | undefined {
    if (id === 0) return undefined
    const known = this.scopes.get(id)
    if (known) return known
    const row = this.db.prepare('select name, version from scopes where id = ?').get(id) as { name: string, version: string } | undefined
    if (!row) return undefined
    const scope = row.version ? row : { name: row.name }
    this.scopes.set(id, scope)
    return scope
  }
}

/** Bytes of a Resource message, or of anything that keeps its attributes in the first field. */
export function attributesOf(data: Uint8Array): Attributes {
  const attributes: Attributes = Object.create(null)
  const reader = new WireReader(data)
  for (let tag = reader.field(); tag; tag = reader.field()) {
    if (tag !== 10) {
      reader.skip(tag)
      continue
    }
    const end = reader.length()
    readKeyValue(new WireReader(data, reader.at, end), attributes, 0)
    reader.at = end
  }
  return attributes
}

class Grown<Row extends { id: number }> {
  private rows = new Map<number, Row>()
  private list: Row[] = []
  private last = 0
  private more

  constructor(db: Database, sql: string) {
    this.more = db.prepare(sql)
  }

  get(id: number): Row | undefined {
    return this.rows.get(id) ?? (this.grow(), this.rows.get(id))
  }

  all(): readonly Row[] {
    this.grow()
    return this.list
  }

  private grow() {
    for (const row of this.more.all(this.last) as Row[]) {
      this.rows.set(row.id, row)
      this.list.push(row)
      this.last = row.id
    }
  }
}
