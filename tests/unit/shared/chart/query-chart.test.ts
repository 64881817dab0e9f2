import { describe, expect, it } from 'vitest'
import { nameOf, queryChart, summaryOf, tellingLabels, unitOfQuery } from '#shared/chart/query-chart'
import { queryCsv } from '#shared/chart/query-csv'
import type { MetricsAnswer, QueriedSeries } from '#shared/schemas/metrics'

const series = (labels: Record<string, string>, ...values: (number | null)[]): QueriedSeries => ({ labels, values })

describe('the result of a query', () => {
  it.each([
    ['histogram_quantile(0.95, sum by (le) (rate(x_duration_seconds_bucket[5m])))', 'seconds'],
    ['rate(x_duration_seconds_count[5m])', 'number'],
    ['process_start_time_seconds', 'seconds'],
    ['jvm_memory_used_bytes{area="heap"}', 'bytes'],
    ['cpu_utilization_ratio', 'ratio'],
    ['sum(up)', 'number'],
  ])('%s is read as %s', (query, unit) => expect(unitOfQuery(query)).toBe(unit))

  it('names series by what tells them apart', () => {
    const all = [series({ job: 'a', route: '/x', env: 'p' }), series({ job: 'a', route: '/y', env: 'p' })]
    expect(tellingLabels(all)).toEqual(['route'])
    expect(all.map(each => nameOf(each, ['route']))).toEqual(['/x', '/y'])
    expect(nameOf(series({ job: 'a', route: '/x' }), ['route', 'job'])).toBe('route=/x job=a')
    expect([tellingLabels([series({})]), nameOf(series({}), [])]).toEqual([[], '{}'])
    expect(tellingLabels([series({ __name__: 'up', job: 'a' })])).toEqual(['job'])
  })

  it.each([
    [[1, 4], { min: 0, max: 4 }], [[-3, 8], { min: -4, max: 8 }], [[-8, -2], { min: -8, max: 0 }], [[null], { min: 0, max: 1 }],
  ])('%j has an axis of %j', (values, axis) => {
    const model = queryChart({ series: [series({}, ...values)], start: new Date(60_000), step: 60_000, telling: [] })
    expect(model).toMatchObject(axis)
    expect(model.ticks[0]).toBe(axis.min)
    expect(model.ticks.length === 1 || model.ticks.at(-1) === axis.max).toBe(true)
  })

  it('stands each value at its moment, and one alone where it was picked', () => {
    const model = queryChart({ series: [series({ a: '1' }, 1, 2), series({ a: '2' }, 3, 4)], start: new Date(60_000), step: 10_000, telling: ['a'], only: 1 })
    expect(model.series).toMatchObject([{ name: '2', colour: 'var(--service-2)', values: [3, 4] }])
    expect([model.start + 0.5 * model.step, model.to - model.from]).toEqual([60_000, 20_000])
  })

  it('is summed up by its values, not by what is missing', () => {
    expect(summaryOf([3, null, 1, 2])).toEqual({ min: 1, max: 3, last: 2 })
    expect(summaryOf([3, null])).toEqual({ min: 3, max: 3, last: undefined })
    expect(summaryOf([null])).toEqual({})
  })

  it('goes into a spreadsheet without formulas', () => {
    const answer = { mode: 'range', start: '2026-11-23T00:00:00.000Z', step: 60_000, series: [series({ route: '=cmd()' }, 1, null), series({ route: 'b,c' }, -2, 3)] } as unknown as MetricsAnswer
    expect([...queryCsv(answer)].join('')).toBe('\uFEFFtime,\'=cmd(),"b,c"\r\n2026-11-23T00:00:00.000Z,1,-2\r\n2026-11-23T00:01:00.000Z,,3\r\n')
  })
})
