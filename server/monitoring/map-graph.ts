import type { OperationsRow, Red, RequestsRow } from '#server/telemetry/ports'
import type { mapEdge, MapFigures, MapNode, MapStore } from '#shared/schemas/service-map'
import type { State } from '#shared/status/state'
import type { z } from 'zod'
import type { QueueLink } from './link-traces'
import { toSentLevels, toSentRed } from './sent'
import type { Standing } from './state-keeper'
import { defaultLimits, judge } from './state-rules'

export type GraphNode = Omit<MapNode, 'x' | 'y' | 'width' | 'height'>
export type GraphEdge = Omit<z.infer<typeof mapEdge>, 'path' | 'stroke' | 'label'>
export interface Graph { nodes: GraphNode[], edges: GraphEdge[] }

export const consumersId = 'consumers'
export const serviceId = (name: string) => `service:${name}`

/** What is asked of the sources for one map. */
export interface MapFacts {
  /** Calls and messages by service and remote: over the window, over the last minute and five, and over the last day. */
  over: readonly OperationsRow[]
  short: readonly OperationsRow[]
  long: readonly OperationsRow[]
  known: readonly OperationsRow[]
  /** The window's could not be had: that there are none is not zero. */
  uncounted: boolean
  /** Requests by service. */
  received: readonly RequestsRow[]
  /** Requests by service, method and route key: those without a method came out of a queue. */
  routes: readonly RequestsRow[]
  /** Requests by service and consumer; undefined where no source tells them apart. */
  byConsumer: readonly RequestsRow[] | undefined
  /** Who calls whom among kept traces, where no metric knows. */
  linked: readonly { parent: string, child: string }[]
  /** Who writes into which queue and who reads from it among kept traces, where no metric names one. */
  queues: readonly QueueLink[]
  standing: (service: string) => Standing | undefined
  display: (service: string) => { name: string, colour: number | null }
}

type Call = Pick<OperationsRow, 'remoteKind'> & Red & { service: string, remote: string, isMessage: boolean }

const healthy = { errors: 'healthy', latency: 'healthy' } as const

/**
 * Services, queues and addresses with who calls whom. Databases belong to the box of who calls them. What was called
 * within a day but not in the window is there with zero; what nothing measures is there without figures.
 */
export function buildGraph(facts: MapFacts): Graph {
  const [over, short, long, known] = [facts.over, facts.short, facts.long, facts.known].map(callsOf) as [Calls, Calls, Calls, Calls]
  const received = new Map(facts.received.map(row => [row.service!, row]))
  const stateOf = (key: string, isMessage: boolean): State => {
    const judged = judge(short.get(key), long.get(key), defaultLimits)
    // A message that was handed over says nothing about what became of it.
    return isMessage && judged.errors === 'healthy' ? 'unknown' : judged.state
  }
  const nodes = new Map<string, GraphNode>()
  const edges: GraphEdge[] = []

  function service(name: string): GraphNode {
    const held = nodes.get(serviceId(name))
    if (held) return held
    const standing = facts.standing(name)
    const { name: shown, colour } = facts.display(name)
    const own = received.get(name)
    const node: GraphNode = {
      id: serviceId(name), name: shown, kind: 'service', colour, state: standing?.state ?? 'unknown', figures: own ? figuresOf(own) : null,
      levels: own ? toSentLevels(own, standing?.limits ?? defaultLimits) : healthy, stores: [], since: standing?.state === 'unknown' ? standing.since.toISOString() : null,
    }
    nodes.set(node.id, node)
    return node
  }

  function other(kind: 'queue' | 'address', name: string): GraphNode {
    const id = `${kind}:${name}`
    const held = nodes.get(id) ?? { id, name, kind, colour: null, state: 'unknown' as State, figures: null, levels: healthy, stores: [], since: null }
    nodes.set(id, held)
    return held
  }

  /** What was measured stays as it is. */
  function link(edge: GraphEdge): void {
    if (!edges.some(({ from, to }) => from === edge.from && to === edge.to)) edges.push(edge)
  }

  for (const name of received.keys()) service(name)
  for (const [key, call] of new Map([...known, ...over])) {
    const caller = service(call.service)
    const now = over.get(key)
    const figures = now || !facts.uncounted ? figuresOf(now) : null
    const levels = now ? toSentLevels(now, defaultLimits) : healthy
    const state = stateOf(key, call.isMessage)
    if (call.remoteKind === 'database') {
      caller.stores.push({ name: call.remote, state, levels, figures })
      continue
    }
    const callee = call.remoteKind === 'service' ? service(call.remote) : other(call.remoteKind === 'messaging' ? 'queue' : 'address', call.remote)
    edges.push({ from: caller.id, to: callee.id, kind: call.isMessage ? 'message' : 'call', state, figures, levels })
  }
  for (const { parent, child } of facts.linked) {
    if (parent !== child) link({ from: service(parent).id, to: service(child).id, kind: 'call', state: 'unknown', figures: null, levels: healthy })
  }
  for (const { queue } of facts.queues) other('queue', queue)
  for (const row of facts.routes) {
    const queue = row.method === '' ? nodes.get(`queue:${row.routeKey}`) : undefined
    if (queue) edges.push({ from: queue.id, to: service(row.service!).id, kind: 'message', state: facts.standing(row.service!)?.state ?? 'unknown', figures: figuresOf(row), levels: toSentLevels(row, defaultLimits) })
  }
  for (const { service: name, queue, writes } of facts.queues) {
    const [own, held] = [service(name).id, other('queue', queue).id]
    link({ from: writes ? own : held, to: writes ? held : own, kind: 'message', state: 'unknown', figures: null, levels: healthy })
  }
  for (const node of nodes.values()) node.stores.sort((a, b) => requestsOf(b) - requestsOf(a) || (a.name < b.name ? -1 : 1))
  // What stands beyond our sight is as well as the calls to it are.
  for (const node of nodes.values()) if (node.kind !== 'service') node.state = worstOf(edges.filter(edge => edge.to === node.id).map(edge => edge.state))
  return withConsumers(joinQueues({ nodes: [...nodes.values()], edges }), facts)
}

