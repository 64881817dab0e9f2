import { describe, expect, it } from 'vitest'
import { drawMap } from '#server/monitoring/map-drawing'
import { buildGraph, selectPart, type MapFacts } from '#server/monitoring/map-graph'
import type { Standing } from '#server/monitoring/state-keeper'
import { defaultLimits } from '#server/monitoring/state-rules'
import type { OperationsRow, RequestsRow } from '#server/telemetry/ports'
import type { State } from '#shared/status/state'

const red = (requests: number, failed = 0, p95 = 30_000) => ({ spans: requests, requests, failed, clientErrors: 0, duration: requests * 20_000, p50: 20_000, p95, p99: p95 })
const call = (service: string, remote: string, rest: Partial<OperationsRow> = {}): OperationsRow => ({ service, remote, kind: 'client', remoteKind: 'service', ...red(100), ...rest })
const request = (service: string, rest: Partial<RequestsRow> = {}): RequestsRow => ({ service, ...red(100), ...rest })
const standing = (state: State): Standing => ({ state, since: new Date('2026-11-23T05:24:51Z'), limits: defaultLimits, reason: { code: 'monitoring.reason.never' } })

function graphOf({ over = [], ...rest }: Partial<MapFacts>) {
  return buildGraph({ over, short: over, long: over, known: over, received: [], routes: [], byConsumer: undefined, uncounted: false, linked: [], queues: [], standing: () => standing('healthy'), display: name => ({ name, colour: 1 }), ...rest })
}
const lines = ({ edges }: ReturnType<typeof graphOf>) => edges.map(({ from, to, kind, state }) => `${from} -${kind}-> ${to} ${state}`).sort()

describe('who calls whom', () => {
  it('is a line for every pair, whatever it is called by', () => {
    const graph = graphOf({ over: [call('shop', 'pay'), call('shop', 'pay', { ...red(50, 5) }), call('shop', 'maps.example:443', { remoteKind: 'address' })], received: [request('shop'), request('pay')] })
    expect(lines(graph)).toEqual(['consumers -entry-> service:shop healthy', 'service:shop -call-> address:maps.example:443 healthy', 'service:shop -call-> service:pay degraded'])
    expect(graph.edges.find(({ to }) => to === 'service:pay')!.figures).toEqual({ requests: 150, failed: 5, p95: 30_000 })
  })

  it('has databases inside the box of who calls them', () => {
    const { nodes, edges } = graphOf({ over: [call('shop', 'mysql/orders', { remoteKind: 'database' }), call('shop', 'redis', { remoteKind: 'database', ...red(500) })], received: [request('shop')] })
    expect(nodes.find(({ id }) => id === 'service:shop')!.stores.map(({ name }) => name)).toEqual(['redis', 'mysql/orders'])
    expect(edges.filter(({ kind }) => kind !== 'entry')).toEqual([])
  })

  it('does not know what became of a message, unless it could not even be handed over', () => {
    expect(lines(graphOf({ over: [call('shop', 'orders', { kind: 'producer', remoteKind: 'messaging' })] }))).toEqual(['service:shop -message-> queue:orders unknown'])
    expect(lines(graphOf({ over: [call('shop', 'orders', { kind: 'producer', remoteKind: 'messaging', ...red(100, 30) })] }))).toEqual(['service:shop -message-> queue:orders critical'])
  })

  it('leads from a queue to who reads it', () => {
    const graph = graphOf({ over: [call('shop', 'orders', { kind: 'producer', remoteKind: 'messaging' })], received: [request('worker')], routes: [request('worker', { method: '', routeKey: 'orders' })] })
    expect(lines(graph)).toEqual(['queue:orders -message-> service:worker healthy', 'service:shop -message-> queue:orders unknown'])
  })

  it('has queues that only traces know, without figures', () => {
    const graph = graphOf({ over: [call('gate', 'shop')], received: [request('worker')], queues: [{ service: 'shop', queue: 'a', writes: true }, { service: 'worker', queue: 'a', writes: false }, { service: 'shop', queue: 'b', writes: true }, { service: 'worker', queue: 'b', writes: false }] })
    expect(lines(graph)).toEqual(['queues:a b -message-> service:worker unknown', 'service:gate -call-> service:shop healthy', 'service:shop -message-> queues:a b unknown'].toSorted())
    expect(graph.edges.filter(({ kind }) => kind === 'message').map(({ figures }) => figures)).toEqual([null, null])
    expect(graph.nodes.find(({ kind }) => kind === 'queue')!.stores.map(({ name, figures }) => [name, figures])).toEqual([['a', null], ['b', null]])
  })

  it('believes figures before traces, at each end of a queue', () => {
    const queues = ['a', 'b'].flatMap(queue => [{ service: 'shop', queue, writes: true }, { service: 'worker', queue, writes: false }])
    const graph = graphOf({ over: [call('shop', 'a', { kind: 'producer', remoteKind: 'messaging' })], received: [request('worker')], routes: ['a', 'b'].map(routeKey => request('worker', { method: '', routeKey, ...red(7) })), queues: queues.slice(0, 3) })
    expect(graph.edges.map(({ from, to, figures }) => [from, to, figures?.requests])).toEqual([['service:shop', 'queues:a b', 100], ['queues:a b', 'service:worker', 14]])
  })

  it('joins queues that the same services write and read', () => {
    const send = (queue: string, requests: number) => call('shop', queue, { kind: 'producer', remoteKind: 'messaging', ...red(requests) })
    const { nodes, edges } = graphOf({ over: [send('a', 10), send('b', 30), send('c', 5)], received: [request('worker')], routes: ['a', 'b'].map(routeKey => request('worker', { method: '', routeKey })) })
    expect(nodes.filter(({ kind }) => kind === 'queue').map(({ id, stores }) => [id, stores.map(({ name }) => name)])).toEqual([['queue:c', []], ['queues:a b', ['b', 'a']]])
    expect(edges.find(({ from, to }) => from === 'service:shop' && to === 'queues:a b')!.figures!.requests).toBe(40)
  })

  it('tells what was not called lately from what nothing measures', () => {
    const graph = graphOf({ known: [call('shop', 'pay')], linked: [{ parent: 'shop', child: 'pay' }, { parent: 'pay', child: 'bank' }] })
    expect(graph.edges.map(({ to, figures, state }) => [to, figures, state])).toEqual([['service:pay', { requests: 0, failed: 0, p95: null }, 'unknown'], ['service:bank', null, 'unknown']])
  })

  it('knows of no call that it could not ask for', () => {
    const graph = graphOf({ known: [call('shop', 'pay'), call('shop', 'mysql', { remoteKind: 'database' })], uncounted: true })
    expect(graph.edges.map(({ to, figures }) => [to, figures])).toEqual([['service:pay', null]])
    expect(graph.nodes.find(({ name }) => name === 'shop')!.stores).toMatchObject([{ name: 'mysql', figures: null }])
  })

  it('begins outside at every service that nobody here calls', () => {
    const graph = graphOf({ over: [call('gate', 'shop')], received: [request('gate'), request('shop'), request('worker')], routes: [request('worker', { method: '', routeKey: 'q' })], byConsumer: [request('gate', { consumer: 'acme' }), request('gate', { consumer: 'globex' }), request('gate', { consumer: 'unknown', ...red(7) }), request('shop', { consumer: 'other' })] })
    expect(lines(graph).filter(line => line.startsWith('consumers'))).toEqual(['consumers -entry-> service:gate healthy'])
    expect(graph.nodes[0]!.consumers).toEqual({ known: 2, unnamed: 7 })
  })

  it('knows since when a service says nothing', () => {
    const { nodes } = graphOf({ over: [call('shop', 'quiet')], standing: name => (name === 'quiet' ? standing('unknown') : standing('healthy')) })
    expect(nodes.find(({ name }) => name === 'quiet')).toMatchObject({ state: 'unknown', figures: null, since: '2026-11-23T05:24:51.000Z' })
  })
})

