import { describe, expect, it } from 'vitest'
import { createTestIncidents, diagnosisOf, orders, process, startIncidents } from '../../../support/incidents'
import { person } from '../../../support/registry'

const operator = person('ops-01')

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
