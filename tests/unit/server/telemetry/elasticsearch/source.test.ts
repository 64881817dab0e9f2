import type { IncomingMessage } from 'node:http'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createElasticLogSource } from '#server/telemetry/elasticsearch/elastic-log-source'
import { readPlace, writePlace } from '#server/telemetry/elasticsearch/place'
import { createUpstream } from '#server/telemetry/upstream/upstream'
import { MINUTE, SECOND } from '#shared/units'
import { createFakeClock } from '../../../../support/fake-clock'
import { startFaultServer } from '../../../../support/fault-server'
import allFailed from '../../../../fixtures/elasticsearch/elasticsearch-9-all-shards-failed.json'
import fieldCaps from '../../../../fixtures/elasticsearch/elasticsearch-9-field-caps.json'
import greeting from '../../../../fixtures/elasticsearch/elasticsearch-9-greeting.json'
import pointGone from '../../../../fixtures/elasticsearch/elasticsearch-9-point-gone.json'
import search from '../../../../fixtures/elasticsearch/elasticsearch-9-search.json'
import someFailed from '../../../../fixtures/elasticsearch/elasticsearch-9-shards-failed.json'
import openSearchGreeting from '../../../../fixtures/elasticsearch/opensearch-3-greeting.json'
import openSearchFound from '../../../../fixtures/elasticsearch/opensearch-3-search.json'

const window = { from: new Date('2026-11-22T00:00:00Z'), to: new Date('2026-11-24T00:00:00Z') }
const query = { window, limit: 10 }
type Play = (request: { method: string, path: string, body: Record<string, unknown> }) => { status?: number, body: unknown } | undefined

/** A cluster that says what was recorded, and what `play` has it say instead. */
async function create(play: Play = () => undefined) {
  const clock = createFakeClock(new Date('2026-11-23T10:00:10Z'))
  const usual = (method: string, path: string): unknown => {
    if (path === '/') return greeting
    if (path.endsWith('/_field_caps')) return fieldCaps
    if (path.endsWith('/_pit')) return method === 'DELETE' ? { succeeded: true } : { id: 'a-point' }
    if (path === '/_cat/health') return [{ epoch: String(clock.now().getTime() / 1000), status: 'green' }]
    if (path.startsWith('/_cat/indices')) return [{ 'index': 'openapi-logs-2026.11.23', 'status': 'open', 'health': 'green', 'docs.count': '2' }, { 'index': 'old', 'status': 'close', 'health': null, 'docs.count': null }]
    return search
  }
  const backend = await startFaultServer((request: IncomingMessage, response, text) => {
    const path = decodeURIComponent(request.url!.split('?', 1)[0]!)
    const said = play({ method: request.method!, path, body: text ? JSON.parse(text) as Record<string, unknown> : {} }) ?? { body: usual(request.method!, path) }
    response.writeHead(said.status ?? 200, { 'content-type': 'application/json; charset=UTF-8' }).end(JSON.stringify(said.body))
  })
  const upstream = createUpstream({ source: 'elasticsearch', url: backend.url, clock, probe: '/' })
  onTestFinished(() => upstream.close())
  const asked = (ending: string) => backend.hits.filter(({ path }) => decodeURIComponent(path.split('?', 1)[0]!).endsWith(ending))
  return { source: createElasticLogSource({ upstream, clock, indices: 'openapi-logs-*', maskedKeys: ['password'] }), backend, clock, asked }
}

const isSearch = (path: string) => path.endsWith('/_search')