/** Queues that the same services write and the same services read are one box with a row for each. */
function joinQueues({ nodes, edges }: Graph): Graph {
  const endsOf = (id: string) => JSON.stringify([edges.filter(({ to }) => to === id).map(({ from }) => from).sort(), edges.filter(({ from }) => from === id).map(({ to }) => to).sort()])
  const groups = [...Map.groupBy(nodes.filter(({ kind }) => kind === 'queue'), ({ id }) => endsOf(id)).values()].filter(({ length }) => length > 1)
  const joined = new Map(groups.flatMap(group => group.map(({ id }): [string, string] => [id, `queues:${group.map(({ name }) => name).sort().join(' ')}`])))
  const boxOf = (id: string) => joined.get(id) ?? id
  return {
    nodes: [
      ...nodes.filter(({ id }) => !joined.has(id)),
      ...groups.map((group): GraphNode => ({
        ...group[0]!, id: boxOf(group[0]!.id), name: '', state: worstOf(group.map(({ state }) => state)),
        stores: group.map(({ id, name, state }) => ({ name, state, levels: healthy, figures: sumOf(edges.filter(({ to }) => to === id)) }))
          .sort((a, b) => requestsOf(b) - requestsOf(a) || (a.name < b.name ? -1 : 1)),
      })),
    ],
    edges: [...Map.groupBy(edges, ({ from, to }) => `${boxOf(from)}\n${boxOf(to)}`).values()].map((group): GraphEdge => {
      const { from, to } = group[0]!
      return group.length === 1 ? { ...group[0]!, from: boxOf(from), to: boxOf(to) } : { ...group[0]!, from: boxOf(from), to: boxOf(to), state: worstOf(group.map(({ state }) => state)), figures: sumOf(group) }
    }),
  }
}

function requestsOf({ figures }: MapStore): number {
  return figures?.requests ?? 0
}

function sumOf(edges: readonly GraphEdge[]): MapFigures | null {
  const measured = edges.map(({ figures }) => figures).filter(figures => figures !== null)
  if (measured.length === 0) return null
  return {
    requests: measured.reduce((sum, { requests }) => sum + requests, 0), failed: measured.reduce((sum, { failed }) => sum + failed, 0),
    // A quantile of several is none of theirs; the slowest of them is at least not better than the truth.
    p95: measured.reduce<number | null>((most, { p95 }) => (p95 === null ? most : Math.max(most ?? 0, p95)), null),
  }
}

