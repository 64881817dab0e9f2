import { describe, expect, it } from 'vitest'
import { createExplorer } from '#server/monitoring/explorer'
import { checkRange, fitStep, stepFor } from '#server/monitoring/explorer-guard'
import { selectorsOf } from '#server/monitoring/promql-selectors'
import { DAY, HOUR, MINUTE, SECOND, type Millis } from '#shared/units'
import { createFakeClock } from '../../../support/fake-clock'
import { createRecordedSource, matrix, vector } from '../../../support/recorded-prometheus'
import { createCallSource } from '../../../support/metric-source'

const clock = createFakeClock()
const last = (length: Millis) => ({ from: new Date(clock.now().getTime() - length), to: clock.now() })

describe('what a query may cost', () => {
  it.each([[5 * MINUTE, 5], [HOUR, 15], [DAY, 600], [7 * DAY, 3_600]])('%d ms have steps of %d s', (length, seconds) => expect(stepFor(length)).toBe(seconds * SECOND))

  it.each([
    ['a range beyond a month', 32 * DAY, undefined, 'metrics.range_too_long', { days: 31 }],
    ['steps finer than the backend answers', DAY, 5 * SECOND, 'metrics.too_many_points', { points: 17_281, most: 11_000, seconds: 10 }],
  ])('%s is refused before anybody is asked', (_, length, asked, code, params) => {
    expect(() => checkRange(last(length), asked)).toThrow(expect.objectContaining({ code, params }))
  })

  it.each([
    ['few series', HOUR, undefined, 100, { step: 15 * SECOND }],
    ['an unknown number of them', HOUR, 1 * SECOND, undefined, { step: 1 * SECOND }],
    ['as many as fit', HOUR, undefined, 829, { step: 15 * SECOND }],
    ['many', HOUR, undefined, 1_680, { step: 60 * SECOND, guard: { from: 15_000, to: 60_000, series: 1_680, points: 404_880, most: 200_000, shorter: '15m' } }],
  ])('%s are read in steps that fit', (_, length, asked, series, fitted) => expect(fitStep(last(length), asked, series)).toEqual(fitted))

  it('more series than any step makes bearable are refused with what to do', () => {
    expect(() => fitStep(last(HOUR), undefined, 50_000)).toThrow(expect.objectContaining({ code: 'metrics.too_many_series', params: { series: 50_000, most: 10_000 } }))
  })

  it.each([
    ['sum by (a) (rate(x_total{b="c"}[5m])) / x_total{b="c"} offset 1h', ['x_total{b="c"}']],
    ['{"a.b", c="d"} + up', ['{"a.b", c="d"}', 'up']],
    ['1 + 2', []],
    ['sum(', undefined],
  ])('%s selects %j', (query, selectors) => expect(selectorsOf(query)).toEqual(selectors))
})