describe('an incomplete answer', () => {
  it('says how many parts of the index did not answer', async () => {
    const { source } = await create(({ path }) => (isSearch(path) ? { body: someFailed } : undefined))
    const page = await source.search(query)
    expect(page.lines).toMatchObject([{ body: 'order accepted', level: 'info', service: 'shop' }])
    expect(page.warnings).toContainEqual({ source: 'elasticsearch', code: 'shards_failed', params: { failed: 1, total: 3 } })
    expect((await source.histogram(query, 60_000)).warnings).toContainEqual(expect.objectContaining({ code: 'shards_failed' }))
    expect((await source.ofTrace('5b8efff798038103d269b633813fc60c', 10)).warnings).toContainEqual(expect.objectContaining({ code: 'shards_failed' }))
  })

  it('says that the search stopped early, how far it got, and that there may be more', async () => {
    const { source } = await create(({ path }) => (isSearch(path) ? { body: { ...search, timed_out: true } } : undefined))
    const page = await source.search(query)
    expect(page.warnings).toContainEqual({ source: 'elasticsearch', code: 'stopped_early' })
    expect(page.searchedTo).toEqual(new Date('2026-11-22T10:00:00.500Z'))
    expect(page.total).toEqual({ count: 2, atLeast: true })
  })

  it('names clusters that were left out', async () => {
    const { source } = await create(({ path }) => (isSearch(path) ? { body: { ...search, _clusters: { total: 2, successful: 1, skipped: 1 } } } : undefined))
    expect((await source.search(query)).warnings).toContainEqual({ source: 'elasticsearch', code: 'clusters_skipped', params: { count: 1 } })
  })

  it('names the index whose lines cannot be found by time', async () => {
    const { source } = await create()
    expect((await source.search(query)).warnings).toEqual([{ source: 'elasticsearch', code: 'no_time_field', params: { count: 1, index: 'openapi-logs-old' } }])
  })
})

describe('what was found out of the indices', () => {
  it('is asked once for many questions, and again after some minutes, behind the answer', async () => {
    const { source, asked, clock } = await create()
    await source.search(query)
    const once = asked('/_field_caps').length
    await Promise.all([source.search(query), source.histogram(query, 60_000), source.ofTrace('1'.repeat(32), 10)])
    expect(asked('/_field_caps')).toHaveLength(once)
    clock.advance(6 * MINUTE)
    await source.search(query)
    await expect.poll(() => asked('/_field_caps').length).toBe(2 * once)
  })

  it('is asked again when a line comes from an index that was not there', async () => {
    const { source, asked, clock } = await create(({ path }) => (isSearch(path) ? { body: JSON.parse(JSON.stringify(search).replace('openapi-logs-2026.11.23', 'openapi-logs-2026.11.24')) } : undefined))
    await source.search(query)
    const once = asked('/_field_caps').length
    clock.advance(11 * SECOND)
    await source.search(query)
    await expect.poll(() => asked('/_field_caps').length).toBe(2 * once)
  })

  it('is asked again when the index refuses the question, which is then put anew', async () => {
    let refuses = false
    const { source, clock } = await create(({ path }) => (isSearch(path) && refuses ? (refuses = false, { status: 400, body: { status: 400, error: allFailed._shards ? { type: 'search_phase_execution_exception', reason: 'all shards failed' } : allFailed } }) : undefined))
    await source.search(query)
    clock.advance(11 * SECOND)
    refuses = true
    expect((await source.search(query)).lines).toHaveLength(2)
  })

  it('does not keep a refusal from being one', async () => {
    const { source } = await create(({ path }) => (isSearch(path) ? { status: 400, body: { status: 400, error: { type: 'parsing_exception', reason: 'no', root_cause: [] } } } : undefined))
    await expect(source.search(query)).rejects.toMatchObject({ code: 'source.unavailable', params: { source: 'elasticsearch', reason: 'rejected', status: 400 } })
  })
})

