import { createKeyMask, urlKeys } from '#shared/masked-keys'
import { decodeText } from '../otlp/wire'

// What an attribute means to the store, as numbers because a million of them are compared a second.
export const PLAIN = 0
export const HTTP_METHOD = 1
export const HTTP_ROUTE = 2
export const URL_PATH = 3
export const HTTP_STATUS = 4
export const ERROR_TYPE = 5
export const CONSUMER = 6
export const PEER_SERVICE = 7
export const SERVER_ADDRESS = 8
export const SERVER_PORT = 9
export const DB_SYSTEM = 10
export const DB_NAMESPACE = 11
export const DESTINATION = 12
export const MESSAGING_SYSTEM = 13
export const RPC_SYSTEM = 14
export const RPC_SERVICE = 15
export const RPC_METHOD = 16
export const SERVICE_NAME = 17
export const SERVICE_NAMESPACE = 18
export const SERVICE_VERSION = 19
export const SERVICE_INSTANCE = 20
export const LANGUAGE = 21
export const HOST_NAME = 22
export const EXCEPTION_TYPE = 23
export const EXCEPTION_MESSAGE = 24
export const URL_QUERY = 25
export const NETWORK_PEER = 26
export const NETWORK_PEER_PORT = 27

/** Old and stable names side by side; fleets are mixed. `rank` 0 wins over 1 where both are sent. */
const meanings: Record<string, [role: number, rank: number]> = {
  'http.request.method': [HTTP_METHOD, 0], 'http.method': [HTTP_METHOD, 1],
  'http.route': [HTTP_ROUTE, 0],
  'url.path': [URL_PATH, 0], 'http.target': [URL_PATH, 1], 'url.full': [URL_PATH, 2], 'http.url': [URL_PATH, 3],
  'url.query': [URL_QUERY, 0],
  'http.response.status_code': [HTTP_STATUS, 0], 'http.status_code': [HTTP_STATUS, 1],
  'error.type': [ERROR_TYPE, 0],
  'service.peer.name': [PEER_SERVICE, 0], 'peer.service': [PEER_SERVICE, 1],
  'server.address': [SERVER_ADDRESS, 0], 'net.peer.name': [SERVER_ADDRESS, 1], 'http.host': [SERVER_ADDRESS, 2],
  'server.port': [SERVER_PORT, 0], 'net.peer.port': [SERVER_PORT, 1],
  'network.peer.address': [NETWORK_PEER, 0], 'net.sock.peer.addr': [NETWORK_PEER, 1], 'net.peer.ip': [NETWORK_PEER, 2],
  'network.peer.port': [NETWORK_PEER_PORT, 0], 'net.sock.peer.port': [NETWORK_PEER_PORT, 1],
  'db.system.name': [DB_SYSTEM, 0], 'db.system': [DB_SYSTEM, 1],
  'db.namespace': [DB_NAMESPACE, 0], 'db.name': [DB_NAMESPACE, 1],
  'messaging.destination.name': [DESTINATION, 0], 'messaging.destination': [DESTINATION, 1],
  'messaging.system': [MESSAGING_SYSTEM, 0],
  'rpc.system.name': [RPC_SYSTEM, 0], 'rpc.system': [RPC_SYSTEM, 1], 'rpc.service': [RPC_SERVICE, 0], 'rpc.method': [RPC_METHOD, 0],
  'service.name': [SERVICE_NAME, 0], 'service.namespace': [SERVICE_NAMESPACE, 0], 'service.version': [SERVICE_VERSION, 0],
  'service.instance.id': [SERVICE_INSTANCE, 0], 'telemetry.sdk.language': [LANGUAGE, 0], 'host.name': [HOST_NAME, 0],
  'exception.type': [EXCEPTION_TYPE, 0], 'exception.message': [EXCEPTION_MESSAGE, 0],
}

export interface AttributeKey {
  bytes: Uint8Array
  name: string
  role: number
  /** Lower wins where several keys of one role are sent. */
  rank: number
  masked: boolean
  url: boolean
}

/** Most names remembered; a sender that invents names costs itself speed, not our memory. */
const mostKeys = 4_096
const longestKey = 256
const slots = 16_384

/**
 * From the bytes of an attribute's key to what it means, without making a string: a hash table over the bytes,
 * filled as names turn up. Made anew when the lists of consumer attributes or masked keys change.
 */
export class AttributeKeys {
  private table = new Array<AttributeKey | undefined>(slots)
  private count = 0
  private consumers: string[]
  /** Whether values of a key of this name are secrets. */
  readonly isMasked: (name: string) => boolean

  constructor({ consumerAttributes, maskedKeys }: { consumerAttributes: string[], maskedKeys: string[] }) {
    this.consumers = consumerAttributes
    this.isMasked = createKeyMask(maskedKeys)
  }

  find(bytes: Uint8Array, from: number, to: number): AttributeKey {
    let hash = to - from
    for (let at = from; at < to; at++) hash = Math.imul(hash ^ bytes[at]!, 0x01000193)
    let slot = (hash ^ hash >>> 15) & slots - 1
    for (;;) {
      const key = this.table[slot]
      if (key === undefined) return this.add(slot, bytes, from, to)
      if (isSame(key.bytes, bytes, from, to)) return key
      slot = slot + 1 & slots - 1
    }
  }

  private add(slot: number, bytes: Uint8Array, from: number, to: number): AttributeKey {
    const name = decodeText(bytes, from, to)
    const consumer = this.consumers.indexOf(name)
    const meaning = Object.hasOwn(meanings, name) ? meanings[name]! : undefined
    const key: AttributeKey = {
      // A copy: a Buffer's own slice would keep the whole body.
      bytes: new Uint8Array(bytes.subarray(from, to)),
      name,
      role: consumer >= 0 ? CONSUMER : meaning?.[0] ?? PLAIN,
      rank: consumer >= 0 ? consumer : meaning?.[1] ?? 0,
      masked: this.isMasked(name),
      url: urlKeys.has(name),
    }
    if (this.count < mostKeys && to - from <= longestKey) {
      this.count++
      this.table[slot] = key
    }
    return key
  }
}

function isSame(key: Uint8Array, bytes: Uint8Array, from: number, to: number): boolean {
  if (key.length !== to - from) return false
  for (let i = 0; i < key.length; i++) if (key[i] !== bytes[from + i]) return false
  return true
}

/** `accessToken`, `access_token` and `Access-Token` are one name. */
