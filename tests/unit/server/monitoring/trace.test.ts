import { describe, expect, it } from 'vitest'
import type { KeptTrace } from '#server/incidents/incidents'
import { spread } from '#server/monitoring/repeats'
import { createTraces } from '#server/monitoring/trace'
import type { LogLine, LogSource, MetricSource, TraceSource } from '#server/telemetry/ports'
import { AppError } from '#shared/errors'
import { repeatAnswer, spanAnswer, traceAnswer } from '#shared/schemas/trace'
import { encodeSkeleton } from '#shared/trace/skeleton'
import type { SkeletonSpan } from '#shared/trace/skeleton-span'
import type { Span } from '#shared/trace/span'
import { createFakeClock } from '../../../support/fake-clock'
import { idOf, span } from '../../../support/spans'

const traceId = 'f'.repeat(32)
const route = { attributes: { 'http.request.method': 'POST', 'http.route': '/orders/{id}', 'api.client.id': 'partner-shop' } }
const spans = [
  span({ id: 'gate', from: 0, to: 900, kind: 'server', service: 'gate', name: 'POST /orders/{id}', httpStatus: 502 }),
  span({ id: 'call', in: 'gate', from: 10, to: 890, kind: 'client', service: 'gate', status: 'error', errorType: 'Timeout', remote: 'bank' }),
]
const line = (id: string, level: LogLine['level'], nanos: string, spanId?: string): LogLine =>
  ({ id, level, nanos, at: new Date(Number(BigInt(nanos) / BigInt(1_000_000))), observedAt: new Date(0), levelText: level, service: 'gate', body: `line ${id}`, attributes: {}, resource: {}, ...(spanId && { spanId }) })
const lines = [line('1', 'info', '1763875267412000500', idOf('gate')), line('2', 'error', '1763875268302000000', idOf('call')), line('3', 'warn', '1763875268302000000')]
const fail = async () => {
  throw new AppError('source.unavailable', { source: 'embedded' })
}

function room(more: { held?: SkeletonSpan[], details?: Record<string, Partial<Span>>, metrics?: Partial<MetricSource>, logs?: Partial<LogSource>, age?: number, endpoints?: object[], kept?: KeptTrace, skeleton?: TraceSource['skeleton'] } = {}) {
  const clock = createFakeClock()
  const asked: string[] = []
  const held = more.held ?? spans
  const full = (s: SkeletonSpan): Span => ({ ...s, traceId, key: s.spanId, attributes: {}, resource: {}, events: [], links: [], ...(more.details ?? { [idOf('gate')]: route })[s.spanId] })
  const arrival = new Date(clock.now().getTime() - (more.age ?? 3_600_000))
  const traces: Partial<TraceSource> = {
    async skeleton(id) {
      asked.push(`skeleton ${id}`)
      if (more.skeleton) return more.skeleton(id)
      return id === traceId ? { bytes: encodeSkeleton(held), lastArrival: arrival, warnings: [] } : undefined
    },
    async span(_, key) {
      const found = held.find(s => s.spanId === key)
      return found && full(found)
    },
    async spansByKey(_, keys) {
      asked.push(`${keys.length} spans by key`)
      return keys.flatMap(key => held.filter(s => s.spanId === key).map(full))
    },
    async* spans() {
      asked.push('spans')
      yield* held.map(full)
    },
  }
  const metrics: Partial<MetricSource> = {
    async operations({ where }) {
      asked.push(`operations ${where?.service}`)
      const data = where?.service === 'gate' ? [0, 300_000].map(at => ({ operation: 'POST /orders/{id}', kind: 'server' as const, at: new Date(at), spans: 20, requests: 20, failed: 0, clientErrors: 0, duration: 0, p50: 60_000, p95: 90_000 })) : []
      return { data, population: { kind: 'all' }, warnings: [] }
    },
    async durations({ where, window }) {
      asked.push(`durations ${where.operation} of ${where.service} to ${where.remote ?? 'anybody'}, ${window.from.toISOString()}`)
      return { data: [{ from: 55_000, to: 60_000, requests: 90 }, { from: 860_000, to: 940_000, requests: 10 }], population: { kind: 'estimated' }, warnings: [] }
    },
    ...more.metrics,
  }
  const logs: Partial<LogSource> = { ofTrace: async () => ({ lines, more: false, warnings: [] }), ...more.logs }
  const register = {
    services: () => [{ name: 'gate', display: 'Gate', colour: 7, ownerTeam: '', latencyThreshold: null }],
    endpoints: () => (more.endpoints ?? [{ id: 'e1', service: 'gate', method: 'POST', routeKey: '/orders/{}', template: '/orders/{orderId}', latencyObjective: 100 }]) as never,
  }
  const room = createTraces({ traces: traces as TraceSource, metrics: metrics as MetricSource, logs: logs as LogSource, register, consumerAttributes: ['api.client.id'], kept: id => (id === more.kept?.spans[0]!.traceId ? more.kept : undefined), clock })
  return { ...room, clock, asked }
}