describe('an index that is only just being opened', () => {
  const refusal = (status: number, ...types: string[]) => ({ status, body: { status, error: { type: types[0], reason: 'all shards failed', root_cause: types.slice(1).map(type => ({ type, reason: null })) } } })
  const noShard = refusal(503, 'search_phase_execution_exception', 'no_shard_available_action_exception')

  it.each([
    ['its name is known, its shards are not', refusal(404, 'index_not_found_exception', 'index_not_found_exception')],
    ['its shards are being made', refusal(404, 'illegal_index_shard_state_exception', 'illegal_index_shard_state_exception')],
    ['no shard is there yet', refusal(503, 'no_shard_available_action_exception', 'no_shard_available_action_exception')],
    ['all shards failed, and none of them is named', refusal(503, 'search_phase_execution_exception')],
  ])('is no fault of the cluster, and is read as soon as it is there: %s', async (_, said) => {
    let there = false
    const { source } = await create(({ path }) => (path.endsWith('/_field_caps') && !there ? said : undefined))
    for (let i = 0; i < 8; i++) await expect(source.search(query)).rejects.toMatchObject({ code: 'source.unavailable', params: { reason: 'opening' } })
    expect(await source.check()).toMatchObject({ state: 'idle', found: [{ code: 'log_opening', params: { pattern: 'openapi-logs-*' } }, { code: 'log_cluster' }, { code: 'log_indices' }, { code: 'log_closed' }] })
    there = true
    expect((await source.search(query)).lines).toHaveLength(2)
    expect(await source.check()).toMatchObject({ state: 'ok' })
  })

  it('is the same to who knew its fields, and asks for lines or for a place to turn pages from', async () => {
    let there = true
    const { source } = await create(({ path, body }) => (there || body.size === 0 ? undefined : path.endsWith('/_pit') || isSearch(path) ? noShard : undefined))
    const { next } = await source.search({ ...query, limit: 1 })
    there = false
    for (const cursor of [undefined, next]) await expect(source.search({ ...query, limit: 1, cursor })).rejects.toMatchObject({ params: { reason: 'opening' } })
    expect(await source.check()).toMatchObject({ state: 'idle' })
    there = true
    expect((await source.search({ ...query, limit: 1, cursor: next })).lines).toHaveLength(1)
  })

  it.each([
    ['that can take no more', { status: 503, body: { status: 503, error: { type: 'cluster_block_exception', reason: 'blocked by: [SERVICE_UNAVAILABLE/1/state not recovered / initialized];', root_cause: [] } } }],
    ['behind a proxy that cannot reach it', { status: 503, body: 'Service Unavailable' }],
  ])('is not the same as a cluster %s', async (_, said) => {
    const { source } = await create(({ path }) => (isSearch(path) ? said : undefined))
    await expect(source.search(query)).rejects.toMatchObject({ params: { reason: 'overloaded', status: 503 } })
  })
})

describe('a closed index', () => {
  const reason = 'index [old] blocked by: [FORBIDDEN/4/index closed];'
  const blocked = { status: 403, body: { status: 403, error: { type: 'cluster_block_exception', reason, root_cause: [{ type: 'cluster_block_exception', reason }] } } }
  /** As Elasticsearch 8.4: the fields of nothing that a closed index is behind. */
  const refusing = (indices: object[]): Play => ({ path }) => (path === '/openapi-logs-*/_field_caps' ? blocked : path.startsWith('/_cat/indices') ? { body: indices } : undefined)

  it('does not keep those beside it from being read, the newest first of many', async () => {
    const days = Array.from({ length: 90 }, (_, i) => ({ index: `openapi-logs-day-${i + 10}`, status: 'open' }))
    const { source, asked } = await create(refusing([...days, { index: 'old', status: 'close' }]))
    expect((await source.search(query)).lines).toHaveLength(2)
    const [names] = [...new Set(asked('/_field_caps').map(({ path }) => decodeURIComponent(path.split('/')[1]!)))].filter(name => name !== 'openapi-logs-*')
    expect(names).toMatch(/^openapi-logs-day-99,openapi-logs-day-98,/)
    expect(names).not.toContain('old')
    expect(Math.max(...asked('/_field_caps').map(({ path }) => path.length))).toBeLessThan(4_000)
  })

  it('is no index at all where there is no other', async () => {
    const { source } = await create(refusing([{ index: 'old', status: 'close' }]))
    expect((await source.search(query)).warnings).toContainEqual({ source: 'elasticsearch', code: 'no_index' })
    expect((await source.check()).found).toContainEqual({ code: 'log_closed', params: { count: 1 } })
  })

  it('is not the same as an account that may not read', async () => {
    const { source } = await create(({ path }) => (path.endsWith('/_field_caps') ? { status: 403, body: { status: 403, error: { type: 'security_exception', reason: 'action is unauthorized', root_cause: [] } } } : undefined))
    await expect(source.search(query)).rejects.toMatchObject({ params: { reason: 'forbidden', status: 403 } })
  })
})

