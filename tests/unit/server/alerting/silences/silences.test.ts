import { describe, expect, it } from 'vitest'
import type { CreateSilence } from '#shared/schemas/alert-silence'
import { createSilence } from '#shared/schemas/alert-silence'
import { DAY, HOUR, MINUTE, SECOND } from '#shared/units'
import { conditions, ruleFields } from '../../../../support/alert-rule'
import { createTestAlerting, route } from '../../../../support/alerting'
import { refusalOf } from '../../../../support/registry'

const nothing = { rule: null, service: null, endpoint: null, consumer: null }
const endpoint = route('11111111-1111-4111-8111-111111111111', 'POST', '/api/v1/process')

function roomWithRule() {
  const room = createTestAlerting({ endpoints: [endpoint] })
  const told: string[] = []
  const news: string[][] = []
  room.alerting.rules.create(room.operator, ruleFields({ condition: conditions.failed() }))
  room.alerting.onChanges((_, changes) => told.push(...changes.map(({ alert, became }) => `${became} ${alert.severity}`)))
  room.alerting.onNews(ids => void news.push(ids))
  const silence = (rest: Partial<CreateSilence> = {}, length = HOUR) => room.alerting.silences.create(room.operator, {
    kind: 'silence', match: { ...nothing, service: 'api-gateway' }, to: new Date(room.clock.now().getTime() + length).toISOString(), weekly: false, zone: 'UTC', reason: 'known', ...rest,
  })
  /** One slot later, with requests that fail or do not. */
  async function slot(failing: boolean, by = 15 * SECOND) {
    room.clock.advance(by)
    room.call(failing ? { status: 500 } : {}, 20, 14)
    await room.judge()
  }
  return { ...room, told, news, silence, slot }
}

