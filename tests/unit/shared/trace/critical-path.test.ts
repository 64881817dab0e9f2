import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { criticalPathByService, pathCharges, pathSegments, rankPath } from '../../../../shared/trace/critical-path'
import { decodeSkeleton, encodeSkeleton } from '../../../../shared/trace/skeleton'
import type { SkeletonSpan } from '../../../../shared/trace/skeleton-span'
import { ABANDONED, ASYNC, endOf } from '../../../../shared/trace/span-table'
import { draw, shuffle, span, wordOf } from '../../../support/spans'

const read = (spans: SkeletonSpan[]) => decodeSkeleton(encodeSkeleton(spans))

/** Milliseconds charged to each span of the path, by name. */
function charged(timeline: string): Record<string, number> {
  const trace = read(draw(timeline))
  const charges = pathCharges(trace)
  return Object.fromEntries([...charges].flatMap((ticks, i) => ticks ? [[wordOf(trace.keyOf(i)), ticks / 1_000]] : []))
}

describe('the critical path', () => {
  it.each([
    ['one span is its own path', `
      root  |==========|
    `, { root: 11 }],
    ['the child that ended last decides', `
      root  |==========|
        a     |==|
        b     |=====|
    `, { root: 5, b: 6 }],
    ['children one after another all count', `
      root  |==========|
        a    |==|
        b        |==|
    `, { root: 5, a: 3, b: 3 }],
    ['a child that ends exactly when the next begins still precedes it', `
      root  |==========|
        a    |====|
        b         |==|
    `, { root: 3, a: 5, b: 3 }],
    ['of two that end together the longer one counts', `
      root  |==========|
        a       |====|
        b     |======|
    `, { root: 4, b: 7 }],
    ['grandchildren are charged inside their parent', `
      root    |==========|
        a       |======|
          b       |==|
    `, { root: 4, a: 4, b: 3 }],
    ['a call given up is charged what was waited for', `
      root      |=======|
        call     |=====|         client x
          pay     |==========|   server [pay]
            sql    |========|
    `, { root: 2, call: 1, pay: 1, sql: 4 }],
    ['work that is not waited for is not on the path', `
      root      |=======|
        a        |==|
        log          |======|
        send      |=|            producer
          mail             |==|  consumer
    `, { root: 5, a: 3 }],
  ])('%s', (_, timeline, expected) => {
    expect(charged(timeline)).toEqual(expected)
  })

  it('tells handed over, outliving and given-up work apart', () => {
    const trace = read(draw(`
      root      |=======|
        call     |=====|         client x
          pay     |==========|   server [pay]
            sql    |========|
        log          |======|
        send      |=|            producer
          mail             |==|  consumer
    `))
    const of = (word: string) => trace.flags[[...trace.flags.keys()].find(i => wordOf(trace.keyOf(i)) === word)!]! & (ASYNC | ABANDONED)
    expect(['call', 'pay', 'sql', 'log', 'send', 'mail'].map(of)).toEqual([0, ABANDONED, ABANDONED, ASYNC, 0, ASYNC])
  })

  it('ranks services by what the request waited for in them', () => {
    const trace = read(draw(`
      root  |=========|
        a    |======|   client
          b   |====|    server [pay]
    `))
    expect(rankPath(trace).map(({ service, micros, share }) => [trace.services[service], micros, share])).toEqual([['shop', 5_000, 0.5], ['pay', 5_000, 0.5]])
  })

  it('lists services for a summary in order of appearance', () => {
    const spans = draw(`
      root  |=========|
        a    |======|   client
          b   |====|    server [pay]
    `)
    expect(criticalPathByService(shuffle(spans))).toEqual([{ service: 'shop', micros: 5_000 }, { service: 'pay', micros: 5_000 }])
    expect(criticalPathByService([])).toEqual([])
  })

  it('charges exactly the root\'s duration, in segments that neither overlap nor leave their span', () => {
    fc.assert(fc.property(anyTrace, (spans) => {
      const trace = read(spans)
      const charges = pathCharges(trace)
      expect(charges.reduce((sum, ticks) => sum + ticks, 0)).toBe(trace.duration[trace.main])

      const segments: [number, number][] = []
      for (let i = 0; i < trace.count; i++) {
        const own = pathSegments(trace, i)
        expect(own.reduce((sum, [from, to]) => sum + to - from, 0)).toBe(charges[i])
        for (const [from, to] of own) expect(from >= trace.start[i]! && to <= endOf(trace, i)).toBe(true)
        segments.push(...own)
      }
      segments.sort((a, b) => a[0] - b[0])
      for (let i = 1; i < segments.length; i++) expect(segments[i]![0]).toBe(segments[i - 1]![1])
      const summary = criticalPathByService(spans).reduce((sum, { micros }) => sum + micros, 0)
      expect(summary).toBe(trace.duration[trace.main]! * trace.tick)
    }))
  })

  it('takes an overlap below a millisecond for a handing over: some clocks write starts in whole milliseconds', () => {
    const charges = (overlap: number) => criticalPathByService([
      span({ id: 'root', from: 0, to: 9_000, kind: 'server' }),
      span({ id: 'call', in: 'root', from: 800, to: 8_846 + overlap, service: 'partner' }),
      span({ id: 'tell', in: 'root', from: 8_846, to: 8_852, service: 'queue' }),
    ]).map(({ service, micros }) => [service, micros / 1_000])
    expect(charges(0.106)).toEqual([['shop', 948], ['partner', 8_046], ['queue', 6]])
    // Work that truly went on beside it did not decide when the root went on.
    expect(charges(1)).toEqual([['shop', 8_994], ['queue', 6]])
  })

  it('does not depend on the order of arrival', () => {
    fc.assert(fc.property(anyTrace, fc.integer({ min: 1 }), (spans, seed) => {
      expect(new Uint8Array(encodeSkeleton(shuffle(spans, seed)))).toEqual(new Uint8Array(encodeSkeleton(spans)))
    }))
  })

  it('takes 20,000 siblings and 20,000 levels without recursion', () => {
    const many = (parentOf: (i: number) => number) => Array.from({ length: 20_000 }, (_, i): SkeletonSpan => ({
      spanId: i.toString(16).padStart(16, '0'), ...(i > 0 && { parentId: parentOf(i).toString(16).padStart(16, '0') }),
      name: 'step', kind: 'internal', service: 's', status: 'unset', start: 1_000 + i, duration: 40_000 - 2 * i,
    }))
    for (const spans of [many(i => i - 1), many(() => 0)]) {
      expect(pathCharges(read(spans)).reduce((sum, ticks) => sum + ticks, 0)).toBe(40_000)
    }
  }, 30_000)
})

const anyTrace = fc.array(fc.record({
  parent: fc.nat(), start: fc.nat(200_000), duration: fc.nat(100_000),
  kind: fc.constantFrom('internal', 'server', 'client', 'producer', 'consumer'),
  service: fc.constantFrom('a', 'b', 'c'), status: fc.constantFrom('unset', 'error'), orphan: fc.integer({ min: 0, max: 9 }),
}), { minLength: 1, maxLength: 40 }).map(drafts => drafts.map(({ parent, orphan, start, ...rest }, i): SkeletonSpan => ({
  ...rest, kind: rest.kind as SkeletonSpan['kind'], status: rest.status as SkeletonSpan['status'], name: `n${i % 4}`, start: 1_763_875_267_000_000 + start,
  spanId: i.toString(16).padStart(16, '0'),
  ...(i > 0 && { parentId: (orphan === 9 ? 500 + (parent % 3) : parent % i).toString(16).padStart(16, '0') }),
})))