describe('a part of the map', () => {
  const graph = graphOf({ over: [call('gate', 'shop'), call('shop', 'pay', red(100, 40)), call('pay', 'bank'), call('gate', 'auth')], received: [request('gate')], standing: name => (name === 'auth' ? undefined : standing('healthy')) })
  const names = (part: ReturnType<typeof selectPart>) => part.nodes.map(({ id }) => id).sort()

  it('is one service with its neighbours', () => {
    expect(names(selectPart(graph, { focus: 'Shop' }))).toEqual(['service:gate', 'service:pay', 'service:shop'])
    expect(names(selectPart(graph, { focus: 'nobody' }))).toEqual([])
  })

  it('is what is in trouble, with its ends', () => {
    expect(lines(selectPart(graph, { only: 'trouble' }))).toEqual(['service:shop -call-> service:pay critical'])
    expect(names(selectPart(graph, { only: 'trouble' }))).toEqual(['service:pay', 'service:shop'])
  })

  it('is what nobody can judge', () => {
    expect(names(selectPart(graph, { only: 'unknown' }))).toEqual(['service:auth'])
  })
})

describe('the drawing', () => {
  it('is the same for the same graph, whatever the order of its rows', () => {
    const over = [call('gate', 'shop'), call('shop', 'pay'), call('pay', 'gate'), call('shop', 'shop')]
    const place = (drawing: ReturnType<typeof drawMap>) => Object.fromEntries(drawing.nodes.map(({ id, x, y }) => [id, [x, y]]))
    expect(place(drawMap(graphOf({ over })))).toEqual(place(drawMap(graphOf({ over: over.toReversed() }))))
  })

  it('draws a service that calls itself', () => {
    expect(drawMap(graphOf({ over: [call('shop', 'shop')] })).edges[0]!.path).toMatch(/^M\d/)
  })

  it('is wide where calls are many, and never thinner than can be seen', () => {
    const { edges } = drawMap(graphOf({ over: [call('a', 'b', red(10_000)), call('a', 'c', red(1))], known: [call('a', 'd')] }))
    expect(edges.map(({ to, stroke }) => [to, stroke])).toEqual([['service:d', 1.25], ['service:b', 4.25], ['service:c', 1.28]])
  })

  it('of two hundred services takes no longer than a page may, and leaves names only', () => {
    const over = Array.from({ length: 200 }, (_, i) => [1, 3, 9 + i % 5].filter(step => i + step < 200).map(step => call(`s${i}`, `s${i + step}`))).flat()
    // By the thread's own clock: beside other tests it waits for a processor, too.
    const began = process.threadCpuUsage()
    const drawing = drawMap(graphOf({ over, received: Array.from({ length: 200 }, (_, i) => request(`s${i}`)) }))
    const { user, system } = process.threadCpuUsage(began)
    expect((user + system) / 1_000).toBeLessThan(1_500)
    expect(drawing.dense).toBe(true)
    expect(drawing.nodes).toHaveLength(201)
  })

  it('of nothing is nothing', () => {
    expect(drawMap({ nodes: [], edges: [] })).toMatchObject({ nodes: [], edges: [], columns: [], width: 0 })
  })
})
