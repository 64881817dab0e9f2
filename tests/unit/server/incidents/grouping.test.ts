import { describe, expect, it } from 'vitest'
import type { AlertSubject } from '#server/alerting/alerting'
import type { Culprit } from '#server/diagnosis/diagnosis'
import { footprintOf, placeOf, relapseOf, type Candidate } from '#server/incidents/grouping'
import type { Topology } from '#server/incidents/topology'

/**
 *   /process   gateway → auth, business → external (sends nothing of its own), queue → worker
 *   /orders    gateway → auth, order → stock
 */
const topology: Topology = {
  calls: new Map(Object.entries({
    'api-gateway': new Set(['auth-service', 'business-service', 'order-service']), 'business-service': new Set(['external-api', 'jobs', 'worker']),
    'order-service': new Set(['stock-service']), 'auth-service': new Set(['keys.example']),
  })),
  routes: new Map([
    ['api-gateway POST /process', new Set(['api-gateway', 'auth-service', 'business-service', 'worker'])],
    ['api-gateway GET /orders/{}', new Set(['api-gateway', 'auth-service', 'order-service', 'stock-service'])],
  ]),
  operations: new Map(),
}
const process: AlertSubject = { service: 'api-gateway', method: 'POST', routeKey: '/process' }
const orders: AlertSubject = { service: 'api-gateway', method: 'GET', routeKey: '/orders/{}' }
const external: AlertSubject = { service: 'business-service', operation: 'external.api.call', remote: 'external-api' }
const stock: AlertSubject = { service: 'order-service', operation: 'GET', remote: 'stock-service' }
const keys: AlertSubject = { service: 'auth-service', operation: 'GET', remote: 'keys.example' }
const toExternal: Culprit = { service: 'business-service', operation: 'external.api.call', remote: 'external-api', type: 'timeout' }
const inAuth: Culprit = { service: 'auth-service', operation: 'Token Validation', remote: 'keys.example', type: 'call_rate' }

const noon = Date.parse('2026-11-23T12:00:00Z')
const at = (minutes: number) => new Date(noon + minutes * 60_000)
const firing = (subject: AlertSubject, minute: number, rule = 't0') => ({ rule, subject, onset: at(minute), startedAt: at(minute) })
const open = (subjects: AlertSubject[], rest: Partial<Candidate> = {}): Candidate =>
  ({ id: 'A', isOpen: true, resolvedAt: null, culprit: null, confidence: null, alerts: subjects.map(subject => firing(subject, 0)), ...rest })
const ended = (minute: number, rest: Partial<Candidate> = {}) => open([process], { isOpen: false, resolvedAt: at(minute), ...rest })

describe('what may be behind a subject', () => {
  it.each<[string, AlertSubject, string[]]>([
    ['a route: the services its requests pass, and what these alone call', process, ['api-gateway', 'auth-service', 'business-service', 'external-api', 'jobs', 'keys.example', 'worker']],
    ['an edge: whom it leads to, and all behind that', { service: 'api-gateway', remote: 'order-service' }, ['order-service', 'stock-service']],
    ['a service: all it calls', { service: 'Auth-Service' }, ['auth-service', 'keys.example']],
    ['a route that no trace has shown: all its service calls', { service: 'api-gateway', method: 'GET', routeKey: '/new' }, ['api-gateway', 'auth-service', 'business-service', 'external-api', 'jobs', 'keys.example', 'order-service', 'stock-service', 'worker']],
  ])('is of %s', (_, subject, expected) => {
    expect([...footprintOf(subject, topology)].sort()).toEqual(expected)
  })
})

describe('an alert', () => {
  it.each<[string, AlertSubject, Candidate[], number, unknown]>([
    ['opens an incident where there is none', process, [], 0, 'new'],
    ['joins the one in which its rule has fired for its subject', process, [open([process])], 30, { incident: 'A', how: 'same' }],
    ['joins an upstream one that began at the same time', external, [open([process])], 1, { incident: 'A', how: 'path' }],
    ['joins a downstream one that began at the same time', process, [open([external])], 1, { incident: 'A', how: 'path' }],
    ['joins another route of the same service while nobody knows why', orders, [open([process])], 1, { incident: 'A', how: 'path' }],
    ['does not join what is on no common path', stock, [open([external])], 1, 'new'],
    ['does not join what began long before, without a culprit', external, [open([process])], 11, 'new'],
    ['joins the culprit on its path however late', process, [open([external], { culprit: toExternal, confidence: 'high' })], 45, { incident: 'A', how: 'culprit' }],
    ['joins a culprit that all routes pass', orders, [open([process], { culprit: inAuth, confidence: 'medium' })], 20, { incident: 'A', how: 'culprit' }],
    ['opens another one where the culprit is not on its path', orders, [open([process], { culprit: toExternal, confidence: 'high' })], 1, 'new'],
    ['is grouped by time where the culprit is only a guess', orders, [open([process], { culprit: toExternal, confidence: 'low' })], 1, { incident: 'A', how: 'path' }],
    ['joins at what the culprit does to others', keys, [open([process], { culprit: inAuth, confidence: 'high' })], 5, { incident: 'A', how: 'culprit' }],
    ['is a relapse within 15 minutes', process, [ended(10)], 25, { incident: 'A', how: 'relapse' }],
    ['is a new one after 15 minutes', process, [ended(10)], 25.1, 'new'],
    ['is a relapse at the culprit\'s own place', external, [ended(10, { culprit: toExternal })], 20, { incident: 'A', how: 'relapse' }],
    ['is no relapse on the path of one that ended', stock, [ended(10, { culprit: toExternal })], 20, 'new'],
    ['prefers what is open to what has ended', process, [ended(10), open([external], { id: 'B', culprit: toExternal, confidence: 'high' })], 20, { incident: 'B', how: 'culprit' }],
  ])('%s', (_, subject, candidates, minute, expected) => {
    expect(placeOf(firing(subject, minute), candidates, topology)).toEqual(expected)
  })

  it('at an edge of a service of which nothing is known joins what passes the service', () => {
    expect(placeOf(firing({ service: 'api-gateway', remote: 'business-service' }, 1), [open([process])], { calls: new Map(), routes: new Map(), operations: new Map() })).toEqual({ incident: 'A', how: 'path' })
  })

  it('of another rule for the same subject is no relapse', () => {
    expect(placeOf(firing(process, 20, 't2'), [ended(10)], topology)).toBe('new')
  })

  it('of another rule belongs to what ended while its subject was already odd', () => {
    const late = { ...firing(process, 11, 't2'), onset: at(9) }
    expect(placeOf(late, [ended(10)], topology)).toEqual({ incident: 'A', how: 'relapse' })
    expect(placeOf({ ...late, subject: orders }, [ended(10)], topology)).toBe('new')
    expect(placeOf({ ...late, startedAt: at(26) }, [ended(10)], topology)).toBe('new')
  })
})

describe('a culprit that is named', () => {
  it.each<[string, Candidate, number, boolean]>([
    ['belongs to the open incident of the same place', open([process], { culprit: toExternal }), 0, true],
    ['is a relapse of one that ended 15 minutes before', ended(0, { culprit: toExternal }), 15, true],
    ['is not, later', ended(0, { culprit: toExternal }), 16, false],
    ['is not at another place', ended(0, { culprit: inAuth }), 1, false],
    ['is, of another kind at the same place', ended(0, { culprit: { ...toExternal, type: 'slow_dependency' } }), 1, true],
  ])('%s', (_, candidate, minute, expected) => {
    expect(relapseOf(toExternal, at(minute), [candidate]) !== undefined).toBe(expected)
  })
})
