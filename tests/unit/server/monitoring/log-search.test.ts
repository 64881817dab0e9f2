import { describe, expect, it } from 'vitest'
import { createLogSearch } from '#server/monitoring/log-search'
import type { LogQuery, LogSource } from '#server/telemetry/ports'
import { createFakeClock } from '../../../support/fake-clock'
import { createRegisterOf, knownService } from '../../../support/register'
import { logLine, logSource, metricSource } from '../../../support/telemetry-sources'

const page = { lines: [logLine()], total: { count: 1, atLeast: false }, searchedTo: new Date('2026-11-23T05:02:10Z'), warnings: [] }

function create(logs: Partial<LogSource> = {}) {
  const asked: LogQuery[] = []
  const search = createLogSearch({
    logs: logSource({
      search: async (query) => {
        asked.push(query)
        return page
      },
      ...logs,
    }),
    metrics: metricSource(),
    register: createRegisterOf({ services: [knownService('business-service', { colour: 4 })] }),
    clock: createFakeClock(),
  })
  return { search, asked }
}

describe('searching logs', () => {
  it('asks the source what the filter says', async () => {
    const { search, asked } = create()
    await search.search({ text: ' 결제 실패 ', service: ['Business-Service', 'pay'], level: 'warn', trace: 'a'.repeat(32), span: 'b'.repeat(16), attribute: 'api.client.id=shop', range: '5m', cursor: 'c' })
    expect(asked[0]).toEqual({
      window: { from: new Date('2026-11-23T05:27:10Z'), to: new Date('2026-11-23T05:32:10Z') },
      text: '결제 실패', services: ['business-service', 'pay'], level: 'warn', traceId: 'a'.repeat(32), spanId: 'b'.repeat(16),
      attributes: [{ key: 'api.client.id', value: 'shop' }], cursor: 'c', limit: 100,
    })
  })

  it('sends lines without the fields that only an opened one shows', async () => {
    const { search } = create({ search: async () => ({ ...page, lines: [logLine({ attributes: { secret: 'x' } })] }) })
    const { lines, colours } = await search.search({})
    expect(lines[0]).not.toHaveProperty('attributes')
    expect(colours).toEqual({ 'business-service': 4 })
  })

  it('names the one condition whose removal finds most, the text included', async () => {
    const { search } = create({ search: async query => ({ ...page, lines: [], total: { count: query.text ? 0 : 40, atLeast: true } }) })
    expect((await search.search({ text: 'extrenal', service: 'pay' })).nothing?.without).toEqual({ key: 'text', value: 'extrenal', count: 40, atLeast: true })
  })
})

describe('the histogram', () => {
  it('has a column for every step, also where nothing was written', async () => {
    const { search } = create({ histogram: async (_, step) => ({
      step, commonest: [{ message: 'calling external-api', count: 3 }], warnings: [],
      steps: [{ at: new Date('2026-11-23T05:31:00Z'), counts: { info: 3, error: 1 } }, { at: new Date('2026-11-23T05:32:00Z'), counts: { info: 2 } }],
    }) })
    const histogram = await search.histogram({ range: '5m' })
    expect(histogram.step).toBe(5_000)
    expect(histogram.from).toBe('2026-11-23T05:27:10.000Z')
    expect(histogram.counts.info).toHaveLength(60)
    expect(histogram.counts.info!.filter(Boolean)).toEqual([3, 2])
    expect(histogram.counts.error!.indexOf(1)).toBe(46)
    expect(histogram).toMatchObject({ total: 6, commonest: [{ message: 'calling external-api', count: 3 }] })
  })

  it('keeps its columns when a part is drawn, and names that part\'s commonest messages', async () => {
    const asked: LogQuery[] = []
    const { search } = create({ histogram: async (query, step) => {
      asked.push(query)
      return { step, steps: [], commonest: [{ message: String(asked.length), count: 1 }], warnings: [] }
    } })
    const [from, to] = [Date.parse('2026-11-23T05:21:00Z'), Date.parse('2026-11-23T05:22:00Z')]
    const { commonest, window } = await search.histogram({ area: `${from}-${to}` })
    expect(asked.map(({ window }) => window.to.getTime() - window.from.getTime())).toEqual([1_800_000, 60_000])
    expect(commonest).toEqual([{ message: '2', count: 1 }])
    expect(window.from).toBe('2026-11-23T05:02:10.000Z')
  })
})

describe('one line', () => {
  it('is sent with everything its sender said', async () => {
    const { search } = create({ line: async () => logLine({ attributes: { 'exception.type': 'TimeoutError' }, resource: { 'service.version': '2.8.0' } }) })
    expect(await search.line('1')).toMatchObject({ attributes: { 'exception.type': 'TimeoutError' }, resource: { 'service.version': '2.8.0' }, colour: 4 })
  })

  it('that is not held is said so', async () => {
    const { search } = create({ line: async () => undefined })
    await expect(search.line('1')).rejects.toMatchObject({ code: 'log.not_found' })
  })
})
