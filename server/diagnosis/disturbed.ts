import { routeKeyOf } from '#shared/route-key'
import { operationName } from '#shared/trace/operation-name'
import { KIND, spanKinds } from '#shared/trace/span-table'
import type { Traces } from '#shared/trace/trace-columns'
import type { OperationName } from './input'

/** What is known to be disturbed: requests of a route (of a queue: method empty, its destination as the key), or an operation. */
export interface Disturbed {
  service: string
  method?: string
  routeKey?: string
  operation?: string
}

const server = spanKinds.indexOf('server')
const consumer = spanKinds.indexOf('consumer')

/**
 * The operations that the requests of each symptom are called in traces, in order of how often they occur: figures know
 * routes, spans have names. One pass over all spans, whatever the number of symptoms, because everybody else waits for it.
 */
export function matchOperations(traces: Traces, symptoms: readonly Disturbed[]): OperationName[][] {
  const requests = requestsIn(traces, [...new Set(symptoms.map(({ service }) => service.toLowerCase()))])
  return symptoms.map((symptom) => {
    const service = symptom.service.toLowerCase()
    const counts = new Map<string, number>()
    for (const request of requests) {
      if (request.service === service && isOf(symptom, request)) counts.set(request.name, (counts.get(request.name) ?? 0) + request.count)
    }
    return [...counts].sort((a, b) => b[1] - a[1]).map(([operation]) => ({ service, operation }))
  })
}

/** What requests of these services are called, each way once. Numbers and arrays alone, because spans are many. */
function requestsIn(traces: Traces, services: readonly string[]): Named[] {
  const { texts } = traces
  const routes = routesByPair(traces)
  /** By text, found out when it is met: 0 nobody knows yet, 1 another service, from 2 on one of these. */
  const wanted = new Uint8Array(texts.length)
  const found = new Map<number, Named>()
  for (let span = 0; span < traces.kind.length; span++) {
    const kind = traces.kind[span]! & KIND
    if (kind !== server && kind !== consumer) continue
    const service = traces.service[span]!
    const which = wanted[service] ||= services.indexOf(texts[service]!.toLowerCase()) + 2
    if (which === 1) continue
    const name = traces.name[span]!
    const remote = traces.remote[span]!
    const route = routeOf(traces, span, routes.ofPair)
    // All five in one number, exact up to a million texts: routes are 200 at most, services a handful.
    const key = (((which * texts.length + name) * texts.length + remote) * (routes.keys.length + 1) + route) * 2 + (kind === consumer ? 1 : 0)
    const known = found.get(key)
    if (known) known.count++
    else found.set(key, { service: services[which - 2]!, name: texts[name]!, isConsumer: kind === consumer, destination: texts[remote]!, route: routes.keys[route - 1], count: 1 })
  }
  return [...found.values()]
}

interface Named {
  /** Lower case. */
  service: string
  name: string
  isConsumer: boolean
  destination: string
  /** As a route key. */
  route: string | undefined
  count: number
}

function isOf({ method, routeKey, operation }: Disturbed, { name, isConsumer, destination, route }: Named): boolean {
  if (operation !== undefined) return operationName(operation).toLowerCase() === name.toLowerCase()
  if (method === undefined && routeKey === undefined) return true
  if (isConsumer) return (method ?? '') === '' && (routeKey ?? destination) === destination
  if (method === 'RPC') return routeKey === `/${name}`
  const [, verb, path] = /^([A-Za-z]+) (\/\S*)$/.exec(name) ?? []
  if (verb && method !== undefined && verb.toUpperCase() !== method) return false
  const key = route ?? (path && routeKeyOf(path))
  return routeKey === undefined || (key !== undefined && key.toLowerCase() === routeKey.toLowerCase())
}

/** Which attributes say a route: `ofPair` from 1 on into `keys`, 0 for all others. */
function routesByPair({ pairKey, pairValue, texts }: Traces): { ofPair: Uint32Array, keys: string[] } {
  const ofPair = new Uint32Array(pairKey.length)
  const keys: string[] = []
  for (let pair = 0; pair < pairKey.length; pair++) if (texts[pairKey[pair]!] === 'http.route') ofPair[pair] = keys.push(routeKeyOf(texts[pairValue[pair]!]!))
  return { ofPair, keys }
}

function routeOf({ attributes, pairs }: Traces, span: number, ofPair: Uint32Array): number {
  for (let j = attributes[span]!; j < attributes[span + 1]!; j++) {
    const route = ofPair[pairs[j]!]!
    if (route) return route
  }
  return 0
}
