import { describe, expect, it } from 'vitest'
import { evidenceLimit, keepEvidence, listEvidence, readEvidence } from '#server/incidents/evidence-store'
import type { TraceSource } from '#server/telemetry/ports'
import { decodeSkeleton } from '#shared/trace/skeleton'
import type { Span } from '#shared/trace/span'
import { createTestIncidents, diagnosisOf, startIncidents } from '../../../support/incidents'
import { person } from '../../../support/registry'
import { logLine, logSource, traceSource } from '../../../support/telemetry-sources'

const operator = person('ops-01')
const reader = { language: 'ko', zone: 'Asia/Seoul' } as const
const traceId = 'a'.repeat(32)
const began = Date.parse('2026-11-23T05:31:52Z') * 1_000

function span(spanId: string, rest: Partial<Span>): Span {
  return { traceId, spanId, key: spanId, name: spanId, kind: 'internal', service: 'api-gateway', start: began, duration: 8_560_000, status: 'unset', attributes: {}, resource: {}, events: [], links: [], ...rest }
}
const spans = [
  span('1'.repeat(16), { name: 'POST /api/v1/process', kind: 'server', attributes: { 'http.response.status_code': 502, 'api.client.id': 'partner-shop' } }),
  span('2'.repeat(16), { parentId: '1'.repeat(16), name: 'external.api.call', kind: 'client', service: 'business-service', start: began + 500_000, duration: 8_000_000, status: 'error', attributes: { 'server.address': 'external-api' } }),
]

async function withTraces(held: Span[] = spans, answer: Parameters<typeof diagnosisOf>[0] = {}) {
  const source = traceSource({
    spans: async function* () { yield* held } as TraceSource['spans'],
    search: async () => ({ traces: [], total: { count: 0, atLeast: false }, searchedTo: new Date(0), population: { kind: 'all' }, warnings: [] }),
  })
  const room = await startIncidents({
    keepsEvidence: true, traces: source, logs: logSource({ ofTrace: async () => ({ lines: [logLine({ traceId })], more: false, warnings: [] }) }),
    diagnose: async () => diagnosisOf({ exemplars: [{ traceId, kind: 'failed', duration: 8_560_000, at: began + 500_000 }], ...answer }),
  })
  room.metrics.durations = async ({ window }) => ({ data: [{ from: 7_900_000, to: 8_100_000, requests: window.to.getTime() }], population: { kind: 'all' }, warnings: [] })
  await room.say(room.firing(room.alert()))
  await room.incidents.idle()
  return { ...room, held }
}