describe('the page of a trace', () => {
  it('answers verdict, request, path, origin, first rows and logs at once', async () => {
    const answer = await room().read(traceId, { withLogs: true })
    expect(traceAnswer.parse(answer)).toEqual(answer)
    expect(answer).toMatchObject({
      traceId, fires: 3, verdict: { code: 'trace.verdict.gave_up' }, total: 900_000, warnings: [],
      main: { method: 'POST', route: '/orders/{orderId}', endpoint: 'e1', consumer: 'partner-shop', status: 502, duration: 900_000 },
      services: [{ name: 'gate', colour: 7 }], counts: { spans: 2, services: 1, errors: 2, ownErrors: 1, levels: 2 },
      origin: { key: idOf('call'), error: 'Timeout' }, path: [{ service: 0, micros: 900_000, share: 1 }],
      usual: [{ service: 0, operation: 'POST /orders/{id}', kind: 'server', p50: 60_000, calls: 40 }],
      logs: { count: 3, more: false, bySpan: { [idOf('gate')]: 1, [idOf('call')]: 1 }, errors: [{ id: '2', offset: 890_000 }] },
    })
    expect(answer.settling).toBeUndefined()
    expect(answer.rows.first.map(row => row.type)).toEqual(['span', 'span', 'note'])
  })

  it('keeps log lines from who may not read them', async () => {
    const answer = await room({ logs: { ofTrace: fail } }).read(traceId, { withLogs: false })
    expect(answer.logs).toBeUndefined()
    expect((await room().readSpan(traceId, idOf('call'), { withLogs: false })).logs).toBeUndefined()
  })

  it('loses a failing source its part and says so', async () => {
    const answer = await room({ logs: { ofTrace: fail }, metrics: { operations: fail } }).read(traceId, { withLogs: true })
    expect(answer.missing.map(({ code }) => code)).toEqual(['unavailable', 'unavailable'])
    expect([answer.usual, answer.logs]).toEqual([[], undefined])
  })

  it('finds the endpoint by its path where the sender gives no route', async () => {
    const answer = await room({ details: { [idOf('gate')]: { attributes: { 'http.method': 'post', 'http.target': '/orders/77?x=1' } } } }).read(traceId, { withLogs: false })
    expect(answer.main).toMatchObject({ method: 'POST', route: '/orders/{orderId}', endpoint: 'e1' })
  })

  it('judges slow by the endpoint\'s own objective', async () => {
    const calm = [span({ id: 'gate', from: 0, to: 150, kind: 'server', service: 'gate', httpStatus: 200 })]
    expect((await room({ held: calm }).read(traceId, { withLogs: false })).fires).toBe(2)
    expect((await room({ held: calm, endpoints: [] }).read(traceId, { withLogs: false })).fires).toBe(1)
  })

  it('looks for the consumer in other spans of the service', async () => {
    const answer = await room({ details: { [idOf('call')]: { attributes: { 'api.client.id': 'partner-erp' } } } }).read(traceId, { withLogs: false })
    expect(answer.main?.consumer).toBe('partner-erp')
  })

  it('does not know traces that are not held', async () => {
    await expect(room().read('0'.repeat(32), { withLogs: false })).rejects.toMatchObject({ code: 'trace.not_found' })
    await expect(room().readSpan(traceId, 'nobody', { withLogs: false })).rejects.toMatchObject({ code: 'span.not_found' })
  })

  it('is settling for a minute after its last span, and until then read anew', async () => {
    const young = room({ age: 20_000 })
    expect((await young.read(traceId, { withLogs: false })).settling).toEqual({ lastArrival: '2026-11-23T05:31:50.000Z', until: '2026-11-23T05:32:50.000Z' })
    young.clock.advance(2_000)
    await young.skeleton(traceId)
    expect(young.asked.filter(question => question.startsWith('skeleton'))).toHaveLength(2)
  })

  it('packs a settled trace once, however many ask', async () => {
    const settled = room()
    await Promise.all([settled.read(traceId, { withLogs: true }), settled.skeleton(traceId), settled.read(traceId, { withLogs: true })])
    settled.clock.advance(600_000)
    await settled.skeleton(traceId)
    expect(settled.asked.filter(question => question.startsWith('skeleton'))).toHaveLength(1)
    expect(settled.asked.filter(question => question.startsWith('operations'))).toHaveLength(1)
  })

  it('knows what is usual for a name that its backend made small', async () => {
    const held = spans.map(each => ({ ...each, name: each.name.toLowerCase() }))
    const { read, readSpan } = room({ held })
    expect((await read(traceId, { withLogs: false })).usual).toEqual([{ service: 0, operation: 'post /orders/{id}', kind: 'server', p50: 60_000, calls: 40 }])
    expect((await readSpan(traceId, idOf('gate'), { withLogs: false })).usual).toEqual({ p50: 60_000, p95: 90_000, calls: 40 })
  })
})