/** Where requests come in: at every service that has some and that nobody here calls. */
function withConsumers({ nodes, edges }: Graph, { byConsumer, routes, received }: MapFacts): Graph {
  const called = new Set(edges.map(({ to }) => to))
  const fromQueue = new Set(routes.filter(({ method }) => method === '').map(({ service }) => serviceId(service!)))
  const doors = nodes.filter(node => node.kind === 'service' && node.figures && node.figures.requests > 0 && !called.has(node.id) && !fromQueue.has(node.id))
  if (doors.length === 0) return { nodes, edges }
  const names = new Set(received.filter(({ service }) => doors.some(({ id }) => id === serviceId(service!))).map(({ service }) => service!))
  const theirs = byConsumer?.filter(({ service }) => names.has(service!))
  const isUnnamed = ({ consumer }: RequestsRow) => consumer === 'unknown'
  const consumers: GraphNode = {
    id: consumersId, name: '', kind: 'consumers', colour: null, state: worstOf(doors.map(({ state }) => state)), figures: null, levels: healthy, stores: [], since: null,
    ...(theirs && { consumers: { known: new Set(theirs.filter(row => !isUnnamed(row)).map(({ consumer }) => consumer)).size, unnamed: Math.round(theirs.filter(isUnnamed).reduce((sum, { requests }) => sum + requests, 0)) } }),
  }
  return { nodes: [consumers, ...nodes], edges: [...doors.map((door): GraphEdge => ({ from: consumersId, to: door.id, kind: 'entry', state: door.state, figures: door.figures, levels: door.levels })), ...edges] }
}

type Calls = Map<string, Call>

/** Calls and messages to the same name are one line; the larger of both lends its quantiles. */
function callsOf(rows: readonly OperationsRow[]): Calls {
  const calls: Calls = new Map()
  for (const { service, remote, kind, ...row } of rows.toSorted((a, b) => b.requests - a.requests)) {
    if ((kind !== 'client' && kind !== 'producer') || !service || !remote) continue
    const key = `${service}\n${row.remoteKind === 'service' ? 'service' : row.remoteKind ?? 'address'}\n${remote}`
    const held = calls.get(key)
    calls.set(key, held
      ? { ...held, spans: held.spans + row.spans, requests: held.requests + row.requests, failed: held.failed + row.failed, clientErrors: held.clientErrors + row.clientErrors, duration: held.duration + row.duration, isMessage: held.isMessage && kind === 'producer' }
      : { ...row, service, remote, isMessage: kind === 'producer' })
  }
  return calls
}

function figuresOf(row: Red | undefined): MapFigures {
  const { requests, failed, p95 } = toSentRed(row)
  return { requests, failed, p95 }
}

function worstOf(states: readonly State[]): State {
  return (['critical', 'degraded', 'healthy'] as const).find(state => states.includes(state)) ?? 'unknown'
}

/** One service with its neighbours, or what is in one state with its ends. */
export function selectPart({ nodes, edges }: Graph, { focus, only }: { focus?: string, only?: 'trouble' | 'unknown' }): Graph {
  const isWanted = ({ state }: { state: State }) => (only === 'unknown' ? state === 'unknown' : state === 'degraded' || state === 'critical')
  const centre = focus === undefined ? undefined : findNode(nodes, focus)
  const near = edges.filter(({ from, to }) => centre === undefined || from === centre || to === centre)
  if (focus !== undefined && centre === undefined) return { nodes: [], edges: [] }
  const ids = new Set(centre === undefined ? nodes.map(({ id }) => id) : [centre, ...near.flatMap(({ from, to }) => [from, to])])
  const within = { nodes: nodes.filter(({ id }) => ids.has(id)), edges: edges.filter(({ from, to }) => ids.has(from) && ids.has(to)) }
  if (!only) return within
  const shown = within.edges.filter(edge => edge.kind !== 'entry' && isWanted(edge))
  const ends = new Set([...shown.flatMap(({ from, to }) => [from, to]), ...within.nodes.filter(node => node.kind !== 'consumers' && (isWanted(node) || node.stores.some((store: MapStore) => isWanted(store)))).map(({ id }) => id)])
  return { nodes: within.nodes.filter(({ id }) => ends.has(id)), edges: shown }
}

/** A service before anything else of the same name; a queue by any of its box. */
function findNode(nodes: readonly GraphNode[], name: string): string | undefined {
  const wanted = name.toLowerCase()
  const isNamed = (node: GraphNode) => node.name.toLowerCase() === wanted || (node.kind === 'queue' && node.stores.some(store => store.name.toLowerCase() === wanted))
  return nodes.find(({ id }) => id === serviceId(wanted))?.id ?? nodes.find(isNamed)?.id
}
