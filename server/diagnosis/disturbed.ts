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

/** The operations that these requests are called in traces: figures know routes, spans have names. In order of how often they occur. */
export function matchOperations(traces: Traces, symptom: Disturbed): OperationName[] {
  const wanted = symptom.service.toLowerCase()
  const routes = routesByPair(traces)
  const counts = new Map<number, number>()
  const known = new Map<string, boolean>()
  for (let span = 0; span < traces.kind.length; span++) {
    const kind = traces.kind[span]! & KIND
    if ((kind !== server && kind !== consumer) || traces.texts[traces.service[span]!]!.toLowerCase() !== wanted) continue
    const name = traces.name[span]!
    const route = routeOf(traces, span, routes)
    const key = `${name} ${kind} ${traces.remote[span]} ${route}`
    let is = known.get(key)
    if (is === undefined) known.set(key, is = isOf(symptom, { name: traces.texts[name]!, isConsumer: kind === consumer, destination: traces.texts[traces.remote[span]!]!, route }))
    if (is) counts.set(name, (counts.get(name) ?? 0) + 1)
  }
  return [...counts].sort((a, b) => b[1] - a[1]).map(([name]) => ({ service: wanted, operation: traces.texts[name]! }))
}

interface Named {
  name: string
  isConsumer: boolean
  destination: string
  /** As a route key. */
  route: string | undefined
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

/** Which attributes say a route, as route keys. */
function routesByPair({ pairKey, pairValue, texts }: Traces): Map<number, string> {
  const routes = new Map<number, string>()
  for (let pair = 0; pair < pairKey.length; pair++) if (texts[pairKey[pair]!] === 'http.route') routes.set(pair, routeKeyOf(texts[pairValue[pair]!]!))
  return routes
}

function routeOf({ attributes, pairs }: Traces, span: number, routes: Map<number, string>): string | undefined {
  for (let j = attributes[span]!; j < attributes[span + 1]!; j++) {
    const route = routes.get(pairs[j]!)
    if (route !== undefined) return route
  }
  return undefined
}