describe('one span', () => {
  it('comes with its attributes in groups, its usual time and its own lines', async () => {
    const answer = await room({ details: { [idOf('gate')]: { attributes: { 'http.route': '/x', 'zz': [1, 2], 'api.client.id': 'shop', 'error.type': 'E' }, resource: { 'service.version': '2' }, events: [{ at: 1_763_875_267_413_000, name: 'exception', attributes: { a: true } }] } } })
      .readSpan(traceId, idOf('gate'), { withLogs: true })
    expect(spanAnswer.parse(answer)).toEqual(answer)
    expect(answer.groups).toEqual([
      { group: 'error', attributes: [{ key: 'error.type', value: 'E' }] }, { group: 'http', attributes: [{ key: 'http.route', value: '/x' }] },
      { group: 'consumer', attributes: [{ key: 'api.client.id', value: 'shop' }] }, { group: 'attributes', attributes: [{ key: 'zz', value: '[1,2]' }] },
      { group: 'resource', attributes: [{ key: 'service.version', value: '2' }] },
    ])
    expect(answer.usual).toEqual({ p50: 60_000, p95: 90_000, calls: 40 })
    expect(answer.events).toEqual([{ offset: 1_000, name: 'exception', attributes: [{ key: 'a', value: 'true' }] }])
    expect(answer.logs?.map(({ id, offset }) => [id, offset])).toEqual([['1', 0]])
  })

  it('lies among the calls of the day before its trace, by whom it calls', async () => {
    const page = room()
    const answer = await page.readSpan(traceId, idOf('call'), { withLogs: false })
    expect(spanAnswer.parse(answer)).toEqual(answer)
    expect(answer.among).toMatchObject({ population: { kind: 'estimated' }, calls: 100, spread: { slowerThan: 0.9, fasterThan: 0, p50: 57_391, p99: 898_222 } })
    expect(answer.among!.spread!.classes).toHaveLength(2)
    await page.readSpan(traceId, idOf('gate'), { withLogs: false })
    expect(page.asked.filter(what => what.startsWith('durations'))).toEqual([
      'durations call of gate to bank, 2025-11-22T05:21:00.000Z', 'durations POST /orders/{id} of gate to anybody, 2025-11-22T05:21:00.000Z',
    ])
  })

  it.each([
    ['few calls', { durations: async () => ({ data: [{ from: 1, to: 2, requests: 19 }], population: { kind: 'all' as const }, warnings: [] }) }, { calls: 19 }],
    ['a source that is away', { durations: fail, operations: fail }, undefined],
  ])('is compared with nothing where there are %s', async (_, metrics, among) => {
    const answer = await room({ metrics }).readSpan(traceId, idOf('call'), { withLogs: false })
    if (among) expect(answer.among).toMatchObject(among)
    expect(answer.among?.spread).toBeUndefined()
    expect(answer.among === undefined).toBe(among === undefined)
  })

  it('reads a trace again once it grew, however final it seemed', async () => {
    const { read, forget, asked } = room()
    const first = await read(traceId, { withLogs: false })
    await read(traceId, { withLogs: false })
    forget([traceId])
    expect(await read(traceId, { withLogs: false })).toEqual(first)
    expect(asked.filter(what => what.startsWith('skeleton'))).toHaveLength(2)
  })

  it('does not keep what was read while the trace grew', async () => {
    const { read, forget, asked } = room()
    const begun = read(traceId, { withLogs: false })
    forget([traceId])
    await begun
    await read(traceId, { withLogs: false })
    expect(asked.filter(what => what.startsWith('skeleton'))).toHaveLength(2)
  })
})

