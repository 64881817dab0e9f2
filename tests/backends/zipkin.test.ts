import { randomBytes } from 'node:crypto'
import { expect, inject, it } from 'vitest'
import type { Span } from '#shared/trace/span'
import type { TraceQuery, TraceSource } from '#server/telemetry/ports'
import { decodeSkeleton } from '#shared/trace/skeleton'
import { spanCap } from '#server/telemetry/zipkin/trace-search'
import { MINUTE } from '#shared/units'
import { request, span, start, traceIdOf, window } from '../contract/build-spans'
import { describeTraceSource } from '../contract/trace-source'
import { toZipkin } from '../support/zipkin/from-spans'
import { isolate } from '../support/zipkin/isolated-source'
import { createZipkinAt } from '../support/zipkin/source'
import { describeWith } from './support/backends'

describeWith(['zipkin'], 'a real Zipkin', () => {
  const address = inject('backends').zipkin ?? ''
  // Anywhere in the next month, so that one run does not meet what another left; a memory that is full lets go of the oldest.
  const first = randomBytes(2).readUInt16BE() % 2_000
  let last = 0

  /** A part of it that holds exactly these spans. */
  async function holding(spans: Span[]) {
    const { source, outward } = isolate(createZipkinAt(address), { shift: Date.now() - start / 1000 + (first + last++) * 20 * MINUTE, nonce: randomBytes(16).toString('hex') })
    const sent = outward(spans)
    const cuts = await storageOf() === 'ElasticsearchStorage'
    for (let from = 0; from < sent.length; from += 2_000) {
      const body = JSON.stringify(toZipkin(sent.slice(from, from + 2_000)))
      expect((await fetch(`${address}/api/v2/spans`, { method: 'POST', headers: { 'content-type': 'application/json' }, body })).status).toBe(202)
    }
    // Accepted is not stored; one sent twice in a batch is stored once.
    for (const [traceId, members] of Map.groupBy(sent, span => span.traceId)) {
      const wanted = new Set(members.map(({ spanId, kind }) => `${spanId} ${kind}`)).size
      await expect.poll(() => storedOf(traceId), { timeout: 30_000 }).toBeGreaterThanOrEqual(cuts ? Math.min(wanted, spanCap) : wanted)
    }
    return source
  }

  async function readAll(source: TraceSource, query: Omit<TraceQuery, 'window'>): Promise<string[]> {
    const ids: string[] = []
    let cursor: string | undefined
    do {
      const page = await source.search({ window, ...query, ...(cursor && { cursor }) })
      ids.push(...page.traces.map(trace => trace.traceId))
      cursor = page.next
    } while (cursor)
    return ids
  }

  async function storedOf(traceId: string): Promise<number> {
    const answer = await fetch(`${address}/api/v2/trace/${traceId}`)
    return answer.ok ? ((await answer.json()) as unknown[]).length : 0
  }

  let storage: Promise<unknown> | undefined
  /** Elsewhere dependencies wait for a job, and Elasticsearch cuts. Asked once: Cassandra is long in saying so while it is written to. */
  function storageOf(): Promise<unknown> {
    return storage ??= createZipkinAt(address).check().then(({ found }) => found![0]!.params!.storage)
  }

  describeTraceSource('the real Zipkin', holding, { dependencies: async () => await storageOf() === 'InMemoryStorage' })

  it('says which release it is, and what it keeps traces in', async () => {
    expect(await createZipkinAt(address).check()).toMatchObject({ version: expect.stringMatching(/^\d+\.\d+/), found: [{ code: 'zipkin_storage', params: { storage: expect.stringMatching(/Storage$/) } }], clockAhead: expect.any(Number) })
  })

  it('gives a trace of 12,000 spans, or as much as its storage lets through and a warning', async () => {
    const source = await holding([request({ id: 1, route: '/orders', to: 60_000 }), ...Array.from({ length: 11_999 }, (_, i) => span({ id: 0x10000 + i, parent: 1, from: i, to: i + 5, attributes: { n: i } }))])
    const { bytes, warnings } = (await source.skeleton(traceIdOf(1)))!
    const skeleton = decodeSkeleton(bytes)
    if (await storageOf() === 'ElasticsearchStorage') expect([skeleton.count >= spanCap, warnings]).toEqual([true, [{ source: 'zipkin', code: 'span_cap', params: { count: spanCap } }]])
    else expect([skeleton.count, warnings]).toEqual([12_000, []])
    const key = skeleton.keyOf(7_000)
    expect(await source.span(traceIdOf(1), key)).toMatchObject({ key, attributes: { n: expect.any(String) } })
  })

  it('is paged without a hole or a double, work that goes on for long included', async () => {
    const traces = Array.from({ length: 90 }, (_, i) => {
      const from = i * 300
      return [
        request({ trace: 0x1000 + i, id: 0x10000 + 2 * i, route: '/orders', service: 'gateway', from, to: from + 20 }),
        span({ trace: 0x1000 + i, id: 0x10001 + 2 * i, parent: 0x10000 + 2 * i, service: 'worker', kind: 'consumer', from: from + (i % 5) * 9_000, to: from + (i % 5) * 9_000 + 10, attributes: { half: String(i % 2) } }),
      ]
    })
    const source = await holding(traces.flat())
    for (const query of [{}, { service: 'worker' }, { attributes: [{ key: 'half', value: '1' }] }]) {
      const seen = await readAll(source, { ...query, limit: 7 })
      const wanted = traces.filter((_, i) => !('attributes' in query) || i % 2 === 1).map(([root]) => root!.traceId)
      expect(seen.toSorted()).toEqual(wanted.toSorted())
    }
  })

  it('gives all traces of a service that has many spans in each', async () => {
    const traces = Array.from({ length: 60 }, (_, i) => [
      request({ trace: 0x2000 + i, id: 0x20000 + 100 * i, route: '/orders', service: 'busy', from: i * 400, to: i * 400 + 300 }),
      ...Array.from({ length: 15 }, (_, n) => span({ trace: 0x2000 + i, id: 0x20001 + 100 * i + n, parent: 0x20000 + 100 * i, service: 'busy', name: `step ${n % 3}`, from: i * 400 + n, to: i * 400 + n + 1, attributes: { shard: 'one' } })),
    ])
    const source = await holding(traces.flat())
    for (const query of [{}, { service: 'busy' }, { operation: 'step 1' }, { service: 'busy', operation: 'step 1' }, { attributes: [{ key: 'shard', value: 'one' }] }, { minDuration: 200_000 }]) {
      const seen = await readAll(source, { ...query, limit: 25 })
      expect([query, seen.toSorted()]).toEqual([query, traces.map(([root]) => root!.traceId).toSorted()])
    }
  })

  it('is paged without a hole among traces that began in the same millisecond', async () => {
    const traces = Array.from({ length: 90 }, (_, i) => request({ trace: 0x3000 + i, id: 0x30000 + i, route: '/orders', service: 'gateway', from: 500 + i / 8, to: 520 + i / 8 }))
    const source = await holding(traces)
    for (const query of [{}, { service: 'gateway' }]) expect((await readAll(source, { ...query, limit: 7 })).toSorted()).toEqual(traces.map(({ traceId }) => traceId).toSorted())
  })
})
