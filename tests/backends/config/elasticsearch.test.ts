import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { beforeAll, expect, it } from 'vitest'
import { throughPipeline } from '../shipper/documents.ts'
import { describeWithOurs, urlOf } from '../support/backends.ts'
import { logRequest } from '../../support/otlp/build.ts'

const setup = fileURLToPath(new URL('../../../deploy/elasticsearch/setup.sh', import.meta.url))
const index = 'openapi-logs-2001.01.01'
const call = async <T>(path: string, method = 'GET', body?: unknown): Promise<T> => {
  const response = await fetch(`${urlOf('elasticsearch')}/${path}`, { method, headers: { 'content-type': 'application/json' }, ...(body !== undefined && { body: JSON.stringify(body) }) })
  const answer = await response.json() as T
  if (!response.ok) throw new Error(`${method} ${path} was answered ${response.status}: ${JSON.stringify(answer)}`)
  return answer
}
const write = (document: Record<string, unknown>) => call<{ result: string }>(`${index}/_doc?refresh=true`, 'POST', { '@timestamp': '2001-01-01T00:00:00.000000001Z', ...document })

describeWithOurs('the set-up of Elasticsearch', () => {
  beforeAll(async () => {
    await call(index, 'DELETE').catch(() => {})
    // The published jars have no lifecycle management and no users; the rest is what a whole one gets.
    const run = () => spawnSync('sh', [setup], { env: { ...process.env, ELASTICSEARCH_URL: urlOf('elasticsearch'), SKIP_LIFECYCLE: '1' }, encoding: 'utf8' })
    expect(run()).toMatchObject({ status: 0, stderr: '' })
    // Every start of compose runs it.
    expect(run()).toMatchObject({ status: 0 })
    return async () => {
      await call(index, 'DELETE')
      for (const template of ['_index_template/openapi-logs', '_template/zipkin-lifecycle']) await call(template, 'DELETE')
    }
  })

  it('maps new indices by the template', async () => {
    await write({ message: 'x' })
    const { [index]: { settings } } = await call<Record<string, { settings: { index: { lifecycle: unknown } } }>>(`${index}/_settings`) as never
    expect(settings).toMatchObject({ index: { lifecycle: { name: 'openapi-logs', parse_origination_date: 'true' } } })
    const { [index]: { mappings } } = await call<Record<string, { mappings: unknown }>>(`${index}/_mapping`) as never
    expect(mappings).toMatchObject({ properties: { '@timestamp': { type: 'date_nanos' }, 'trace_id': { type: 'keyword' }, 'attributes': { type: 'flattened' } } })
  })

  it('refuses no line for its attributes', async () => {
    for (const attributes of [{ order: 1 }, { order: { id: 'A-17' } }, { 'order': ['a', 1], 'order.id': 2 }, { error: true }, { error: 'x'.repeat(40_000) }, Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`key.${i}`, i]))]) {
      expect(await write({ attributes })).toMatchObject({ result: 'created' })
    }
    expect(await write({ severity_number: 'a lot', stack_trace: 'at Shop\n'.repeat(20_000), message: 'm'.repeat(100_000) })).toMatchObject({ result: 'created' })
  })

  it('finds attributes by their names, and lines of one millisecond in their order', async () => {
    const second = BigInt(Date.UTC(2001, 0, 1)) * 1_000_000n
    const lines = [['c', 3n], ['a', 1n], ['b', 2n]] as const
    const documents = throughPipeline(logRequest({ service: 'shop' }, lines.map(([body, nanos]) => ({ body, timeUnixNano: `${second + nanos}`, attributes: { 'order.id': `A-${body}` } })), 0) as never)
    for (const { document } of documents) await write(document)
    const found = await call<{ hits: { hits: { _source: { message: string } }[] } }>(`${index}/_search`, 'POST', { query: { term: { 'attributes.order.id': 'A-b' } } })
    expect(found.hits.hits.map(hit => hit._source.message)).toEqual(['b'])
    const sorted = await call<typeof found>(`${index}/_search`, 'POST', { query: { terms: { message: ['a', 'b', 'c'] } }, sort: [{ '@timestamp': 'asc' }] })
    expect(sorted.hits.hits.map(hit => hit._source.message)).toEqual(['a', 'b', 'c'])
  })

  it('has the same fields for OpenSearch', () => {
    const fields = (path: string) => Object.keys((JSON.parse(readFileSync(fileURLToPath(new URL(`../../../deploy/${path}/index-template.json`, import.meta.url)), 'utf8')) as { template: { mappings: { properties: object } } }).template.mappings.properties)
    expect(fields('opensearch')).toEqual(fields('elasticsearch'))
  })
})