describe('a fold', () => {
  const repeated = (count: number) => [spans[0]!, ...Array.from({ length: count }, (_, i) => span({ id: `q${i}`, in: 'gate', from: i / 2, to: i / 2 + 0.5, kind: 'client', service: 'gate', name: 'SELECT' }))]

  it('says what its spans have in common', async () => {
    const details = Object.fromEntries([0, 1, 2].map(i => [idOf(`q${i}`), { attributes: { 'db.system.name': 'mysql', 'db.rows': i } }]))
    const answer = await room({ held: repeated(3), details }).readRepeat(traceId, idOf('q1'))
    expect(repeatAnswer.parse(answer)).toEqual(answer)
    expect(answer).toMatchObject({
      key: idOf('q0'), members: 3, read: 3, same: [{ key: 'db.system.name', value: 'mysql' }], differs: [{ key: 'db.rows', distinct: 3, range: { from: 0, to: 2 } }],
    })
  })

  it('reads a sample of very many, and says of how many', async () => {
    const page = room({ held: repeated(1_200) })
    expect(await page.readRepeat(traceId, idOf('q7'))).toMatchObject({ members: 1_200, read: 500 })
    expect(page.asked).toContain('500 spans by key')
  })

  it('is none where a span stands alone', async () => {
    await expect(room().readRepeat(traceId, idOf('call'))).rejects.toMatchObject({ code: 'span.not_found' })
    await expect(room().readRepeat(traceId, 'nobody')).rejects.toMatchObject({ code: 'span.not_found' })
  })
})

describe('a sample', () => {
  it('is spread evenly from the first to the last', () => {
    expect(spread([0, 1, 2, 3, 4, 5, 6, 7, 8], 3)).toEqual([0, 4, 8])
    expect(spread([1, 2], 3)).toEqual([1, 2])
  })
})

describe('a trace that its source holds no more', () => {
  const keptId = 'e'.repeat(32)
  const full = (s: SkeletonSpan): Span => ({ ...s, traceId: keptId, key: s.spanId, attributes: {}, resource: {}, events: [], links: [], ...(s.spanId === idOf('gate') && route) })
  const kept: KeptTrace = {
    incident: 12, at: new Date('2026-11-23T05:33:00Z'), cut: true, bytes: encodeSkeleton(spans), spans: spans.map(full),
    lines: [{ at: new Date(spans[0]!.start / 1_000 + 890).toISOString(), level: 'error', service: 'gate', body: 'the bank is away', traceId: keptId, spanId: idOf('call') }],
  }
  const reader = { id: 'u', permissions: new Set(['traces:read', 'incidents:read']) } as never
  const gone = async () => undefined
  const none = { ofTrace: async () => ({ lines: [], more: false, warnings: [] }) }

  it.each([['dropped it', gone], ['does not answer', fail as never]])('is read from the copy of an incident where the source %s, and says so', async (_, skeleton) => {
    const traces = room({ kept, skeleton, logs: none, details: {} })
    const answer = await traces.read(keptId, { withLogs: true, actor: reader })
    expect(traceAnswer.parse(answer)).toEqual(answer)
    expect(answer).toMatchObject({
      kept: { incident: 12, at: '2026-11-23T05:33:00.000Z', cut: true }, counts: { spans: 2 }, main: { consumer: 'partner-shop', route: '/orders/{orderId}' },
      logs: { count: 1, errors: [{ body: 'the bank is away', offset: 890_000 }] },
    })
    expect(answer.settling).toBeUndefined()
    expect(new Uint8Array(await traces.skeleton(keptId))).toEqual(new Uint8Array(kept.bytes))
    expect(await traces.readSpan(keptId, idOf('call'), { withLogs: true })).toMatchObject({ name: 'call', logs: [{ body: 'the bank is away' }] })
    const exported: Span[] = []
    for await (const each of await traces.exportSpans(keptId, AbortSignal.timeout(1_000))) exported.push(each)
    expect(exported).toEqual(kept.spans)
  })

  it('names no incident to who may not read them, and shows no line to who may not read lines', async () => {
    const answer = await room({ kept, skeleton: gone, logs: none }).read(keptId, { withLogs: false, actor: { id: 'u', permissions: new Set(['traces:read']) } as never })
    expect([answer.kept?.incident, answer.logs]).toEqual([null, undefined])
  })

  it('is read from its source as long as that holds it', async () => {
    expect((await room({ kept: { ...kept, spans: kept.spans.map(each => ({ ...each, traceId })) } }).read(traceId, { withLogs: false, actor: reader })).kept).toBeUndefined()
  })

  it('is not found where nobody kept it', async () => {
    await expect(room({ skeleton: gone }).read(keptId, { withLogs: false })).rejects.toThrow('trace.not_found')
  })
})
