import { describe, expect, it } from 'vitest'
import { alertSilences, incidentAlerts, incidents as table, notices } from '#server/db/control/schema'
import type { RevisionLine } from '#server/incidents/incidents'
import { createTestIncidents, process } from '../../../support/incidents'
import { person } from '../../../support/registry'

const operator = person('ops-01')
const reader = { language: 'en', zone: 'Asia/Seoul' } as const
const query = { state: 'all', limit: 30 } as const

describe('an incident', () => {
  it('opens with its alert, in the same transaction, and the notice with it', async () => {
    const { db, incidents, alert, firing } = await createTestIncidents()
    expect(() => db.transaction((tx) => {
      incidents.listen(tx, [firing(alert())], new Date())
      throw new Error('the slot is undone')
    })).toThrow('the slot is undone')
    expect(db.select().from(table).all()).toEqual([])

    db.transaction(tx => incidents.listen(tx, [firing(alert())], new Date()))
    expect(db.select().from(table).all()).toMatchObject([{ number: 1, revision: 1, status: 'open', severity: 'critical' }])
    expect(db.select().from(notices).all()).toMatchObject([{ kind: 'incident.opened', number: 1, endpointIds: [process.id] }])
  })

  it('is one for all alerts of a disturbance, and none for an insight', async () => {
    const { db, say, alert, firing } = await createTestIncidents()
    await say(firing(alert({ service: 'auth-service', operation: 'Token Validation', remote: 'keys.example' }, { severity: 'info' })))
    expect(db.select().from(table).all()).toEqual([])
    await say(firing(alert({ service: 'business-service', operation: 'external.api.call', remote: 'external-api' }, { rule: 't2', severity: 'warning' })), firing(alert()))
    expect(db.select().from(table).all()).toMatchObject([{ number: 1, severity: 'critical' }])
    expect(db.select().from(incidentAlerts).all()).toHaveLength(2)
  })

  it('began when the earliest of its alerts did, in its head and in its timeline alike', async () => {
    const { clock, incidents, say, alert, firing } = await createTestIncidents()
    const opened = clock.now().getTime()
    await say(firing(alert()))
    clock.advance(15_000)
    await say(firing(alert({ service: 'business-service', operation: 'external.api.call', remote: 'external-api' }, { rule: 't2', onset: new Date(opened - 26_000) })))
    const { onset, full } = incidents.read(operator, 'INC-1', reader)
    const [began, detected] = full!.timeline
    expect([onset, began!.at]).toEqual([new Date(opened - 26_000).toISOString(), onset])
    expect(began).toMatchObject({ kind: 'onset', detail: { params: { subject: 'business-service → external-api' } } })
    expect(detected).toMatchObject({ kind: 'opened', at: new Date(opened).toISOString(), title: { params: { after: { micros: 26_000_000 } } } })
  })

  it('does not take the same alert twice', async () => {
    const { db, say, alert, firing } = await createTestIncidents()
    const first = alert()
    await say(firing(first))
    await say(firing(first))
    expect(db.select().from(incidentAlerts).all()).toHaveLength(1)
    expect(db.select().from(table).all()).toHaveLength(1)
  })

  it('follows the facts: worse, better, over by itself after 60 s without an alert', async () => {
    const { clock, incidents, say, alert, firing, worse, over } = await createTestIncidents()
    const seen: RevisionLine[] = []
    incidents.onRevision(line => seen.push(line))
    const mild = alert(undefined, { severity: 'warning' })
    await say(firing(mild))
    clock.advance(10_000)
    await say(worse(mild, 'critical'))
    clock.advance(20_000)
    const last = { ...mild, severity: 'critical' as const, lastFiredAt: clock.now() }
    clock.advance(10_000)
    await say(over(last))
    await incidents.tier.judge(clock.now())
    expect(incidents.list(operator, query, reader).open).toHaveLength(1)
    clock.advance(50_000)
    await incidents.tier.judge(clock.now())
    await incidents.tier.judge(clock.now())
    expect(incidents.list(operator, query, reader)).toMatchObject({ open: [], past: [{ number: 1, severity: 'critical', status: 'resolved' }] })
    expect(seen.map(({ event, severity, at }) => [event, severity, at.slice(17, 19)])).toEqual([['opened', 'warning', '10'], ['updated', 'critical', '20'], ['updated', 'critical', '50'], ['resolved', 'critical', '40']])
    expect(seen[0]).toMatchObject({ incident: 'INC-1', symptoms: [{ service: 'api-gateway', endpoint: 'POST /api/v1/process' }], culprit: null, confidence: 'low' })
  })

  it('is reopened by a relapse, not doubled, and told so once', async () => {
    const { db, clock, incidents, say, alert, firing, over } = await createTestIncidents()
    const first = alert()
    await say(firing(first))
    await say(over(first))
    clock.advance(60_000)
    await incidents.tier.judge(clock.now())
    clock.advance(14 * 60_000)
    await say(firing(alert()))
    expect(db.select().from(table).all()).toMatchObject([{ number: 1, status: 'open', reopened: 1, resolvedAt: null }])
    expect(db.select().from(notices).all().map(({ kind }) => kind)).toEqual(['incident.opened', 'incident.resolved', 'incident.reopened'])
  })

  it('that a person reopened stays open until something fires and ends again', async () => {
    const { clock, incidents, say, alert, firing, over } = await createTestIncidents()
    const first = alert()
    await say(firing(first))
    await say(over(first))
    clock.advance(60_000)
    await incidents.tier.judge(clock.now())
    incidents.reopen(operator, 'INC-1', { revision: incidents.read(operator, 'INC-1', reader).revision, note: '' })
    clock.advance(300_000)
    await incidents.tier.judge(clock.now())
    expect(incidents.summary().open).toBe(1)
  })

  it('that a person resolved stays so while its alerts go on, and keeps the worst it was', async () => {
    const { db, clock, incidents, say, alert, firing, over } = await createTestIncidents()
    const grave = alert()
    const mild = alert(undefined, { rule: 't2', severity: 'warning' })
    await say(firing(grave), firing(mild))
    incidents.resolve(operator, 'INC-1', { revision: 1, cause: 'known', diagnosisRight: null })
    clock.advance(300_000)
    await incidents.tier.judge(clock.now())
    await say(over(grave))
    expect(db.select().from(table).all()).toMatchObject([{ status: 'resolved', severity: 'critical', reopened: 0 }])
    expect(db.select().from(notices).all().map(({ kind }) => kind)).toEqual(['incident.opened', 'incident.resolved'])
    expect(incidents.read(operator, 'INC-1', reader).full!.timeline.map(({ kind }) => kind)).not.toContain('severity')
  })

  it('that a person resolved opens again when its alerts still fire after the time of a relapse, once, and told so', async () => {
    const { db, clock, incidents, say, alert, firing, over } = await createTestIncidents()
    const mild = alert(undefined, { severity: 'warning' })
    const grave = alert(undefined, { rule: 't2' })
    await say(firing(mild), firing(grave), firing(alert(undefined, { rule: 't3', severity: 'info' })))
    incidents.resolve(operator, 'INC-1', { revision: 1, cause: 'known', diagnosisRight: null })
    await say(over(grave))
    clock.advance(14 * 60_000)
    await incidents.tier.judge(clock.now())
    expect(db.select().from(table).all()).toMatchObject([{ status: 'resolved' }])
    clock.advance(60_000)
    await incidents.tier.judge(clock.now())
    await incidents.tier.judge(clock.now())
    expect(db.select().from(table).all()).toMatchObject([{ status: 'open', severity: 'warning', worst: 'critical', reopened: 1, resolvedAt: null, resolvedBy: null }])
    expect(db.select().from(notices).all().map(({ kind }) => kind)).toEqual(['incident.opened', 'incident.resolved', 'incident.reopened'])
    expect(incidents.read(operator, 'INC-1', reader).full!.timeline.at(-1)).toMatchObject({ kind: 'reopened', title: { code: 'incidents.timeline.still_firing' } })

    await say(over(mild))
    clock.advance(60_000)
    await incidents.tier.judge(clock.now())
    clock.advance(3_600_000)
    await incidents.tier.judge(clock.now())
    expect(db.select().from(table).all()).toMatchObject([{ status: 'resolved', reopened: 1 }])
  })

  it('that a person resolved stays closed as long as a silence keeps its alerts still, and no longer', async () => {
    const { db, clock, incidents, say, alert, firing } = await createTestIncidents()
    const now = clock.now()
    await say(firing(alert()))
    incidents.resolve(operator, 'INC-1', { revision: 1, cause: 'known', diagnosisRight: null })
    db.insert(alertSilences).values({
      id: 'silence', kind: 'silence', match: { rule: 't0', service: null, endpoint: null, consumer: null }, from: now, to: new Date(now.getTime() + 30 * 60_000), weekly: false,
      zone: 'UTC', reason: 'known', authorId: operator.id, author: operator.name, createdAt: now,
    }).run()
    expect(incidents.read(operator, 'INC-1', reader).full).toMatchObject({ firing: 0, reopensAt: null })
    clock.advance(20 * 60_000)
    await incidents.tier.judge(clock.now())
    expect(incidents.summary().open).toBe(0)
    clock.advance(11 * 60_000)
    expect(incidents.read(operator, 'INC-1', reader).full).toMatchObject({ firing: 1, reopensAt: new Date(now.getTime() + 15 * 60_000).toISOString() })
    await incidents.tier.judge(clock.now())
    expect(incidents.summary().open).toBe(1)
  })

  it('that a person resolved opens again when one of its alerts grows worse, or fires again', async () => {
    const { db, clock, incidents, say, alert, firing, worse, over } = await createTestIncidents()
    const mild = alert(undefined, { severity: 'warning' })
    await say(firing(mild))
    incidents.resolve(operator, 'INC-1', { revision: 1, cause: 'known', diagnosisRight: null })
    clock.advance(3_600_000)
    await say(worse(mild, 'critical'))
    expect(db.select().from(table).all()).toMatchObject([{ status: 'open', severity: 'critical', reopened: 1, resolvedAt: null, resolvedBy: null }])
    incidents.resolve(operator, 'INC-1', { revision: incidents.read(operator, 'INC-1', reader).revision, cause: 'known', diagnosisRight: null })
    await say(over({ ...mild, severity: 'critical' }))
    clock.advance(60_000)
    await say(firing(alert()))
    expect(db.select().from(table).all()).toMatchObject([{ status: 'open', reopened: 2 }])
  })
})
