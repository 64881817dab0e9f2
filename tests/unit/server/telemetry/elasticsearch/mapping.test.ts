import { describe, expect, it } from 'vitest'
import { factsOf } from '#server/telemetry/elasticsearch/check'
import { toFilter, wordsOf } from '#server/telemetry/elasticsearch/log-query'
import { fieldCaps, readMapping } from '#server/telemetry/elasticsearch/mapping'
import type { LogQuery } from '#server/telemetry/ports'
import elasticsearch from '../../../../fixtures/elasticsearch/elasticsearch-9-field-caps.json'
import opensearch from '../../../../fixtures/elasticsearch/opensearch-3-field-caps.json'

const window = { from: new Date('2026-11-22T00:00:00Z'), to: new Date('2026-11-24T00:00:00Z') }
const query = (conditions: Partial<LogQuery>): LogQuery => ({ window, limit: 10, ...conditions })

describe.each([['Elasticsearch', elasticsearch], ['OpenSearch', opensearch]])('what %s says of three indices that do not agree', (_, caps) => {
  const mapping = readMapping(fieldCaps.parse(caps))

  it('is sorted by the time that most of them have, and the others are named', () => {
    expect(mapping.time).toEqual({ path: '@timestamp', nanos: true })
    expect(mapping.withoutTime).toEqual(['openapi-logs-old'])
  })

  it('compares whole texts, by the copy where the field itself is analysed', () => {
    expect(mapping.fields.traceId.map(({ path, kind }) => [path, kind])).toEqual(expect.arrayContaining([['trace_id', 'exact'], ['trace_id.keyword', 'exact']]))
    expect(mapping.fields.service.map(({ path }) => path)).toEqual(['service.name', 'service_name'])
  })

  it('asks each index only in the way it understands', () => {
    expect(mapping.fields.level).toEqual([
      { path: 'level', kind: 'exact', indices: ['openapi-logs-2026.11.22'] }, { path: 'level', kind: 'number', indices: ['openapi-logs-2026.11.23'] },
    ])
    expect(mapping.fields.message.map(({ kind }) => kind).toSorted()).toEqual(['exact', 'words'])
  })

  it('is told in words on the page of sources', () => {
    expect(factsOf(mapping, 'openapi-logs-*').map(({ code }) => code)).toEqual(['log_time_nanos', 'log_message', 'log_trace', 'log_service', 'log_level', 'log_conflict', 'log_conflict', 'log_conflict', 'log_conflict', 'log_without_time'])
    expect(factsOf(mapping, '')).toContainEqual({ code: 'log_conflict', params: { field: 'level', types: 'keyword, long' } })
  })
})

describe('a filter', () => {
  const mapping = readMapping(fieldCaps.parse(elasticsearch))
  const filter = (conditions: Partial<LogQuery>) => JSON.stringify(toFilter(query(conditions), mapping, new Map()))

  it('matches nothing by what no index has', () => {
    expect(filter({ spanId: '1'.repeat(16) })).toContain('match_none')
    expect(filter({ attributes: [{ key: 'order.id', value: '1' }] })).toContain('match_none')
  })

  it.each(['*', 'a AND b', 'message:x', '"', 'a*b?c\\', '{"match_all":{}}', 'x) OR (y', '~0.1', '\0'])('holds %j as a value and nothing else', (text) => {
    const words = wordsOf(text)
    const found: string[] = []
    const keys = new Set<string>()
    JSON.stringify(toFilter(query({ text }), mapping, new Map()), (key, value: unknown) => {
      keys.add(key)
      if (key === 'query' && typeof value === 'string') found.push(value)
      return value
    })
    expect([...new Set(found)].toSorted()).toEqual([...new Set(words)].toSorted())
    expect([...keys].some(key => /query_string|script|regexp/.test(key))).toBe(false)
  })

  it('takes stars in a whole text for stars', () => {
    expect(filter({ text: 'a*b?c\\' })).toContain(JSON.stringify('*a\\*b\\?c\\\\*'))
  })

  it('never asks a nanosecond index for times before 1970', () => {
    expect(filter({ window: { from: new Date(-1), to: window.to } })).toContain('"gte":"1970-01-01T00:00:00.000Z"')
  })

  it('takes words apart at spaces and leaves out what is none', () => {
    expect(wordsOf('  결제  /api/v1 - "*" b ')).toEqual(['결제', '/api/v1', 'b'])
    expect(wordsOf(Array.from({ length: 40 }, (_, i) => `w${i}`).join(' '))).toHaveLength(20)
  })
})
