import { describe, expect, it } from 'vitest'
import { auditEntries, incidents as table, notices } from '#server/db/control/schema'
import { createTestIncidents } from '../../../support/incidents'
import { person } from '../../../support/registry'

const operator = person('ops-01')
const reader = { language: 'en', zone: 'Asia/Seoul' } as const
const query = { state: 'all', limit: 30 } as const

describe('people', () => {
  it('take, acknowledge, assign and resolve, each with its line and its audit row', async () => {
    const { db, clock, incidents, say, alert, firing } = await createTestIncidents()
    await say(firing(alert()))
    clock.advance(128_000)
    const taken = incidents.take(operator, 'INC-1', { revision: 1 })
    expect(taken).toMatchObject({ status: 'acknowledged', revision: 2 })
    incidents.note(operator, 'INC-1', { text: 'looking' })
    incidents.update(operator, 'INC-1', { ko: '확인 중입니다.', en: '', nextUpdateAt: '2026-11-23T06:00:00Z' })
    clock.advance(60_000)
    // Notes and updates are no decisions: they are in nobody's way.
    incidents.resolve(operator, 'INC-1', { revision: 2, cause: 'limit of 8 s', diagnosisRight: true })
    const found = incidents.read(operator, 'INC-1', reader)
    expect(found).toMatchObject({ status: 'resolved', timeToAcknowledge: 128_000, timeToResolve: 188_000, assignee: { name: 'ops-01' }, full: { cause: { text: 'limit of 8 s', by: 'ops-01' } } })
    expect(found.plain.updates.map(({ sentence, text }) => text?.ko ?? sentence?.code)).toEqual(['incidents.timeline.resolved_by', '확인 중입니다.', 'incidents.timeline.opened'])
    expect(db.select().from(auditEntries).all().map(({ action }) => action)).toEqual(['incident.take', 'incident.note', 'incident.update', 'incident.resolve'])
  })

  it('say the cause of what ended by itself, and nobody is told a second time that it is over', async () => {
    const { db, clock, incidents, say, alert, firing, over } = await createTestIncidents()
    const first = alert()
    await say(firing(first))
    await say(over(first))
    clock.advance(60_000)
    await incidents.tier.judge(clock.now())
    const { revision, resolvedAt } = incidents.read(operator, 'INC-1', reader)
    clock.advance(3_600_000)
    incidents.resolve(operator, 'INC-1', { revision, cause: 'limit of 8 s', diagnosisRight: true })
    expect(incidents.read(operator, 'INC-1', reader)).toMatchObject({ status: 'resolved', resolvedAt, resolvedBy: null, full: { cause: { text: 'limit of 8 s', by: 'ops-01' } } })
    expect(db.select().from(notices).all().filter(({ kind }) => kind === 'incident.resolved')).toHaveLength(1)
  })

  it('do not run over what somebody else decided', async () => {
    const { incidents, say, alert, firing } = await createTestIncidents()
    await say(firing(alert()))
    incidents.take(operator, 'INC-1', { revision: 1 })
    expect(() => incidents.resolve(person('ops-02'), 'INC-1', { revision: 1, cause: 'x', diagnosisRight: null })).toThrow('incident.stale')
  })

  it('merge an earlier one into a later one, whose timeline begins with it then', async () => {
    const { clock, incidents, say, alert, firing } = await createTestIncidents()
    const opened = clock.now().getTime()
    await say(firing(alert({ service: 'business-service', operation: 'x', remote: 'external-api' })))
    await say(firing(alert({ service: 'order-service', operation: 'y', remote: 'stock-service' }, { onset: new Date(opened - 40_000) })))
    incidents.merge(operator, 'INC-2', { revision: 1, into: 'INC-1' })
    const { onset, full } = incidents.read(operator, 'INC-1', reader)
    expect(full!.timeline.filter(({ kind }) => kind === 'onset')).toMatchObject([{ at: onset, detail: { params: { subject: 'order-service → stock-service' } } }])
    expect(full!.timeline.find(({ kind }) => kind === 'opened')).toMatchObject({ title: { params: { after: { micros: 40_000_000 } } } })
    expect(onset).toBe(new Date(opened - 40_000).toISOString())
  })

  it('merge two and split one', async () => {
    const { db, incidents, say, alert, firing } = await createTestIncidents()
    const one = alert({ service: 'business-service', operation: 'x', remote: 'external-api' })
    const other = alert({ service: 'order-service', operation: 'y', remote: 'stock-service' })
    await say(firing(one))
    await say(firing(other))
    expect(db.select().from(table).all()).toHaveLength(2)
    incidents.merge(operator, 'INC-2', { revision: 1, into: 'INC-1' })
    expect(incidents.read(operator, 'INC-2', reader)).toMatchObject({ status: 'merged', mergedInto: 1 })
    const { revision, full } = incidents.read(operator, 'INC-1', reader)
    expect(full!.alerts).toHaveLength(2)
    // Whoever heard of the one hears where it goes on, and of the other.
    expect(db.select().from(notices).all().slice(-2)).toMatchObject([
      { kind: 'incident.updated', number: 1, facts: [{ code: 'incidents.fact.took_in', params: { number: 'INC-2' } }] },
      { kind: 'incident.resolved', number: 2, facts: [{ code: 'incidents.fact.merged', params: { number: 'INC-1' } }] },
    ])
    incidents.split(operator, 'INC-1', { revision, alerts: [other.id] })
    expect(incidents.read(operator, 'INC-3', reader).full!.alerts).toMatchObject([{ id: other.id }])
    expect(incidents.summary().open).toBe(2)
  })

  it('hold open what they opened again only until they close it', async () => {
    const { clock, incidents, say, alert, firing, over } = await createTestIncidents()
    const one = alert({ service: 'business-service', operation: 'x', remote: 'external-api' })
    const other = alert({ service: 'order-service', operation: 'y', remote: 'stock-service' })
    await say(firing(one))
    incidents.resolve(operator, 'INC-1', { revision: 1, cause: 'x', diagnosisRight: null })
    incidents.reopen(operator, 'INC-1', { revision: 2, note: '' })
    incidents.resolve(operator, 'INC-1', { revision: 3, cause: 'x', diagnosisRight: null })
    await say(firing(other))
    incidents.merge(operator, 'INC-2', { revision: 1, into: 'INC-1' })
    expect(incidents.read(operator, 'INC-1', reader).status).toBe('open')
    clock.advance(5_000)
    await say(over(one), over(other))
    clock.advance(60_000)
    await incidents.tier.judge(clock.now())
    expect(incidents.read(operator, 'INC-1', reader).status).toBe('resolved')
  })

  it('tell consumers that are hurt, and only those', async () => {
    const { clock, incidents, call, say, alert, firing } = await createTestIncidents()
    clock.advance(60_000)
    call({ consumer: 'partner-shop', status: 502 }, 9)
    call({ consumer: 'partner-pay' }, 3)
    await say(firing(alert(undefined, { onset: new Date(clock.now().getTime() - 30_000) })))
    await incidents.tier.judge(new Date(Math.ceil(clock.now().getTime() / 10_000) * 10_000))
    expect(incidents.summary()).toEqual({ open: 1, worst: 'critical', untold: 1 })
    incidents.tell(operator, 'INC-1', { consumer: 'partner-shop', state: 'told', note: '' })
    expect(incidents.summary()).toMatchObject({ untold: 0 })
    expect(() => incidents.tell(operator, 'INC-1', { consumer: 'partner-pay', state: 'told', note: '' })).toThrow('incident.consumer_not_hurt')
    const { plain } = incidents.read(person('sup', ['incidents:read']), 'INC-1', reader)
    expect(plain.consumers).toMatchObject([{ id: 'partner-shop', failed: 9, total: 9, told: { state: 'told', by: 'ops-01' } }])
    expect(plain.squares).toMatchObject({ hit: 8 })
    expect(plain.partnerText.ko).toContain('‘외부 처리 요청’ (POST /api/v1/process) 요청이 실패하고 있습니다')
    expect(plain.partnerText.en).toContain('‘External processing’ (POST /api/v1/process) have been failing')
  })
})

it('names no queue to support staff', async () => {
  const { incidents, say, alert, firing } = await createTestIncidents()
  await say(firing(alert({ service: 'notification-worker', method: '', routeKey: 'process.completed' }, { severity: 'warning' })))
  const support = person('sup', ['incidents:read'])
  expect(incidents.read(support, 'INC-1', reader).plain).toMatchObject({ endpoints: [], headline: { params: { name: { text: 'support.name.something' } } } })
  expect(JSON.stringify([incidents.read(support, 'INC-1', reader), incidents.list(support, query, reader).open])).not.toContain('process.completed')
})
