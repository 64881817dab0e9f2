import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { homeOf } from '../launch/install.ts'
import { run } from '../launch/tools.ts'
import { documentsOf, throughPipeline, type LogsRequest } from '../shipper/documents.ts'
import { describeWithOurs } from '../support/backends.ts'

const at = (path: string) => fileURLToPath(new URL(`../../../deploy/${path}`, import.meta.url))
const support = (path: string) => fileURLToPath(new URL(`../support/${path}`, import.meta.url))

/** The documents that the filter makes of each request, by plain Ruby with warnings on. */
function filtered(...requests: LogsRequest[]): Record<string, unknown>[][] {
  const { stdout, stderr, status } = spawnSync('ruby', ['-w', support('run-filter.rb'), at('logstash/filters/otlp.rb')], { input: requests.map(request => `${JSON.stringify(request)}\n`).join(''), encoding: 'utf8' })
  expect([status, stderr]).toEqual([0, ''])
  return stdout.trim().split('\n').map(line => JSON.parse(line) as Record<string, unknown>[])
}

const request = (...logRecords: object[]): LogsRequest => ({
  resourceLogs: [{
    resource: { attributes: [{ key: 'service.name', value: { stringValue: 'API-Gateway' } }, { key: 'process.pid', value: { intValue: '936' } }] },
    scopeLogs: [{ scope: { name: 'shop.Gateway' }, logRecords }],
  }],
})
const line = (more: object = {}) => ({ timeUnixNano: '1764000000123456789', severityNumber: 9, body: { stringValue: 'order accepted' }, ...more })
const one = (more: object) => filtered(request(line(more)))[0]![0]!

describeWithOurs('the Logstash filter', () => {
  it('makes a document of every record, with time, service and logger', () => {
    const [documents] = filtered(request(line(), line({ severityText: 'warn' })))
    expect(documents).toMatchObject([
      { '@timestamp': '2025-11-24T16:00:00.123456789Z', 'message': 'order accepted', 'level': 'INFO', 'severity_number': 9, 'service_name': 'API-Gateway', 'logger_name': 'shop.Gateway', 'resource': { 'process.pid': 936 } },
      { level: 'WARN' },
    ])
  })

  it('keeps numbers as numbers, names as they are, and nothing that is not there', () => {
    const { attributes, ...rest } = one({ attributes: [
      { key: 'order.id', value: { stringValue: 'A-17' } }, { key: 'tries', value: { intValue: '3' } }, { key: 'ratio', value: { doubleValue: 0.5 } }, { key: 'paid', value: { boolValue: false } },
      { key: 'large', value: { intValue: '9007199254740991' } }, { key: 'items', value: { arrayValue: { values: [{ intValue: 1 }, { stringValue: 'b' }] } } },
      { key: 'nested', value: { kvlistValue: { values: [{ key: 'a.b', value: { intValue: '1' } }] } } }, { key: 'nothing', value: {} },
    ] })
    expect(attributes).toEqual({ 'order.id': 'A-17', 'tries': 3, 'ratio': 0.5, 'paid': false, 'large': 9007199254740991, 'items': [1, 'b'], 'nested': { 'a.b': 1 } })
    expect(rest).not.toHaveProperty('trace_id')
    expect(rest).not.toHaveProperty('stack_trace')
  })

  it('ties a line to its trace, and takes empty ids for none', () => {
    expect(one({ traceId: '6CD84D22B81417750E4B07B8BECB377A', spanId: '4b9e87a27b4a9082' })).toMatchObject({ trace_id: '6cd84d22b81417750e4b07b8becb377a', span_id: '4b9e87a27b4a9082' })
    expect(one({ traceId: '', spanId: '' })).not.toHaveProperty('trace_id')
  })

  it('takes the time it was observed where it has none of its own, whole maps as text, and the stack trace out of the attributes', () => {
    expect(one({ timeUnixNano: '0', observedTimeUnixNano: '1764000000000000001' })['@timestamp']).toBe('2025-11-24T16:00:00.000000001Z')
    expect(one({ body: { kvlistValue: { values: [{ key: 'msg', value: { stringValue: 'x' } }] } } }).message).toBe('{"msg":"x"}')
    expect(one({ attributes: [{ key: 'exception.stacktrace', value: { stringValue: 'at Shop' } }] })).toMatchObject({ stack_trace: 'at Shop', attributes: {} })
  })

  it('names a request sent again the same, and two equal lines of one request not', () => {
    const twice = request(line(), line())
    const [first, again] = filtered(twice, twice)
    expect(again).toEqual(first)
    expect(new Set(first!.map(document => document.log_id)).size).toBe(2)
  })

  it('survives what no exporter should send', () => {
    expect(filtered({}, { resourceLogs: [{}] }, { resourceLogs: [{ scopeLogs: [{ logRecords: [{}] }] }] })).toMatchObject([[], [], [{ '@timestamp': '1970-01-01T00:00:00.000000000Z' }]])
  })

  it('writes what the shipper of the other tests writes', () => {
    const all = request(
      line(), line({ severityText: 'SEVERE', severityNumber: 17, traceId: '6CD84D22B81417750E4B07B8BECB377A' }), line({ timeUnixNano: 0, observedTimeUnixNano: '1764000000000000001' }),
      line({ attributes: [{ key: 'a.b', value: { intValue: '3' } }, { key: 'list', value: { arrayValue: { values: [{ boolValue: true }] } } }, { key: 'exception.stacktrace', value: { stringValue: 'at Shop' } }] }),
      line({ body: { kvlistValue: { values: [{ key: 'n', value: { intValue: '1' } }] } }, eventName: 'order' }), {},
    )
    expect(filtered(all)[0]).toEqual(documentsOf(all))
  })
})

