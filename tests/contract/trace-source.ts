import { describe, expect, it } from 'vitest'
import { decodeSkeleton } from '#shared/trace/skeleton'
import type { Attributes, Span } from '#shared/trace/span'
import type { TraceQuery, TraceSource } from '#server/telemetry/ports'
import { idOf, request, span, start, traceIdOf, window } from './build-spans'

const everything: TraceQuery = { window, limit: 50 }

/**
 * What every source of traces promises. `holding` gives a source that holds exactly these spans. `dependencies`: whether
 * what it stands on has counted them yet.
 */
export function describeTraceSource(name: string, holding: (spans: Span[]) => Promise<TraceSource>, { dependencies = async () => true }: { dependencies?: () => Promise<boolean> } = {}) {
  const found = async (spans: Span[], query: Partial<TraceQuery>) => {
    const { traces } = await (await holding(spans)).search({ ...everything, ...query })
    return traces.map(trace => trace.traceId)
  }

  describe(`trace source: ${name}`, () => {
    it('answers undefined for a trace it does not hold', async () => {
      const source = await holding([span({ id: 1 })])
      expect(await source.skeleton('f'.repeat(32))).toBeUndefined()
      expect(await source.span('f'.repeat(32), idOf(1))).toBeUndefined()
      expect(await source.span(traceIdOf(1), idOf(9))).toBeUndefined()
      expect(await Array.fromAsync(source.spans('f'.repeat(32)))).toEqual([])
    })

    it('answers with what it is given as an id, whatever that is', async () => {
      const source = await holding([span({ id: 1 })])
      for (const id of ['', 'x', '..', '%2e', `${traceIdOf(1)}0`, '\'; drop table traces']) expect(await source.skeleton(id)).toBeUndefined()
    })

    it('packs the whole tree', async () => {
      const source = await holding([span({ id: 2, parent: 1, from: 10, to: 40 }), span({ id: 1, to: 100 }), span({ id: 3, parent: 2, from: 20, to: 30, service: 'stock' })])
      const answer = (await source.skeleton(traceIdOf(1)))!
      const skeleton = decodeSkeleton(answer.bytes)
      expect([...skeleton.parent]).toEqual([-1, 0, 1])
      expect([...skeleton.duration]).toEqual([100_000, 30_000, 10_000])
      expect(answer.warnings).toEqual([])
    })

    it('gives one span with everything its sender said', async () => {
      const whole = span({
        id: 2, parent: 1, name: 'charge 카드', kind: 'client', service: 'pay', status: 'error', statusMessage: 'declined',
        attributes: { 'server.address': 'bank.example', 'retry': true, 'amount': 12.5, 'tags': ['a', 'b'] },
        events: [{ at: start + 5_000, name: 'exception', attributes: { 'exception.type': 'Declined' } }],
      })
      const source = await holding([span({ id: 1, to: 50 }), whole])
      const attributes = source.capabilities.values === 'text' ? asTexts(whole.attributes) : whole.attributes
      expect(await source.span(whole.traceId, whole.key)).toMatchObject({ ...whole, attributes, resource: {} })
    })

    it('gives several spans by their keys, those that share an id too', async () => {
      const call = span({ id: 2, parent: 1, kind: 'client', name: 'call', to: 40, attributes: { side: 'caller' } })
      const answer = span({ id: 2, parent: 1, kind: 'server', service: 'pay', name: 'charge', from: 10, to: 30, attributes: { side: 'callee' } })
      const source = await holding([span({ id: 1, to: 50 }), call, answer, span({ id: 3, parent: 1, attributes: { n: 3 } })])
      const skeleton = decodeSkeleton((await source.skeleton(traceIdOf(1)))!.bytes)
      const keys = Array.from({ length: skeleton.count }, (_, i) => skeleton.keyOf(i)).toReversed()
      const spans = await source.spansByKey(traceIdOf(1), [...keys, idOf(9), 'x'])
      expect(spans.map(({ key }) => key)).toEqual(keys)
      expect(spans).toEqual(await Promise.all(keys.map(key => source.span(traceIdOf(1), key))))
      expect(spans.map(({ attributes }) => attributes.side).filter(Boolean).toSorted()).toEqual(['callee', 'caller'])
      expect(await source.spansByKey('f'.repeat(32), [idOf(1)])).toEqual([])
    })

    it('lists the newest trace first', async () => {
      expect(await found([span({ trace: 1, id: 1, from: 0 }), span({ trace: 3, id: 3, from: 2_000 }), span({ trace: 2, id: 2, from: 1_000 })], {})).toEqual([3, 2, 1].map(traceIdOf))
    })

    it('pages without a gap or a repeat, traces of one moment included', async () => {
      const source = await holding(Array.from({ length: 23 }, (_, i) => span({ trace: i + 1, id: i + 1, from: Math.floor(i / 5) })))
      const seen: string[] = []
      let cursor: string | undefined
      do {
        const page = await source.search({ ...everything, limit: 5, ...(cursor && { cursor }) })
        seen.push(...page.traces.map(trace => trace.traceId))
        cursor = page.next
      } while (cursor)
      expect(seen.toSorted()).toEqual(Array.from({ length: 23 }, (_, i) => traceIdOf(i + 1)).toSorted())
    })

    it('summarises a trace', async () => {
      const source = await holding([
        request({ id: 1, route: '/orders', status: 502, consumer: 'acme', service: 'gateway', to: 100 }),
        span({ id: 2, parent: 1, from: 10, to: 90, service: 'shop', status: 'error', attributes: { 'error.type': 'Timeout' } }),
      ])
      const [trace] = (await source.search(everything)).traces
      expect(trace).toMatchObject({
        traceId: traceIdOf(1), startedAt: new Date(start / 1000), duration: 100_000, rootDuration: 100_000, spans: 2, failed: true, status: 502, consumer: 'acme',
        services: ['gateway', 'shop'], root: { service: 'gateway', operation: named(source, 'GET /orders'), kind: 'server', method: 'GET', routeKey: '/orders' },
      })
      expect(trace!.path).toEqual([{ service: 'gateway', micros: 20_000 }, { service: 'shop', micros: 80_000 }])
    })

    it('has no root duration while the root is missing', async () => {
      const source = await holding([span({ id: 2, parent: 1 })])
      expect((await source.search(everything)).traces[0]!.rootDuration).toBeUndefined()
    })

    const platform = [
      request({ trace: 1, id: 1, route: '/orders/{id}', service: 'gateway', consumer: 'acme', to: 100 }),
      span({ trace: 1, id: 2, parent: 1, service: 'shop', name: 'Find Order', from: 10, to: 20, attributes: { 'order.size': 3, 'shop.region': 'seoul' } }),
      request({ trace: 2, id: 3, route: '/orders', method: 'POST', service: 'gateway', consumer: 'globex', status: 404, from: 1_000, to: 1_010 }),
      request({ trace: 3, id: 4, route: '/orders', method: 'POST', service: 'gateway', status: 503, from: 2_000, to: 4_000 }),
    ]
    it.each<[string, Partial<TraceQuery>, number[]]>([
      ['a service that took part', { service: 'shop' }, [1]],
      ['a service in any case', { service: 'GATEWAY' }, [3, 2, 1]],
      ['a service nobody knows', { service: 'nobody' }, []],
      ['an operation of the service, whatever its case', { service: 'shop', operation: 'find order' }, [1]],
      ['an operation of any service', { operation: 'Find Order' }, [1]],
      ['a method and route key', { method: 'POST', routeKey: '/orders' }, [3, 2]],
      ['a route key of a service', { service: 'gateway', method: 'GET', routeKey: '/orders/{}' }, [1]],
      ['a consumer', { consumer: 'acme' }, [1]],
      ['nobody named as the consumer', { consumer: 'unknown' }, [3]],
      ['a least duration', { minDuration: 100_000 }, [3, 1]],
      ['a greatest duration', { maxDuration: 100_000 }, [2, 1]],
      ['failed', { failed: true }, [3]],
      ['failed in a service', { service: 'shop', failed: true }, []],
      ['a status class', { statusClass: 4 }, [2]],
      ['an attribute of any span', { attributes: [{ key: 'shop.region', value: 'seoul' }] }, [1]],
      ['a number as an attribute', { attributes: [{ key: 'order.size', value: '3' }] }, [1]],
      ['two attributes of one span', { attributes: [{ key: 'shop.region', value: 'seoul' }, { key: 'order.size', value: '4' }] }, []],
      ['a window that ends before', { window: { from: window.from, to: new Date(start / 1000 + 500) } }, [1]],
      ['a window that begins after', { window: { from: new Date(start / 1000 + 1_500), to: window.to } }, [3]],
    ])('finds by %s', async (_, query, expected) => {
      expect(await found(platform, query)).toEqual(expected.map(traceIdOf))
    })

    it('says how many match, or that there are more than it counted', async () => {
      const source = await holding(platform)
      const counted = source.capabilities.totals ? { count: 3, atLeast: false } : { count: 1, atLeast: true }
      expect((await source.search({ ...everything, limit: 1 })).total).toEqual(counted)
      expect((await source.search({ ...everything, service: 'gateway', limit: 1 })).total).toEqual(counted)
      expect((await source.search(everything)).total).toEqual({ count: 3, atLeast: false })
      const { next } = await source.search({ ...everything, limit: 1 })
      expect((await source.search({ ...everything, limit: 1, cursor: next })).total).toEqual(source.capabilities.totals ? counted : { count: 2, atLeast: true })
    })

    it('draws dots with their outcome, thinned evenly', async () => {
      const source = await holding(platform)
      const scatter = await source.scatter(everything, 100)
      expect(scatter.points.map(point => [point.traceId, point.outcome, point.duration])).toEqual([[traceIdOf(3), 'failed', 2_000_000], [traceIdOf(2), 'client-error', 10_000], [traceIdOf(1), 'ok', 100_000]])
      expect([scatter.counts, scatter.thinned, scatter.atLeast]).toEqual([{ ok: 1, clientError: 1, failed: 1 }, false, false])
      const thin = await source.scatter(everything, 2)
      expect([thin.points.length, thin.thinned, thin.counts]).toEqual([2, true, { ok: 1, clientError: 1, failed: 1 }])
    })

    it('tells what the matching traces have in common', async () => {
      const source = await holding(platform)
      const profile = await source.profile({ ...everything, service: 'gateway' })
      expect(profile.traces).toBe(3)
      expect(profile.values).toEqual(expect.arrayContaining([{ field: 'consumer', value: 'acme', traces: 1 }, { field: 'status', value: '404', traces: 1 }, { field: 'operation', value: named(source, 'POST /orders'), traces: 2 }]))
    })

    it('tells which servers were called, not which databases', async () => {
      const call = (trace: number, address: string, attributes = {}) => [
        request({ trace, id: trace * 10, route: '/orders', service: 'gateway', to: 90 }),
        span({ trace, id: trace * 10 + 1, parent: trace * 10, kind: 'client', service: 'gateway', name: 'POST', to: 80, attributes: { 'server.address': address, 'server.port': 80, ...attributes } }),
        span({ trace, id: trace * 10 + 2, parent: trace * 10, kind: 'client', service: 'gateway', name: 'POST', to: 80, attributes: { 'server.address': address, 'server.port': 80, ...attributes } }),
      ]
      const source = await holding([...call(1, 'bank-1'), ...call(2, 'bank-2'), ...call(3, 'bank-2'), ...call(4, 'db', { 'db.system.name': 'mysql' })])
      const { values } = await source.profile(everything)
      expect(values.filter(({ field }) => field === 'server.address')).toEqual([{ field: 'server.address', value: 'bank-2:80', traces: 2 }, { field: 'server.address', value: 'bank-1:80', traces: 1 }])
    })

    it('names an error as its origin does, in whatever order the spans came', async () => {
      const failing = [
        request({ id: 1, route: '/orders', service: 'gateway', to: 90, status: 502 }),
        span({ id: 2, parent: 1, kind: 'client', service: 'gateway', name: 'POST', to: 80, status: 'error', attributes: { 'http.response.status_code': 504 } }),
        span({ id: 3, parent: 2, kind: 'client', service: 'shop', name: 'call', to: 70, status: 'error', attributes: { 'error.type': 'timeout' } }),
      ]
      // Both say what it was, and the first of them to end is what the other one failed of.
      const telling = failing.map(each => each.status === 'error' && each.spanId === idOf(2) ? { ...each, attributes: { 'error.type': 'GaveUp' } } : each)
      for (const spans of [failing, failing.toReversed(), telling, telling.toReversed()]) {
        const { values } = await (await holding(spans)).profile(everything)
        expect(values.filter(({ field }) => field === 'error.type')).toEqual([{ field: 'error.type', value: 'timeout', traces: 1 }])
      }
    })

    /** Ten requests, a call in each: the third failed, the fifth is slow. */
    const drawn = Array.from({ length: 10 }, (_, i) => [
      request({ trace: i + 1, id: 10 * i + 1, route: '/orders', service: 'gateway', from: 1_000 * i, to: 1_000 * i + (i === 4 ? 900 : 90), ...(i === 2 && { status: 500 }) }),
      span({ trace: i + 1, id: 10 * i + 2, parent: 10 * i + 1, kind: 'client', service: 'gateway', name: 'SELECT', from: 1_000 * i + 5, to: 1_000 * i + 50, attributes: { 'db.system.name': 'mysql', 'db.namespace': 'shop' } }),
    ]).flat()
    const part = (from: number, to: number) => ({ from: new Date(start / 1000 + from), to: new Date(start / 1000 + to) })

    it('gives whole traces as columns for an analysis, window by window', async () => {
      const source = await holding([...drawn, request({ trace: 20, id: 300, route: '/other', service: 'gateway', from: 500 }), span({ trace: 21, id: 301, service: 'elsewhere', from: 600 })])
      const of = [{ service: 'GATEWAY', method: 'GET', routeKey: '/orders' }]
      const { traces, parts } = await source.batch({ parts: [{ window: part(5_000, 60_000), limit: 50, of }, { window: part(-60_000, 5_000), limit: 50, of }] })
      expect(parts.map(({ matched, read }) => [matched, read])).toEqual([[5, 5], [5, 5]])
      expect(traces.traceIds.toSorted()).toEqual(Array.from({ length: 10 }, (_, i) => traceIdOf(i + 1)).toSorted())
      expect([...traces.weight]).toEqual(Array.from({ length: 10 }, () => 1))
      const first = traces.traceIds.indexOf(traceIdOf(1))
      const spans = Array.from({ length: traces.first[first + 1]! - traces.first[first]! }, (_, i) => traces.first[first]! + i)
      const call = spans.find(at => traces.parentId[at] !== 0)!
      expect(spans.length).toBe(2)
      expect([traces.start[call], traces.duration[call], traces.texts[traces.service[call]!], traces.texts[traces.remote[call]!]]).toEqual([start + 5_000, 45_000, 'gateway', 'mysql/shop'])
    })

    it('draws failed and slow traces apart where it may not give all, and says what each stands for', async () => {
      const source = await holding(drawn)
      const { traces, parts } = await source.batch({ parts: [{ window, limit: 4, of: [{ service: 'gateway', method: 'GET', routeKey: '/orders' }] }] })
      expect(parts[0]!.read).toBeLessThanOrEqual(4)
      expect(traces.traceIds).toEqual(expect.arrayContaining([traceIdOf(3), traceIdOf(5)]))
      const weightOf = (n: number) => traces.weight[traces.traceIds.indexOf(traceIdOf(n))]
      expect([weightOf(3), weightOf(5)]).toEqual([1, 1])
      const others = [...traces.weight].reduce((sum, weight) => sum + weight, 0) - 2
      expect(others).toBeGreaterThan(6)
      expect(others).toBeLessThan(10.5)
    })

    it('weighs a trace by how likely it was kept', async () => {
      const source = await holding([{ ...request({ trace: 1, id: 1, route: '/orders', service: 'gateway' }), traceState: 'ot=th:c' }])
      const { traces, population } = await source.batch({ parts: [{ window, limit: 4, of: [] }] })
      expect([...traces.weight]).toEqual([4])
      expect(population).toEqual({ kind: 'kept', rate: 0.25 })
    })

    it('gives a trace with the first part that it belongs to', async () => {
      const source = await holding([...drawn, request({ trace: 20, id: 300, route: '/other', service: 'gateway', from: 500 })])
      const { traces, parts } = await source.batch({ parts: [{ window, limit: 50, of: [{ service: 'gateway', method: 'GET', routeKey: '/orders' }] }, { window, limit: 50, of: [] }] })
      expect(parts.map(({ read }) => read)).toEqual([10, 1])
      expect(traces.traceIds.at(-1)).toBe(traceIdOf(20))
    })

    it('gives an empty batch where nothing matches', async () => {
      const source = await holding(drawn)
      for (const of of [[{ service: 'nobody' }], [{ service: 'gateway', method: 'PUT', routeKey: '/orders' }], [{ service: 'gateway', operation: 'nothing' }]]) {
        expect((await source.batch({ parts: [{ window, limit: 10, of }] })).traces.traceIds).toEqual([])
      }
    })

    it('tells who calls whom, where it counts that', async () => {
      const source = await holding([
        request({ id: 1, route: '/orders', service: 'gateway', to: 90 }),
        span({ id: 2, parent: 1, kind: 'client', service: 'gateway', to: 80 }),
        request({ id: 3, parent: 2, route: '/charge', service: 'pay', status: 500, from: 10, to: 70 }),
      ])
      const edges = await source.dependencies(window)
      if (source.capabilities.dependencies && await dependencies()) expect(edges).toEqual([{ parent: 'gateway', child: 'pay', calls: 1, errors: 1 }])
      else expect(edges).toBeUndefined()
    })

    it('reads a span that was sent twice once', async () => {
      const source = await holding([span({ id: 1 }), span({ id: 1 })])
      expect(decodeSkeleton((await source.skeleton(traceIdOf(1)))!.bytes).count).toBe(1)
    })

    it('checks itself without throwing', async () => {
      expect(['ok', 'late', 'idle']).toContain((await (await holding([])).check()).state)
    })
  })
}

const named = (source: TraceSource, name: string) => (source.capabilities.names === 'lower' ? name.toLowerCase() : name)

function asTexts(attributes: Attributes): Attributes {
  return Object.fromEntries(Object.entries(attributes).map(([key, value]) => [key, typeof value === 'string' ? value : JSON.stringify(value)]))
}
