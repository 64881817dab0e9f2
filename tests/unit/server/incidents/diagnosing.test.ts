import { describe, expect, it } from 'vitest'
import { incidents as table, notices } from '#server/db/control/schema'
import { routeKeyOf } from '#shared/route-key'
import { diagnosisOf, orders, process, subjectOf, startIncidents } from '../../../support/incidents'
import { person } from '../../../support/registry'

const operator = person('ops-01')
const reader = { language: 'en', zone: 'Asia/Seoul' } as const
const query = { state: 'all', limit: 30 } as const

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

  it('that cannot be made is tried again for as long after the incident was opened again', async () => {
    let answer = () => Promise.resolve(diagnosisOf())
    const { clock, incidents, asked, say, alert, firing, over } = await startIncidents({ diagnose: () => answer() })
    const passTime = async (seconds: number) => {
      for (let passed = 0; passed < seconds; passed += 10) {
        await incidents.idle()
        clock.advance(10_000)
      }
    }
    const first = alert()
    await say(firing(first))
    await passTime(600)
    await say(over(first))
    await passTime(60)
    await incidents.tier.judge(clock.now())
    const before = asked.length
    answer = () => Promise.reject(new Error('the worker is gone'))
    await say(firing(alert()))
    await passTime(200)
    expect(incidents.read(operator, 'INC-1', reader)).toMatchObject({ reopened: 1, full: { pending: null } })
    expect(asked).toHaveLength(before + 14)
  })

  it('that cannot be written down is not made again and again, but with the next slot', async () => {
    let answers = 0
    const { db, clock, incidents, asked, troubles, say, alert, firing } = await startIncidents({
      diagnose: () => ++answers < 20 ? Promise.resolve(diagnosisOf()) : new Promise(() => {}),
    })
    db.$client.exec(`create trigger full before insert on incident_timeline when new.kind = 'diagnosed' begin select raise(abort, 'full'); end`)
    await say(firing(alert()))
    await incidents.idle()
    expect([asked.length, troubles.length]).toEqual([1, 1])
    db.$client.exec('drop trigger full')
    clock.advance(5_000)
    await incidents.tier.judge(clock.now())
    await incidents.idle()
    expect(asked).toHaveLength(2)
    expect(incidents.read(operator, 'INC-1', reader).full!.culprit).not.toBeNull()
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