describe('paging', () => {
  it('opens a point in time at the first turn, and closes it at the end', async () => {
    const { source, asked, backend } = await create(({ path, body }) => (isSearch(path) && body.search_after ? { body: { ...search, pit_id: 'a-newer-point', hits: { ...search.hits, hits: search.hits.hits.slice(1) } } } : undefined))
    const first = await source.search({ ...query, limit: 1 })
    expect(first.lines.map(({ body }) => body)).toEqual(['payment failed'])
    expect(asked('/_pit')).toHaveLength(0)
    const second = await source.search({ ...query, limit: 1, cursor: first.next! })
    expect(second.lines.map(({ body }) => body)).toEqual(['order accepted'])
    expect(second.next).toBeUndefined()
    await expect.poll(() => backend.hits.filter(({ method, path }) => method === 'DELETE' && path === '/_pit').map(({ body }) => body)).toEqual(['{"id":"a-newer-point"}'])
  })

  it('goes on without a point in time that ran out', async () => {
    const { source } = await create(({ path, body }) => (path === '/_search' && body.pit ? { status: 404, body: pointGone } : undefined))
    const first = await source.search({ ...query, limit: 1 })
    expect((await source.search({ ...query, limit: 1, cursor: first.next! })).lines).toHaveLength(1)
  })

  it('goes on where none can be had', async () => {
    const { source } = await create(({ path }) => (path.endsWith('/_pit') ? { status: 400, body: { status: 400, error: 'no handler found' } } : undefined))
    const first = await source.search({ ...query, limit: 1 })
    expect((await source.search({ ...query, limit: 1, cursor: first.next! })).lines).toHaveLength(1)
  })

  it('takes the time of OpenSearch from its text, because its number is rounded', async () => {
    const { source, asked } = await create(({ path }) => (path === '/' ? { body: openSearchGreeting } : isSearch(path) ? { body: openSearchFound } : undefined))
    const { next } = await source.search({ ...query, limit: 1 })
    expect(readPlace(next)).toMatchObject({ time: '2026-11-23T10:00:00.123456789Z', sequence: 0, seen: ['b'] })
    expect(asked('/_search')[0]!.body).not.toContain('"order":"desc","unmapped_type":"date_nanos","numeric_type":"date_nanos","format"')
  })

  it.each(['', 'x', writePlace({ time: '2026-11-23T10:00:00Z', sequence: 1, seen: [] }).slice(3), Buffer.from('{"time":"now","sequence":1,"seen":[]}').toString('base64url')])('begins anew with a cursor that is none of ours: %j', (cursor) => {
    expect(readPlace(cursor)).toBeUndefined()
  })
})

describe('check', () => {
  it('says who answers, how the cluster is, what was found, and how fresh it is', async () => {
    const { source } = await create()
    const health = await source.check()
    expect(health).toMatchObject({ state: 'ok', version: 'Elasticsearch 9.5.3', lastReceived: new Date('2026-11-23T10:00:00.123Z'), clockAhead: 0 })
    expect(health.found).toEqual(expect.arrayContaining([{ code: 'log_cluster', params: { status: 'green' } }, { code: 'log_indices', params: { pattern: expect.any(String) as string, count: 1, lines: 2 } }, { code: 'log_closed', params: { count: 1 } }]))
  })

  it('does with less where the account may only search', async () => {
    const { source } = await create(({ path }) => (path.startsWith('/_cat') || path === '/' ? { status: 403, body: { error: { type: 'security_exception', reason: 'no' }, status: 403 } } : undefined))
    expect(await source.check()).toMatchObject({ state: 'ok', found: expect.arrayContaining([expect.objectContaining({ code: 'log_time_nanos' })]) })
  })

  it('believes nothing that it found before where somebody asks anew', async () => {
    let there = false
    const { source } = await create(({ path }) => (path.includes('_field_caps') && !there ? { body: { indices: [], fields: {} } } : undefined))
    expect(await source.check()).toMatchObject({ state: 'idle', found: expect.arrayContaining([expect.objectContaining({ code: 'log_no_index' })]) })
    there = true
    expect((await source.check()).state).toBe('idle')
    expect(await source.check({ anew: true })).toMatchObject({ state: 'ok' })
  })

  it('finds a clock that is wrong', async () => {
    const { source } = await create(({ path }) => (path === '/_cat/health' ? { body: [{ epoch: '1795428070', status: 'yellow' }] } : undefined))
    expect((await source.check()).clockAhead).toBe(60_000)
  })

  it.each([
    ['refuses our credentials', { status: 401, body: {} }, 'unauthorised'],
    ['is another program', { status: 200, body: { name: 'something', status: 'ok' } }, 'wrong_product'],
    ['fails', { status: 500, body: {} }, 'failing'],
  ])('says that the backend %s', async (_, said, reason) => {
    const { source } = await create(() => said)
    expect(await source.check()).toMatchObject({ state: 'failed', trouble: { source: 'elasticsearch', reason } })
  })
})
