import { describe, expect, it } from 'vitest'
import { addUpImpact, type Impact } from '#server/incidents/impact'
import { impactCsv } from '#server/incidents/impact-csv'
import type { RequestsRow } from '#server/telemetry/ports'
import type { SentImpact } from '#shared/schemas/full-incident'
import { createTestIncidents, process } from '../../../support/incidents'
import { person } from '../../../support/registry'

const start = Date.parse('2026-11-23T14:59:40Z')
const window = { from: new Date(start), to: new Date(start + 40_000) }
const route = { service: process.service, method: process.method, routeKey: process.routeKey, limit: 1_000_000 }
const seoul = { language: 'ko', zone: 'Asia/Seoul' } as const

const row = (second: number, requests: number, failed: number, slow: number | undefined, consumer = 'partner-shop'): RequestsRow =>
  ({ ...route, consumer, at: new Date(start + second * 1_000), requests, failed, spans: requests, clientErrors: 0, duration: 0, statusClass: 2, ...(slow !== undefined && { slow }) })

/** As the room hands it over: counted, and with the names that the register has. */
function written(rows: RequestsRow[], { name = '다온 상점', contact = 'ops@shop.example', whole }: { name?: string, contact?: string, whole?: RequestsRow[] } = {}, reader: Parameters<typeof impactCsv>[2] = seoul): string {
  const impact: Impact = { ...addUpImpact({ rows, all: rows, routes: [route], registered: new Set(), window, step: 10_000, ...(whole && { whole }) }), population: { kind: 'all' }, warnings: [] }
  const sent = {
    consumers: impact.consumers.map(each => ({ ...each, name, contact, share: 1 / 3, firstAt: each.firstAt?.toISOString() ?? null, lastAt: each.lastAt?.toISOString() ?? null })),
    endpoints: [{ method: process.method, template: process.template, nameKo: process.nameKo, nameEn: process.nameEn }],
    window: { from: window.from.toISOString(), to: window.to.toISOString() }, population: { kind: 'all' },
  }
  return impactCsv(impact, sent as unknown as SentImpact, reader)
}

/** As a program reads it that knows RFC 4180 and nothing else. */
function table(csv: string): Record<string, string>[] {
  const [head, ...lines] = csv.replace(/^\uFEFF/, '').split('\r\n').slice(0, -1).map(line => [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^",]*))/g)].map(([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain!))
  return lines.map(cells => Object.fromEntries(head!.map((name, i) => [name, cells[i]!])))
}

describe('the impact as a file for a spreadsheet', () => {
  it('says who, where and when, in times that a spreadsheet reads, in the zone of whoever asked', () => {
    const csv = written([row(0, 5, 3, 3), row(10, 4, 0, 1), row(30, 2, 0, 0)])
    expect(csv.startsWith('\uFEFFpart,consumer,')).toBe(true)
    const who = { consumer: 'partner-shop', consumer_name: '다온 상점', contact: 'ops@shop.example', method: 'POST', endpoint: '/api/v1/process', endpoint_name: '외부 처리 요청', time_zone: 'Asia/Seoul', population: 'all' }
    const none = { share_of_their_requests: '', first_hit: '', last_hit: '' }
    expect(table(csv)).toEqual([
      { ...who, part: 'whole', from: '2026-11-23 23:59:40', to: '2026-11-24 00:00:20', requests: '11', failed: '3', slow: '1', share_of_their_requests: '0.3333', first_hit: '2026-11-23 23:59:40', last_hit: '2026-11-24 00:00:00' },
      { ...who, ...none, part: 'step', from: '2026-11-23 23:59:40', to: '2026-11-23 23:59:50', requests: '5', failed: '3', slow: '0' },
      { ...who, ...none, part: 'step', from: '2026-11-23 23:59:50', to: '2026-11-24 00:00:00', requests: '4', failed: '0', slow: '1' },
      { ...who, ...none, part: 'step', from: '2026-11-24 00:00:10', to: '2026-11-24 00:00:20', requests: '2', failed: '0', slow: '0' },
    ])
  })

  it('adds up: the steps of a pair are its whole, and who was not hit is not in it', () => {
    const rows = table(written([row(0, 5, 3, 4), row(10, 4, 0, 1), row(20, 7, 0, 0), row(0, 9, 0, 0, 'partner-pay')]))
    expect(new Set(rows.map(({ consumer }) => consumer))).toEqual(new Set(['partner-shop']))
    for (const column of ['requests', 'failed', 'slow']) {
      const sum = (part: string) => rows.filter(each => each.part === part).reduce((total, each) => total + Number(each[column]), 0)
      expect([column, sum('step')]).toEqual([column, sum('whole')])
    }
  })

  it('leaves empty what the source cannot tell, step by step or at all', () => {
    const untold = [row(0, 5, 3, undefined)]
    expect(table(written(untold)).map(({ slow }) => slow)).toEqual(['', ''])
    expect(table(written(untold, { whole: [row(0, 5, 3, 4)] })).map(({ part, slow }) => [part, slow])).toEqual([['whole', '1'], ['step', '']])
  })

  it('writes estimated counts as plain numbers', () => {
    expect(table(written([row(0, 0.1 + 0.2, 0.1 + 0.2, undefined)])).map(({ requests }) => requests)).toEqual(['0.3', '0.3'])
  })

  it.each(['=HYPERLINK("http://x","y")', '+82 2 1234', '-1+1', '@SUM(A1)', '\t=1', '\n=1', '＝1+1', '＋1', '－1', '＠x'])('IN-13: lets no spreadsheet calculate with %j', (said) => {
    for (const { consumer_name, contact } of table(written([row(0, 5, 3, 3)], { name: said, contact: `${said}, "quoted"` }))) expect([consumer_name, contact]).toEqual([`'${said}`, `'${said}, "quoted"`])
  })

  it('is what the incident keeps, with its number, for whoever may read traces', async () => {
    const { clock, incidents, call, say, alert, firing } = await createTestIncidents()
    clock.advance(60_000)
    call({ consumer: 'partner-shop', status: 502 }, 6)
    await say(firing(alert()))
    expect(() => incidents.impactCsv(person('ops-01'), 'INC-1', seoul)).toThrow('incident.evidence_not_found')
    await incidents.tier.judge(new Date(Math.ceil(clock.now().getTime() / 10_000) * 10_000))
    const { number, csv } = incidents.impactCsv(person('ops-01'), 'INC-1', seoul)
    expect([number, table(csv)[0]]).toMatchObject([1, { part: 'whole', consumer: 'partner-shop', failed: '6', requests: '6' }])
  })
})
