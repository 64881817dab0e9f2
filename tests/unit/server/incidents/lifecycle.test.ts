import { describe, expect, it } from 'vitest'
import { alertSilences, auditEntries, incidentAlerts, incidents as table, notices } from '#server/db/control/schema'
import type { RevisionLine } from '#server/incidents/incidents'
import { routeKeyOf } from '#shared/route-key'
import { createTestIncidents, diagnosisOf, orders, process, subjectOf, startIncidents } from '../../../support/incidents'
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

describe('the diagnosis', () => {
  it('is asked for at the trigger, after 30 and after 60 s, and only what changed is said', async () => {
    let answer = diagnosisOf({ confidence: 'medium' })
    const { db, clock, incidents, asked, say, alert, firing } = await startIncidents({ diagnose: async () => answer })
    await say(firing(alert()))
    await incidents.idle()
    answer = diagnosisOf()
    for (let i = 0; i < 9; i++) {
      clock.advance(10_000)
      await incidents.idle()
    }
    expect(asked.map(({ at }) => (at.getTime() - asked[0]!.at.getTime()) / 1_000)).toEqual([0, 30, 60])
    expect(asked.map(({ noticed }) => noticed)).toEqual(asked.map(() => asked[0]!.at))
    expect(asked[0]!.symptoms).toEqual([{ service: 'api-gateway', method: 'POST', routeKey: process.routeKey }])
    const { full } = incidents.read(operator, 'INC-1', reader)
    expect(full!.timeline.map(({ kind }) => kind)).toEqual(['onset', 'opened', 'diagnosed', 'diagnosis_changed'])
    expect(full).toMatchObject({ culprit: { service: 'business-service', remote: 'external-api' }, pending: null })
    expect(db.select().from(notices).all().map(({ kind }) => kind)).toEqual(['incident.opened', 'incident.updated'])
  })

  it.each([['nothing', { culprit: null, confidence: 'low' }], ['a guess', { culprit: { service: 'auth-service', operation: 'GET', remote: null, type: 'slow_local' }, confidence: 'low' }]] as const)('that is sure gives way to no later one that finds %s', async (_, found) => {
    let answer = diagnosisOf()
    const { clock, incidents, asked, say, alert, firing } = await startIncidents({ diagnose: async () => answer })
    await say(firing(alert()))
    await incidents.idle()
    answer = diagnosisOf(found)
    for (let i = 0; i < 4; i++) {
      clock.advance(10_000)
      await incidents.idle()
    }
    expect(asked).toHaveLength(2)
    expect(incidents.read(operator, 'INC-1', reader).full).toMatchObject({ culprit: { service: 'business-service', remote: 'external-api' }, timeline: [{ kind: 'onset' }, { kind: 'opened' }, { kind: 'diagnosed' }] })
  })

  it.each([
    ['the disturbed requests', [subjectOf(process), { service: 'business-service', operation: 'external.api.call', remote: 'external-api' }], [{ service: process.service, method: process.method, routeKey: process.routeKey }]],
    ['the disturbed operations where no requests are', [{ service: 'auth-service', operation: 'Token Validation' }], [{ service: 'auth-service', operation: 'Token Validation' }]],
    ['all requests of who makes them where only calls are', [{ service: 'auth-service', operation: 'GET', remote: 'keys.example' }], [{ service: 'auth-service' }]],
  ])('asks for the diagnosis of %s', async (_, subjects, symptoms) => {
    const { asked, say, alert, firing } = await startIncidents({ diagnose: async () => diagnosisOf() })
    await say(...subjects.map(subject => firing(alert(subject))))
    await expect.poll(() => asked[0]?.symptoms).toEqual(symptoms)
  })

  it('asks for all requests where a service fell silent', async () => {
    const { asked, say, alert, firing } = await startIncidents({ diagnose: async () => diagnosisOf() })
    await say(firing(alert({ service: 'auth-service' }, { rule: 't2-silent', severity: 'warning' })))
    await expect.poll(() => asked[0]?.symptoms).toEqual([])
  })

  it('leaves out of what is usual the time of other incidents at the same service, and no time of those elsewhere', async () => {
    const { clock, incidents, asked, say, alert, firing } = await startIncidents({ diagnose: async () => diagnosisOf({ culprit: null, confidence: 'low', affected: [] }) })
    await say(firing(alert()))
    await incidents.idle()
    await say(firing(alert({ service: 'elsewhere', method: 'GET', routeKey: '/x' })))
    await incidents.idle()
    clock.advance(11 * 60_000)
    await incidents.idle()
    await say(firing(alert(subjectOf(orders))))
    await incidents.idle()
    const first = asked.filter(({ symptoms }, i) => i === asked.findIndex(each => each.symptoms[0]!.routeKey === symptoms[0]!.routeKey))
    expect(first.map(({ symptoms, excluded }) => [symptoms[0]!.service, excluded.length])).toEqual([['api-gateway', 0], ['elsewhere', 0], ['api-gateway', 1]])
  })

  it('is looked for every minute while no trace can be read, until one is', async () => {
    const blind = diagnosisOf({ culprit: null, confidence: 'low', affected: [], caveats: [{ code: 'diagnosis.caveat.traces_unavailable', params: { source: 'zipkin' } }] })
    let answer = blind
    const { clock, incidents, asked, say, alert, firing } = await startIncidents({ diagnose: async () => answer })
    await say(firing(alert()))
    for (const seconds of [0, 30, 30, 60, 60, 60]) {
      clock.advance(seconds * 1_000)
      await incidents.idle()
    }
    expect(asked).toHaveLength(6)
    answer = diagnosisOf()
    clock.advance(60_000)
    await incidents.idle()
    clock.advance(600_000)
    await incidents.idle()
    expect(asked).toHaveLength(7)
    expect(incidents.read(operator, 'INC-1', reader).full).toMatchObject({ culprit: { service: 'business-service' } })
  })

  it('that is a guess from kept traces is made again five times', async () => {
    let answer = diagnosisOf({ confidence: 'low', caveats: [{ code: 'diagnosis.caveat.kept_unknown' }] })
    const { clock, incidents, asked, say, alert, firing } = await startIncidents({ diagnose: async () => answer })
    await say(firing(alert()))
    for (let i = 0; i < 12; i++) {
      await incidents.idle()
      clock.advance(60_000)
    }
    expect(asked).toHaveLength(8)

    const sure = await startIncidents({ diagnose: async () => answer })
    await sure.say(sure.firing(sure.alert()))
    for (let i = 0; i < 12; i++) {
      await sure.incidents.idle()
      if (i === 4) answer = diagnosisOf({ caveats: [{ code: 'diagnosis.caveat.kept_unknown' }] })
      sure.clock.advance(60_000)
    }
    expect(sure.asked).toHaveLength(7)
    expect(sure.incidents.read(operator, 'INC-1', reader).full!.diagnosis).toMatchObject({ confidence: 'high' })
  })

  it('that cannot be made is tried again, and in the end said so', async () => {
    const { clock, incidents, asked, troubles, say, alert, firing } = await startIncidents({ diagnose: () => Promise.reject(new Error('the worker is gone')) })
    await say(firing(alert()))
    for (let i = 0; i < 20; i++) {
      await incidents.idle()
      clock.advance(10_000)
    }
    expect(asked).toHaveLength(14)
    expect(troubles).toHaveLength(14)
    expect(incidents.read(operator, 'INC-1', reader).full).toMatchObject({ diagnosis: null, pending: null, timeline: [{ kind: 'onset' }, { kind: 'opened' }, { kind: 'diagnosis_failed' }] })
  })

  it.each([['low', ['POST /api/v1/process']], ['medium', ['POST /api/v1/process', 'GET /api/v1/orders/{id}']]] as const)('of %s confidence says what else is disturbed: %j', async (confidence, endpoints) => {
    const affected = [{ service: 'api-gateway', operation: 'POST /api/v1/process' }, { service: 'api-gateway', operation: 'GET /api/v1/orders/{id}' }]
    const { incidents, say, alert, firing } = await startIncidents({ diagnose: async () => diagnosisOf({ confidence, affected }) })
    await say(firing(alert()))
    await incidents.idle()
    expect(incidents.read(operator, 'INC-1', reader).plain.endpoints.map(({ method, template }) => `${method} ${template}`)).toEqual(endpoints)
  })

  it.each([
    ['all that pass the guilty service and are slower since the onset', 'auth-service', 400_000, { text: 'incidents.subject.all' }],
    ['most of them', 'auth-service', 400_000, { text: 'incidents.subject.most', params: { count: 3, all: 4 } }, 1],
    ['none that pass it and are as fast as before', 'auth-service', 160_000, 'auth-service → keys.example'],
    ['none that do not pass it', 'elsewhere', 400_000, 'auth-service → keys.example'],
  ])('is said of the endpoints it reaches, alert or none: %s', async (_, service, now, what, silent = 0) => {
    const stock = { ...orders, id: '01990000-0000-7000-8000-000000000003', template: '/api/v1/stock', routeKey: routeKeyOf('/api/v1/stock'), nameKo: '재고', nameEn: 'Stock' }
    const idle = { ...stock, id: '01990000-0000-7000-8000-000000000004', template: '/api/v1/idle', routeKey: routeKeyOf('/api/v1/idle') }
    const endpoints = [process, orders, stock, ...silent ? [idle] : []]
    const { incidents, call, clock, say, alert, firing } = await startIncidents({
      endpoints, routes: endpoints.map(endpoint => ({ endpoint, services: ['api-gateway', 'auth-service'] })),
      diagnose: async () => diagnosisOf({ affected: [], symptom: 'latency', culprit: { service, operation: 'Token Validation', remote: 'keys.example', type: 'call_rate' } }),
    })
    await incidents.refreshTopology()
    for (const { method, routeKey } of [process, orders, stock]) {
      call({ method, routeKey, duration: 150_000 }, 20, 300)
      call({ method, routeKey, duration: now }, 5, 10)
    }
    await say(firing(alert({ service: 'auth-service', operation: 'GET', remote: 'keys.example' }, { onset: new Date(clock.now().getTime() - 60_000) })))
    await incidents.idle()
    expect(incidents.read(operator, 'INC-1', reader).full!.title.params!.what).toMatchObject({ params: { subject: what } })
  })

  it('is asked for again by new trouble, at most once a minute', async () => {
    const { clock, incidents, asked, say, alert, firing, over } = await startIncidents({ diagnose: async question => diagnosisOf({ at: question.at.getTime() * 1_000 }) })
    const pass = async (seconds: number) => {
      for (let i = 0; i < seconds; i += 5) {
        clock.advance(5_000)
        await incidents.idle()
      }
    }
    const lasting = alert()
    await say(firing(lasting))
    await pass(70)
    expect(asked).toHaveLength(3)
    for (let i = 0; i < 6; i++) {
      const flapping = alert({ service: 'business-service', operation: 'external.api.call', remote: 'external-api' }, { rule: 't2' })
      await say(firing(flapping))
      await pass(10)
      await say(over(flapping))
      await pass(10)
    }
    expect(asked.slice(3).map(({ at }) => (at.getTime() - asked[2]!.at.getTime()) / 1_000)).toEqual([60, 120])
  })

  it('folds a new incident into the one that ended a moment ago at the same place', async () => {
    const { db, clock, incidents, say, alert, firing, over } = await startIncidents({ diagnose: async () => diagnosisOf() })
    const first = alert()
    await say(firing(first))
    await incidents.idle()
    await say(over(first))
    clock.advance(60_000)
    await incidents.tier.judge(clock.now())
    clock.advance(120_000)
    await say(firing(alert({ service: 'api-gateway', operation: 'POST' }, { rule: 'own-rule' })))
    await incidents.idle()
    expect(db.select().from(table).all()).toMatchObject([{ number: 1, status: 'open', reopened: 1 }, { number: 2, status: 'merged' }])
    expect(incidents.list(operator, query, reader).open.map(({ number }) => number)).toEqual([1])
  })
})

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

