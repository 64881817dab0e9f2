import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { chargeUnits } from '../../../../server/diagnosis/charge'
import { repairTraces } from '../../../../server/diagnosis/forest'
import { linkTraces } from '../../../../server/diagnosis/link-spans'
import { defaults } from '../../../../server/diagnosis/parameters'
import { TraceCollector } from '../../../../shared/trace/trace-columns'
import type { SkeletonSpan } from '../../../../shared/trace/skeleton-span'
import type { SpanKind } from '../../../../shared/trace/span'
import { linkSpans } from '../../../../shared/trace/span-links'
import { toSpan } from '../../../support/diagnosis'
import { draw, shuffle, span } from '../../../support/spans'

const traceId = '1'.padStart(32, '0')

function charge(spans: readonly SkeletonSpan[]) {
  const collector = new TraceCollector()
  collector.add(traceId, spans.map(one => toSpan(one, traceId)))
  return chargeUnits(repairTraces(collector.done(), defaults))
}

/** Milliseconds by key, as a reader would write the key. */
function keysOf(spans: readonly SkeletonSpan[]): Record<string, number> {
  const { forest, vocabulary, key, charge: charged, queue } = charge(spans)
  const sums: Record<string, number> = {}
  const name = (number: number) => {
    const { kind, service, operation, remote, callee } = vocabulary.keys[number]!
    const text = (at: number) => forest.traces.texts[at]!
    if (kind === 'local') return `L ${text(service)} ${text(operation)}`
    return kind === 'edge' ? `E ${text(service)} > ${text(remote)} ${text(callee) || text(operation)}` : `Q ${text(remote)} ${text(service)}`
  }
  const add = (number: number, micros: number) => micros > 0 && (sums[name(number)] = (sums[name(number)] ?? 0) + micros / 1_000)
  for (let i = 0; i < key.length; i++) add(key[i]!, charged[i]!)
  for (const [i, number] of queue.key.entries()) add(number, queue.delay[i]!)
  return sums
}

describe('charging every instant to one key', () => {
  it.each<[string, string, Record<string, number>]>([
    ['own work', `
      root  |==========|              server
    `, { 'L shop root': 11 }],
    ['a call is split between the way and the callee', `
      root   |============|           server
        call   |========|             client
          pay    |====|               server [pay]
    `, { 'L shop root': 4, 'E shop > pay pay': 4, 'L pay pay': 5 }],
    ['a call that nobody answers', `
      root   |============|           server
        call   |========|             client
    `, { 'L shop root': 4, 'E shop >  call': 9 }],
    ['of parallel calls only the one that was waited for', `
      root   |============|           server
        a      |====|
        b      |========|
    `, { 'L shop root': 4, 'L shop b': 9 }],
    ['a call given up is charged as long as it was waited for', `
      root      |=======|             server
        call     |=====|              client
          pay     |==========|        server [pay]
    `, { 'L shop root': 2, 'E shop > pay pay': 1, 'L pay pay': 5 }],
    ['a span beside what it wraps is put around it', `
      root     |============|         server
        wrap     |========|
        query     |======|
          inner    |====|
    `, { 'L shop root': 4, 'L shop wrap': 2, 'L shop query': 2, 'L shop inner': 5 }],
  ])('%s', (_, timeline, expected) => {
    expect(keysOf(draw(timeline))).toEqual(expected)
  })

  it('queued work is a unit of its own, from its publication on', () => {
    const spans = draw(`
      root     |====|                 server
        send     |=|                  producer
          mail            |===|       consumer [mailer]
    `)
    for (const one of spans) if (one.spanId === spans[1]!.spanId) one.remote = 'mails'
    expect(keysOf(spans)).toMatchObject({ 'Q mails mailer': 7, 'L mailer mail': 4 })
    const { units } = charge(spans)
    expect([...units.total]).toEqual([5_000, 11_000])
  })

  it('a consumer that began a trace of its own finds its publisher by the link', () => {
    const published = draw(`
      root     |====|                 server
        send     |=|                  producer
    `)
    const [handled] = draw(`
      mail               |===|        consumer [mailer]
    `)
    const other = '2'.padStart(32, '0')
    const collector = new TraceCollector()
    collector.add(other, [{ ...toSpan({ ...handled!, remote: 'mails' }, other), links: [{ traceId, spanId: published[1]!.spanId, attributes: {} }] }])
    collector.add(traceId, published.map(one => toSpan(one, traceId)))
    const { units, queue } = chargeUnits(repairTraces(collector.done(), defaults))
    expect([...queue.delay]).toEqual([6_000])
    expect([...units.total]).toEqual([10_000, 5_000])
  })

  it('an orphan finds the call that was made to its service', () => {
    const spans = draw(`
      root   |============|           server
        call   |========|             client
          pay    |====|               server [pay]
    `)
    spans[1]!.remote = 'pay'
    spans[2]!.parentId = 'f'.repeat(16)
    expect(keysOf(spans)).toEqual({ 'L shop root': 4, 'E shop > pay pay': 4, 'L pay pay': 5 })
  })
})

const kinds: SpanKind[] = ['internal', 'server', 'client', 'producer', 'consumer']
/** Any trace: spans that overlap, leave their parents, name parents that are not there or come after them. */
const anyTrace = fc.array(fc.record({
  parent: fc.integer({ min: -2, max: 30 }), from: fc.integer({ min: 0, max: 2_000 }), length: fc.integer({ min: 0, max: 2_000 }),
  kind: fc.constantFrom(...kinds), service: fc.constantFrom('a', 'b', 'c'), sharesId: fc.boolean(),
}), { minLength: 1, maxLength: 30 }).map(drawn => drawn.map(({ parent, from, length, kind, service, sharesId }, i) =>
  span({ id: `s${sharesId && i > 0 ? i - 1 : i}`, ...(parent >= -1 && { in: `s${parent}` }), from, to: from + length, kind, service, name: `n${i % 4}` })))

describe('whatever the trace', () => {
  it('the charges of each unit sum to its duration within 1 %', () => {
    fc.assert(fc.property(anyTrace, (spans) => {
      const { units, unit, charge: charged, queue } = charge(spans)
      const sums = new Float64Array(units.count)
      for (let i = 0; i < unit.length; i++) if (unit[i]! >= 0) sums[unit[i]!]! += charged[i]!
      for (const [i, u] of queue.unit.entries()) sums[u]! += queue.delay[i]!
      for (let u = 0; u < units.count; u++) expect(Math.abs(sums[u]! - units.total[u]!)).toBeLessThanOrEqual(0.01 * units.total[u]! + 2)
    }))
  })

  it('the order of its spans changes no charge', () => {
    fc.assert(fc.property(anyTrace, fc.integer({ min: 1, max: 1_000 }), (spans, seed) => {
      expect(keysOf(shuffle(spans, seed))).toEqual(keysOf(spans))
    }))
  })

  it('who called whom is what the trace page says', () => {
    fc.assert(fc.property(anyTrace, (spans) => {
      const links = linkSpans(spans)
      const collector = new TraceCollector()
      collector.add(traceId, links.spans.slice(0, links.received).map(one => toSpan(one, traceId)))
      const { parent } = linkTraces(collector.done())
      expect([...parent]).toEqual([...links.parent.subarray(0, links.received)].map(at => at >= links.received ? -1 : at))
    }))
  })
})