describe('frozen evidence', () => {
  it('tells of traces, lines and the picture when their sources have dropped them', async () => {
    const { incidents, held } = await withTraces([...spans])
    held.length = 0
    const { full } = incidents.read(operator, 'INC-1', reader)
    expect(full!.exemplars).toMatchObject([{ traceId, status: 502, failed: true, consumer: 'partner-shop', frozen: true, duration: 8_560_000, spanAt: began + 500_000 }])
    expect(full!.exemplars[0]!.path).toEqual([{ service: 'api-gateway', micros: 560_000 }, { service: 'business-service', micros: 8_000_000 }])
    expect(full!.picture).toMatchObject({ kind: 'durations', subject: 'business-service → external-api', limit: 8_000_000 })
    expect(full!.frozen).toMatchObject({ traces: 1, lines: 1 })
    const frozen = incidents.frozenTrace(operator, 'INC-1', traceId)
    const bytes = Buffer.from(frozen.skeleton, 'base64')
    const trace = decodeSkeleton(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer)
    expect([trace.count, trace.httpStatusOf(trace.main)]).toEqual([2, 502])
    expect(incidents.keptTrace(traceId)).toMatchObject({ incident: 1, cut: false, spans: [{ key: '1'.repeat(16) }, { key: '2'.repeat(16) }], lines: [{ body: 'external call failed: TimeoutError' }] })
    expect(incidents.keptTrace('b'.repeat(32))).toBeUndefined()
    expect(incidents.frozenLogs(operator, 'INC-1').lines).toMatchObject([{ body: 'external call failed: TimeoutError' }])
  })

  it('is for those who may read traces and logs', async () => {
    const { incidents } = await withTraces()
    const support = person('support-02', ['incidents:read', 'incidents:update'])
    expect(() => incidents.frozenTrace(support, 'INC-1', traceId)).toThrow('access.forbidden')
    expect(() => incidents.frozenLogs(support, 'INC-1')).toThrow('access.forbidden')
    expect(() => incidents.postMortem(support, 'INC-1', reader)).toThrow('access.forbidden')
    expect(() => incidents.frozenLogs(person('x', ['logs:read']), 'INC-1')).toThrow('access.forbidden')
  })

  it('keeps of a trace that is too large the guilty span, those above it and the longest', async () => {
    const noise = Array.from({ length: 2_900 }, (_, i) => span(`f${String(i).padStart(15, '0')}`, { parentId: '1'.repeat(16), duration: 10 + i, attributes: { text: Array.from({ length: 12 }, (_, j) => Math.sin(i * 12 + j)).join() } }))
    const { incidents } = await withTraces([...noise.slice(0, 2_000), ...spans, ...noise.slice(2_000)])
    const { spans: kept } = incidents.frozenTrace(operator, 'INC-1', traceId) as unknown as { spans: Span[] }
    expect(kept).toHaveLength(400)
    expect(kept.map(({ name }) => name)).toEqual(expect.arrayContaining(['POST /api/v1/process', 'external.api.call']))
    expect(Math.min(...kept.filter(({ name }) => name.startsWith('f')).map(({ duration }) => duration))).toBe(2_909 - 397)
  })

  it('keeps of a trace of long texts as many spans as fit', async () => {
    const text = (i: number) => Array.from({ length: 600 }, (_, j) => Math.sin(i * 600 + j)).join()
    const wordy = Array.from({ length: 500 }, (_, i) => span(`f${String(i).padStart(15, '0')}`, { parentId: '1'.repeat(16), duration: 10 + i, attributes: { text: text(i) } }))
    const { incidents } = await withTraces([...spans, ...wordy])
    const { spans: kept } = incidents.frozenTrace(operator, 'INC-1', traceId) as unknown as { spans: Span[] }
    expect(kept.map(({ name }) => name)).toEqual(expect.arrayContaining(['POST /api/v1/process', 'external.api.call', 'f000000000000499']))
  })

  it('refuses what would not fit, and keeps what is there', async () => {
    const { db, say, alert, firing, incidents } = await createTestIncidents()
    await say(firing(alert()))
    const { id } = incidents.read(operator, 'INC-1', reader)
    const noise = (length: number) => Array.from({ length }, (_, i) => Math.sin(i + length))
    expect(keepEvidence(db, id, { kind: 'trace', key: 'a', value: noise(60_000), at: new Date() })).toBe(true)
    expect(keepEvidence(db, id, { kind: 'trace', key: 'b', value: noise(90_000), at: new Date() })).toBe(false)
    expect(keepEvidence(db, id, { kind: 'trace', key: 'a', value: noise(50_000), at: new Date() })).toBe(true)
    expect(listEvidence(db, id).reduce((sum, { size }) => sum + size, 0)).toBeLessThan(evidenceLimit)
    expect(readEvidence<number[]>(db, id, 'trace', 'a')!.value).toHaveLength(50_000)
  })
})

describe('a post-mortem', () => {
  it('tells the story in the reader\'s language, with its charts inside and nothing of what others wrote as markup', async () => {
    const { incidents, call } = await withTraces()
    call({ consumer: 'partner-shop', status: 502 }, 6)
    incidents.note(operator, 'INC-1', { text: '# not a heading <script> | [x](javascript:alert(1))' })
    incidents.update(operator, 'INC-1', { ko: '확인 중입니다.', en: '' })
    const text = incidents.postMortem(operator, 'INC-1', reader)
    expect(text).toMatch(/^# INC-1: POST \/api\/v1\/process 실패: business-service가 external-api를 호출하며, 느린 호출은 모두 8\.0초에서 끊깁니다\\?\./)
    expect(text).toContain('](data:image/svg+xml;base64,')
    expect(text).toContain('| +5.28 s | 100% |')
    expect(text).toContain('확인 중입니다.')
    expect(text).not.toMatch(/^# not a heading/m)
    expect(text).not.toContain('<script>')
    expect(text).not.toContain('[x](javascript')
  })
  it('says where the time goes where nothing could be compared', async () => {
    const row = { kind: 'edge' as const, service: 'business-service', operation: 'POST', remote: 'external-api', change: 4_000_000, duration: 4_000_000, rate: 0, product: 0 }
    const { incidents } = await withTraces(spans, { culprit: null, title: { code: 'diagnosis.title.no_baseline' }, decomposition: { isSpent: true, before: 0, after: 4_000_000, rows: [row] } })
    const text = incidents.postMortem(operator, 'INC-1', reader)
    expect(text).toContain('요청 4.0초의 사용처')
    expect(text).toContain('| 4.00 s | 100% |')
  })
})
