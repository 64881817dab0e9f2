import { describe, expect, it } from 'vitest'
import { isActive, isMeant, occurrenceAt } from '#server/alerting/silences/silence-rules'
import type { SilenceMatch } from '#shared/schemas/alert-silence'

const window = (from: string, to: string, rest = {}) => ({ from: new Date(from), to: new Date(to), weekly: false, zone: 'Asia/Seoul', endedAt: null, ...rest })

describe('when a silence holds', () => {
  const once = window('2026-11-23T05:00:00Z', '2026-11-23T06:00:00Z')
  it.each([
    ['before it begins', once, '2026-11-23T04:59:59Z', false],
    ['from its first moment', once, '2026-11-23T05:00:00Z', true],
    ['not at its last', once, '2026-11-23T06:00:00Z', false],
    ['not once it was ended', { ...once, endedAt: new Date('2026-11-23T05:30:00Z') }, '2026-11-23T05:30:00Z', false],
    ['until it was ended', { ...once, endedAt: new Date('2026-11-23T05:30:00Z') }, '2026-11-23T05:29:00Z', true],
    ['not a week later', once, '2026-11-30T05:30:00Z', false],
  ])('%s', (_, silence, at, active) => {
    expect(isActive(silence, new Date(at))).toBe(active)
  })

  it.each([
    ['every week at its time', 'Asia/Seoul', '2026-11-22T17:00:00Z', '2026-11-22T19:00:00Z', '2027-01-03T18:00:00Z', '2027-01-03T17:00:00Z'],
    ['the coming one between two', 'Asia/Seoul', '2026-11-22T17:00:00Z', '2026-11-22T19:00:00Z', '2026-11-25T00:00:00Z', '2026-11-29T17:00:00Z'],
    ['at the same time of the clock after it was put back', 'Europe/Berlin', '2026-10-18T01:30:00Z', '2026-10-18T03:00:00Z', '2026-11-01T03:00:00Z', '2026-11-01T02:30:00Z'],
    ['at the same time of the clock after it was put forward', 'America/New_York', '2026-03-01T07:00:00Z', '2026-03-01T08:00:00Z', '2026-03-15T06:30:00Z', '2026-03-15T06:00:00Z'],
  ])('comes back %s', (_, zone, from, to, at, begins) => {
    expect(occurrenceAt(window(from, to, { weekly: true, zone }), new Date(at))?.from).toEqual(new Date(begins))
  })

  it('comes back no more once it was ended', () => {
    const weekly = window('2026-11-22T17:00:00Z', '2026-11-22T19:00:00Z', { weekly: true, endedAt: new Date('2026-12-01T00:00:00Z') })
    expect(occurrenceAt(weekly, new Date('2026-12-06T18:00:00Z'))).toBeUndefined()
  })
})

describe('what a silence fits', () => {
  const nothing: SilenceMatch = { rule: null, service: null, endpoint: null, consumer: null }
  const route = { service: 'api-gateway', method: 'POST', routeKey: '/api/v1/process' }
  const alert = { rule: 't2', origin: 't2' as const, subject: { service: 'API-Gateway', method: 'POST', routeKey: '/api/v1/process', consumer: 'partner-pay' } }
  const edge = { rule: 't2', origin: 't2' as const, subject: { service: 'business-service', operation: 'POST', remote: 'External-API' } }
  const foreign = { rule: 'alertmanager-ab', origin: 'alertmanager' as const, subject: { service: 'node' } }

  it.each<[string, Partial<SilenceMatch>, Parameters<typeof isMeant>[1], boolean]>([
    ['its service', { service: 'api-gateway' }, alert, true],
    ['another service', { service: 'auth-service' }, alert, false],
    ['the service that is called', { service: 'external-api' }, edge, true],
    ['its rule', { rule: 't2' }, alert, true],
    ['another rule', { rule: 't3' }, alert, false],
    ['all that Alertmanager sends', { rule: 'alertmanager' }, foreign, true],
    ['nothing else as that', { rule: 'alertmanager' }, alert, false],
    ['its endpoint', { endpoint: 'e' }, alert, true],
    ['no edge as an endpoint', { endpoint: 'e' }, edge, false],
    ['its consumer', { consumer: 'partner-pay' }, alert, true],
    ['all that it names together', { service: 'api-gateway', consumer: 'partner-map' }, alert, false],
  ])('%s', (_, match, subject, fits) => {
    expect(isMeant({ match: { ...nothing, ...match }, route }, subject)).toBe(fits)
  })
})