describe('the explorer', () => {
  const at = clock.now().getTime() / 1000
  const explore = async (answer: (query: string, range: boolean) => object | undefined) => {
    const { source, asked } = await createRecordedSource({ metrics: {}, answer }, { clock })
    return { explorer: createExplorer({ clock, metrics: source }), asked }
  }

  it('puts values on the grid of the steps, the largest series first, and leaves holes', async () => {
    const grid = Math.floor((at - 300) / 5) * 5 + 10
    const { explorer } = await explore((query, range) => (query.startsWith('count(') ? matrix([{}, [[at, '2']]]) : range ? matrix([{ a: 'low' }, [[grid, '1'], [grid + 5, 'NaN']]], [{ a: 'high' }, [[grid, '+Inf'], [grid + 10, '7.1234567']]]) : undefined))
    const answer = await explorer.run({ query: 'x', mode: 'range', range: '5m' })
    expect(answer.series.map(({ labels, values }) => [labels.a, values.flatMap((value, i) => (value === null ? [] : [[Date.parse(answer.start) / 1000 + i * 5 - grid, value]]))])).toEqual([['high', [[10, 7.12346]]], ['low', [[0, 1]]]])
    expect(answer).toMatchObject({ step: 5_000, total: 2, points: 4, guard: null, histograms: false })
  })

  it('writes what is no number as text', async () => {
    const { explorer } = await explore(() => vector([{ a: '1' }, '+Inf'], [{ a: '2' }, '3'], [{ a: '3' }, 'NaN']))
    const { series } = await explorer.run({ query: 'x', mode: 'instant' })
    expect(series).toEqual([{ labels: { a: '1' }, values: [null], text: '+Inf' }, { labels: { a: '2' }, values: [3] }, { labels: { a: '3' }, values: [null], text: 'NaN' }])
  })

  it('widens the step by the most series there were at a time', async () => {
    const { explorer, asked } = await explore(query => (query.startsWith('count(') ? matrix([{}, [[at - 60, '1680'], [at, '3']]]) : undefined))
    expect((await explorer.run({ query: 'sum(rate(x[5m]))', mode: 'range', range: '1h' })).guard).toMatchObject({ to: 60_000, series: 1_680 })
    expect(asked[0]).toBe('count(x)')
  })

  it.each(['1:5: parse error', 'invalid parameter "query": 1:5: parse error'])('says against a query what the backend says: %s', async (error) => {
    const { explorer } = await explore(() => ({ status: 'error', errorType: 'bad_data', error }))
    await expect(explorer.run({ query: 'sum(', mode: 'range' })).rejects.toMatchObject({ code: 'metrics.refused', params: { said: '1:5: parse error' } })
  })

  it.each([[true, { query: 'x + y' }], [false, 'metrics.cannot_format']])('formats a query where the backend can (%s)', async (formats, expected) => {
    const { source } = await createRecordedSource({ metrics: {}, formats }, { clock })
    const answer = createExplorer({ clock, metrics: source }).format('x  +  y')
    await (formats ? expect(answer).resolves.toEqual(expected) : expect(answer).rejects.toMatchObject({ code: expected }))
  })

  it('tells a query that took too long from one that is wrong', async () => {
    const { explorer } = await explore(() => ({ status: 'error', errorType: 'timeout', error: 'query timed out in expression evaluation' }))
    for (const mode of ['range', 'instant'] as const) await expect(explorer.run({ query: 'x', mode })).rejects.toMatchObject({ code: 'metrics.timeout' })
  })

  it('shows a hundred series and says how many there are', async () => {
    const { explorer } = await explore(query => (query.startsWith('count(') ? undefined : vector(...Array.from({ length: 130 }, (_, i) => [{ i: `${i}` }, `${i}`] as [Record<string, string>, string]))))
    const answer = await explorer.run({ query: 'x', mode: 'instant' })
    expect([answer.series.length, answer.total, answer.series[0]!.values]).toEqual([100, 130, [129]])
  })

  it('cannot where the source knows no language', async () => {
    const explorer = createExplorer({ clock, metrics: createCallSource() })
    expect(await explorer.about()).toMatchObject({ source: 'embedded', promql: false, examples: [] })
    for (const ask of [() => explorer.run({ query: 'up', mode: 'range' }), () => explorer.format('up')]) await expect(ask()).rejects.toMatchObject({ code: 'source.unsupported' })
    expect([await explorer.names(), await explorer.labels({})]).toEqual([{ names: [], more: false }, { values: [], more: false }])
  })

  it('begins with queries in the names that were found', async () => {
    const labels = ['job', 'http_route', 'http_request_method', 'http_response_status_code', 'le']
    const { source } = await createRecordedSource({ metrics: { http_server_request_duration_seconds_bucket: { labels, bounds: ['1', '+Inf'] }, http_server_request_duration_seconds_count: { labels } } }, { clock })
    const { examples } = await createExplorer({ clock, metrics: source }).about()
    expect(examples.map(({ code }) => code)).toEqual(['rate', 'errors', 'p95'])
    for (const { query } of examples) expect(selectorsOf(query)).toBeDefined()
  })
})
