import { describe, expect, it } from 'vitest'
import { endedByOf, isCureOf, proposalOf } from '#server/incidents/proposal'
import type { Change } from '#shared/schemas/change'
import type { SentDiagnosis } from '#shared/schemas/diagnosis'
import { diagnosisOf } from '../../../support/incidents'

const at = (time: string) => new Date(`2026-11-23T${time}Z`)
const setBack = { id: '1', kind: 'configuration', at: at('05:30:00').toISOString(), service: 'business-service', version: null, key: 'external.timeout', oldValue: '8 s', newValue: '3 s' } as unknown as Change
const course = { diagnosis: diagnosisOf() as unknown as SentDiagnosis, onset: at('05:18:40'), resolvedAt: at('05:31:10'), resolvedBy: null, changes: [setBack] }

describe('what ended an incident', () => {
  it('is the change after which its alerts fell silent', () => {
    expect(endedByOf(course)).toMatchObject({ code: 'incidents.ended.setting', params: { key: 'external.timeout', value: '3 s', later: { micros: 70_000_000 } } })
  })

  it('says of alerts that somebody did not wait for only that it was closed', () => {
    expect(endedByOf({ ...course, resolvedBy: 'ops-01' })).toMatchObject({ code: 'incidents.ended.closed.setting', params: { key: 'external.timeout', name: 'ops-01' } })
    expect(endedByOf({ ...course, resolvedBy: 'ops-01', changes: [] })).toEqual({ code: 'incidents.ended.person', params: { name: 'ops-01' } })
  })
})

describe('the first thing to try', () => {
  const change = { ...setBack, at: at('05:10:40').toISOString(), oldValue: '3 s', newValue: '8 s' } as unknown as Change

  it('is to take back what was changed before, and says how long before', () => {
    expect(proposalOf({ ...course, resolvedAt: null, changes: [change] })).toEqual({
      code: 'incidents.proposal.setting', params: { service: 'business-service', key: 'external.timeout', before: '3 s', after: '8 s', earlier: { micros: 480_000_000 } },
    })
  })

  it('is never to take back what ended another incident', () => {
    const earlier = { ...course, onset: at('05:02:00'), resolvedAt: at('05:11:00') }
    expect(proposalOf({ ...course, resolvedAt: null, changes: [change], isCure: found => isCureOf(found, earlier) })).toMatchObject({ code: 'incidents.proposal.timeout' })
  })
})