type Statement = [string, unknown[]]

describeWithOurs('the Logstash pipeline', () => {
  const parsed = (...files: string[]) => JSON.parse(run('python3', [support('pipeline.py'), ...files], { env: { PYTHONPATH: homeOf('pipeline-parser') } })) as Statement[]
  const own = () => parsed(...readdirSync(at('logstash/pipeline')).sort().map(name => at(`logstash/pipeline/${name}`)))
  const settingsOf = (name: string, statements: Statement[]): Record<string, unknown[]> => {
    const found = JSON.stringify(statements).includes(`["${name}",`) && statements.flatMap(([, plugins]) => plugins as Statement[]).find(([plugin]) => plugin === name)
    return Object.fromEntries((found as Statement)[1] as [string, unknown[]][])
  }

  it('is read by a parser of the language: one input, one filter, one output', () => {
    expect(own().map(([section]) => section)).toEqual(['input', 'filter', 'output'])
  })

  it('writes dated plain indices under ids of its own, and leaves the template alone', () => {
    expect(settingsOf('elasticsearch', own())).toMatchObject({ index: ['openapi-logs-%{+yyyy.MM.dd}'], document_id: ['%{log_id}'], data_stream: [false], ilm_enabled: [false], manage_template: [false] })
  })

  it('drops the levels that the shipper drops, and tags what it tags', () => {
    const text = JSON.stringify(own())
    expect(text).toContain('["[level]","in",["TRACE","DEBUG","FINEST","FINER","FINE"]]')
    expect(text).toContain('["add_tag",[["traced"]]]')
    const written = throughPipeline(request(line({ severityText: 'Debug' }), line({ severityNumber: 5 }), line({ traceId: '1'.repeat(32) }), line()))
    expect(written.map(({ index, document }) => [index, document.level, document.tags])).toEqual([['openapi-logs-2025.11.24', 'INFO', ['traced']], ['openapi-logs-2025.11.24', 'INFO', undefined]])
  })

  it('has an output for OpenSearch that differs in nothing else', () => {
    const { hosts, index, document_id, manage_template } = settingsOf('elasticsearch', own())
    expect(settingsOf('opensearch', parsed(at('opensearch/90-opensearch.conf')))).toEqual({ hosts, index, document_id, manage_template })
  })
})
