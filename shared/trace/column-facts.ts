import { operationName } from './operation-name'
import type { Attributes, Span } from './span'

export interface ColumnFacts {
  /** As sent, ids replaced. */
  operation: string
  httpStatus?: number
  errorType?: string
  remote?: string
}

/** What columns hold of a span, by old and stable conventions alike. */
export function columnFacts(span: Span): ColumnFacts {
  const { attributes } = span
  const status = Number(first(attributes, 'http.response.status_code', 'http.status_code') ?? 0)
  const errorType = errorTypeOf(span)
  const remote = remoteOf(span)
  return {
    operation: operationOf(span),
    ...(status > 0 && { httpStatus: status }),
    ...(errorType && { errorType }),
    ...(remote && { remote }),
  }
}

/** A name such as `GET` or `GET /**` says nothing; then the route, where one was sent, is part of the operation. */
function operationOf({ name, kind, attributes }: Span): string {
  if (kind === 'server' && /^(?:HTTP )?[A-Z]*(?: ?\/?\*{0,2})?$/.test(name)) {
    const route = first(attributes, 'http.route')
    if (route && !/^\/?\*{1,2}$/.test(route)) return operationName(`${first(attributes, 'http.request.method', 'http.method') ?? name} ${route}`)
  }
  return operationName(name)
}

function errorTypeOf({ attributes, events, status }: Span): string | undefined {
  if (status !== 'error' && attributes['error.type'] === undefined) return undefined
  const exception = events.find(event => event.name === 'exception')
  return first(attributes, 'error.type') ?? (exception && first(exception.attributes, 'exception.type'))
}

/**
 * Whom a span calls, named as figures, the board and the map name it: the peer, else the database, the destination or
 * the address with its port.
 */
function remoteOf({ kind, attributes }: Span): string | undefined {
  if (kind === 'internal' || kind === 'server') return undefined
  const peer = first(attributes, 'service.peer.name', 'peer.service')
  if (peer) return peer.trim().toLowerCase()
  const database = first(attributes, 'db.system.name', 'db.system')
  if (database) {
    const namespace = first(attributes, 'db.namespace', 'db.name')
    return namespace ? `${database}/${namespace}` : database
  }
  const destination = first(attributes, 'messaging.destination.name', 'messaging.destination')
  if (destination) return destination
  const named = first(attributes, 'server.address', 'net.peer.name', 'http.host')
  const address = named ?? first(attributes, 'network.peer.address', 'net.sock.peer.addr', 'net.peer.ip')
  if (!address) return undefined
  const port = named ? first(attributes, 'server.port', 'net.peer.port') : first(attributes, 'network.peer.port', 'net.sock.peer.port')
  return port && !/:\d+$/.test(address) ? `${address}:${port}` : address
}

/** Of a span, attributes that are different for every call, or a copy of what it says elsewhere. */
export const ignoredAttributes = /^(?:url\.(?:full|path|query)|http\.(?:url|target|response\.status_code|status_code|request\.method|method|response_content_length|request_content_length)|.*body\.size|db\.(?:statement|query\.text|query\.parameter.*)|thread\.|code\.|network\.peer\.port|net\.sock\.peer\.port|net\.peer\.port|client\.port|error\.type|exception\.|otel\.|telemetry\.|messaging\.(?:message\.|kafka\.(?:offset|message\.offset))|user_agent\.|span\.|idle_ns|busy_ns)/

function first(attributes: Attributes, ...keys: string[]): string | undefined {
  for (const key of keys) {
    const value = attributes[key]
    if (typeof value === 'string' && value) return value
    if (typeof value === 'number') return String(value)
  }
  return undefined
}