describe('other pages', () => {
  it('hear of the open incidents that concern them', async () => {
    const { incidents, say, alert, firing } = await createTestIncidents()
    await say(firing(alert()))
    expect(incidents.marks.openForEndpoint(operator, { ...process })).toMatchObject([{ number: 1, title: { code: 'incidents.title' } }])
    expect(incidents.marks.openForEndpoint(operator, { ...orders })).toEqual([])
    expect(incidents.marks.open(person('sup', ['incidents:read']))).toMatchObject([{ title: { code: 'support.headline.now.unclear' } }])
    expect(incidents.marks.open(person('nobody', ['status:read']))).toEqual([])
    const trace = { traceId: 'f'.repeat(32), startedAt: new Date('2026-11-23T05:32:00Z'), services: ['api-gateway'] }
    expect(incidents.marks.ofTrace(operator, { ...trace, route: { ...process } })).toMatchObject([{ number: 1 }])
    expect(incidents.marks.ofTrace(operator, { ...trace, route: { ...orders } })).toEqual([])
    expect(incidents.marks.ofTrace(operator, { ...trace, startedAt: new Date('2026-11-23T05:20:00Z'), route: { ...process } })).toEqual([])
  })

  it('learn which windows are not usual', async () => {
    const { clock, incidents, say, alert, firing } = await createTestIncidents()
    await say(firing(alert()))
    clock.advance(60_000)
    expect(incidents.excluded()).toEqual([{ from: new Date('2026-11-23T05:31:49Z'), to: clock.now() }])
  })

  it.each([
    ['where it shows', 'API-Gateway', 1],
    ['where it comes from', 'business-service', 1],
    ['what is called there', 'External-API', 1],
    ['a service that it only passes', 'auth-service', 0],
  ])('learn of a service which windows are not usual: %s', async (_, service, windows) => {
    const { incidents, say, alert, firing } = await startIncidents({ diagnose: async () => diagnosisOf() })
    await say(firing(alert()))
    await incidents.idle()
    expect(incidents.excluded(service)).toHaveLength(windows)
  })
})