describe('a silence', () => {
  it('keeps an alert from opening anything, which shows all the same and is live', async () => {
    const { silence, slot, told, news, alerting } = roomWithRule()
    const { id } = silence()
    news.length = 0
    await slot(true)
    expect(told).toEqual([])
    expect(news).toHaveLength(1)
    expect(alerting.overview().firing).toMatchObject([{ silence: { id, reason: 'known' } }])
    await slot(false, 2 * MINUTE)
    expect(told).toEqual([])
    expect(alerting.history({ limit: 10 }).alerts).toHaveLength(1)
  })

  it('tells what still fires when it is over', async () => {
    const { silence, slot, told } = roomWithRule()
    silence({}, MINUTE)
    await slot(true)
    await slot(true)
    expect(told).toEqual([])
    await slot(true, MINUTE)
    expect(told).toEqual(['firing warning'])
    await slot(true)
    expect(told).toEqual(['firing warning'])
  })

  it('tells it, too, when it is ended early', async () => {
    const { silence, slot, told, alerting, operator } = roomWithRule()
    const { id } = silence()
    await slot(true)
    alerting.silences.end(operator, id)
    await slot(true)
    expect(told).toEqual(['firing warning'])
    expect(alerting.silences.list().silences).toMatchObject([{ state: 'over', endedBy: 'ops-01' }])
  })

  it('lets an incident that was open hear the end', async () => {
    const { silence, slot, told } = roomWithRule()
    await slot(true)
    silence()
    await slot(false, 2 * MINUTE)
    expect(told).toEqual(['firing warning', 'over warning'])
  })

  it('holds back that something grew worse, and tells it once', async () => {
    const room = roomWithRule()
    const { silence, slot, told, alerting, operator } = room
    await slot(true)
    const rule = alerting.rules.list()[0]!
    silence({}, MINUTE)
    alerting.rules.update(operator, rule.id, { revision: 1, fields: ruleFields({ condition: conditions.failed(), severity: 'critical' }) })
    await slot(true)
    expect(told).toEqual(['firing warning'])
    await slot(true, MINUTE)
    await slot(true)
    expect(told).toEqual(['firing warning', 'worse critical'])
  })

  it('is not felt by what it does not fit', async () => {
    const { silence, slot, told } = roomWithRule()
    silence({ match: { ...nothing, service: 'auth-service' } })
    silence({ match: { ...nothing, endpoint: endpoint.id } })
    silence({ kind: 'maintenance', from: '2026-11-30T00:00:00Z', to: '2026-11-30T01:00:00Z' })
    await slot(true)
    expect(told).toEqual(['firing warning'])
  })

  it('says in the list what holds, what is planned and what is over', async () => {
    const { silence, slot, alerting, clock } = roomWithRule()
    silence({}, MINUTE)
    clock.advance(2 * MINUTE)
    silence({ kind: 'maintenance', weekly: true, from: '2026-12-01T00:00:00Z', to: '2026-12-01T01:00:00Z' })
    silence({ match: { ...nothing, endpoint: endpoint.id, service: 'api-gateway' } })
    silence({ match: { ...nothing, service: 'api-gateway' } })
    await slot(true)
    expect(alerting.silences.list().silences.map(({ state, holds, endpoint, next }) => [state, holds, endpoint?.template, next])).toEqual([
      ['active', 0, '/api/v1/process', expect.any(String)], ['active', 1, undefined, expect.any(String)],
      ['planned', 0, undefined, '2026-12-01T00:00:00.000Z'], ['over', 0, undefined, null],
    ])
    expect(alerting.overview().silences).toBe(2)
  })

  it('forgets in the list what was over a month ago, a weekly one that somebody ended too', () => {
    const { silence, alerting, clock, operator } = roomWithRule()
    silence({}, MINUTE)
    const weekly = { kind: 'maintenance', weekly: true, from: '2026-12-01T00:00:00Z', to: '2026-12-01T01:00:00Z' } as const
    const { id } = silence(weekly)
    silence({ ...weekly, reason: 'goes on' })
    clock.advance(60 * DAY)
    alerting.silences.end(operator, id)
    expect(alerting.silences.list().silences.map(({ state }) => state)).toEqual(['planned', 'over'])
    clock.advance(31 * DAY)
    expect(alerting.silences.list().silences.map(({ reason }) => reason)).toEqual(['goes on'])
  })

  it('is written into the audit trail with what it is about and who did it', () => {
    const { silence, alerting, operator, db } = roomWithRule()
    const { id } = silence({ match: { ...nothing, endpoint: endpoint.id, consumer: 'partner-pay' } })
    silence({ kind: 'maintenance' })
    alerting.silences.end(operator, id)
    const rows = db.$client.prepare(`select action, params from audit_entries where action like 'silence.%' order by number`).all() as { action: string, params: string }[]
    expect(rows.map(({ action, params }) => [action, JSON.parse(params).what])).toEqual([
      ['silence.create', 'POST /api/v1/process · partner-pay'], ['silence.plan', 'api-gateway'], ['silence.end', 'POST /api/v1/process · partner-pay'],
    ])
  })

  it('cannot be ended twice, or begin in the past and be over', () => {
    const { silence, alerting, operator } = roomWithRule()
    const { id } = silence()
    alerting.silences.end(operator, id)
    expect(refusalOf(() => alerting.silences.end(operator, id)).code).toBe('silence.over')
    expect(refusalOf(() => silence({ from: '2026-11-28T00:00:00Z', to: '2026-11-28T01:00:00Z' })).code).toBe('silence.over')
  })

  const input = { kind: 'silence', match: { ...nothing, service: 'a' }, to: '2026-12-01T00:00:00Z', zone: 'UTC', reason: 'r' }
  it.each([
    ['what fits everything', { match: nothing }],
    ['no reason', { reason: ' ' }],
    ['an end before its beginning', { from: '2026-12-02T00:00:00Z' }],
    ['four months', { from: '2026-08-01T00:00:00Z' }],
    ['a silence every week', { weekly: true }],
    ['a week every week', { kind: 'maintenance', weekly: true, from: '2026-11-24T00:00:00Z' }],
    ['a zone that there is not', { zone: 'Mars/Base' }],
  ])('is refused as %s', (_, rest) => {
    expect(createSilence.safeParse(input).success).toBe(true)
    expect(createSilence.safeParse({ ...input, ...rest }).success).toBe(false)
  })
})
