import { onTestFinished } from 'vitest'
import type { Alert, AlertChange, AlertSubject } from '#server/alerting/alerting'
import { createOutbox } from '#server/alerting/notifications/outbox'
import type { Database } from '#server/db/client'
import type { Diagnosis } from '#server/diagnosis/diagnosis'
import { createIncidents, type DiagnosisQuestion } from '#server/incidents/incidents'
import type { KnownEndpoint } from '#server/incidents/room'
import type { OperationsRow } from '#server/telemetry/ports'
import type { Severity } from '#shared/alerting/severity'
import { routeKeyOf } from '#shared/route-key'
import type { Change } from '#shared/schemas/change'
import { createControlDb } from './control-db'
import { createFakeClock, type FakeClock } from './fake-clock'
import { createCallSource, type Call } from './metric-source'
import { logSource, traceSource, traceSummary } from './telemetry-sources'

export const process: KnownEndpoint = {
  id: '01990000-0000-7000-8000-000000000001', service: 'api-gateway', method: 'POST', template: '/api/v1/process', routeKey: routeKeyOf('/api/v1/process'),
  lifecycle: 'active', nameKo: '외부 처리 요청', nameEn: 'External processing', ownerTeam: 'process', repeatSafe: 'no', latencyObjective: 1_000,
}
export const orders: KnownEndpoint = { ...process, id: '01990000-0000-7000-8000-000000000002', method: 'GET', template: '/api/v1/orders/{id}', routeKey: routeKeyOf('/api/v1/orders/{id}'), nameKo: '주문', nameEn: 'Orders', repeatSafe: 'yes', ownerTeam: 'orders' }

/** What the article's first case is found to be. */
export function diagnosisOf(rest: Partial<Diagnosis> = {}): Diagnosis {
  const at = Date.parse('2026-11-23T05:32:10Z') * 1_000
  return {
    at, incident: { from: at - 300e6, to: at }, baseline: { from: at - 3_900e6, to: at - 360e6 }, symptom: 'errors',
    affected: [{ service: 'api-gateway', operation: 'POST /api/v1/process' }],
    culprit: { service: 'business-service', operation: 'external.api.call', remote: 'external-api', type: 'timeout' }, qualifier: null,
    title: { code: 'diagnosis.title.timeout', params: { service: 'business-service', remote: 'external-api', limit: { micros: 8_000_000 } } },
    confidence: 'high', confidenceReason: { code: 'diagnosis.confidence.stable', params: { same: 50, draws: 50, count: 212, explained: { ratio: 0.99 } } },
    runnersUp: [{ culprit: { service: 'api-gateway', operation: 'POST /api/v1/process', remote: null, type: 'slow_local' }, explains: 0.01, whyNot: { code: 'diagnosis.whyNot.inside', params: { share: { ratio: 0.99 }, winner: 'external-api' } } }],
    second: null,
    evidence: [{ code: 'diagnosis.evidence.times', params: { subject: 'business-service → external-api', before: { micros: 156_000 }, after: { micros: 8_000_000 }, before95: { micros: 298_000 }, after95: { micros: 8_000_000 }, count: 235 } }],
    decomposition: { before: 660_000, after: 5_940_000, rows: [{ kind: 'edge', service: 'business-service', operation: 'external.api.call', remote: 'external-api', change: 5_280_000, duration: 5_280_000, rate: 0, product: 0 }] },
    exemplars: [], caveats: [], ...rest,
  }
}

export interface TestIncidentsOptions {
  db?: Database
  clock?: FakeClock
  endpoints?: KnownEndpoint[]
  changes?: Change[]
  /** Who calls whom. */
  calls?: [caller: string, callee: string][]
  /** Services that requests of a route pass. */
  routes?: { endpoint: KnownEndpoint, services: string[] }[]
  diagnose?: (question: DiagnosisQuestion) => Promise<Diagnosis>
  keepsEvidence?: boolean
  traces?: ReturnType<typeof traceSource>
  logs?: ReturnType<typeof logSource>
}

const usualCalls: [string, string][] = [['api-gateway', 'auth-service'], ['api-gateway', 'business-service'], ['api-gateway', 'order-service'], ['business-service', 'external-api']]
const usualRoutes = [{ endpoint: process, services: ['api-gateway', 'auth-service', 'business-service'] }, { endpoint: orders, services: ['api-gateway', 'auth-service', 'order-service'] }]

/** The room on a real control file, with traffic that the test writes and a diagnosis that it chooses. */
export async function createTestIncidents({ db = createControlDb(), clock = createFakeClock(), endpoints = [process, orders], changes = [], calls = usualCalls, routes = usualRoutes, diagnose, keepsEvidence = false, traces, logs = logSource() }: TestIncidentsOptions = {}) {
  const metrics = createCallSource()
  metrics.operations = async () => ({
    data: calls.map(([service, remote]): OperationsRow => ({ service, kind: 'client', remote, spans: 1, requests: 1, failed: 0, clientErrors: 0, duration: 1 })), population: { kind: 'all' }, warnings: [],
  })
  const asked: DiagnosisQuestion[] = []
  const troubles: unknown[] = []
  const incidents = createIncidents({
    db, clock, metrics, notifications: createOutbox({ clock }), keepsEvidence,
    register: {
      endpoints: () => endpoints,
      services: () => [...new Set(calls.flat())].filter(name => name !== 'external-api').map((name, i) => ({ name, display: name, colour: i + 1, latencyThreshold: null })),
      changes: ({ window }) => changes.filter(({ at }) => Date.parse(at) >= window.from.getTime() && Date.parse(at) < window.to.getTime()),
    },
    traces: traces ?? traceSource({ search: async () => ({
      traces: routes.map(({ endpoint, services }, i) => traceSummary({ traceId: String(i), services, root: { service: endpoint.service, operation: '', method: endpoint.method, routeKey: endpoint.routeKey, kind: 'server' } })),
      total: { count: routes.length, atLeast: false }, searchedTo: new Date(0), population: { kind: 'all' }, warnings: [],
    }) }),
    logs,
    stateOf: () => ({ state: 'healthy', since: clock.now() }),
    diagnose: (question) => {
      asked.push(question)
      return diagnose ? diagnose(question) : new Promise(() => {})
    },
    onTrouble: error => void troubles.push(error),
  })
  await incidents.refreshTopology()
  let last = 0

  return {
    db, clock, metrics, incidents, asked,
    /** What went wrong behind the scenes. */
    troubles,
    /** `n` requests, spread over the seconds before now. */
    call(call: Partial<Call> = {}, n = 1, secondsAgo = 1) {
      for (let i = 0; i < n; i++) metrics.calls.push({ service: 'api-gateway', method: 'POST', routeKey: process.routeKey, at: new Date(clock.now().getTime() - secondsAgo * 1_000), ...call })
    },
    /** What alerting says, in a transaction of its own; listeners have heard of it when it answers. */
    async say(...changes: AlertChange[]) {
      db.transaction(tx => incidents.listen(tx, changes, clock.now()), { behavior: 'immediate' })
      await Promise.resolve()
    },
    alert(subject: AlertSubject = subjectOf(process), rest: Partial<Alert> = {}): Alert {
      return {
        id: `alert-${++last}`, rule: 't0', origin: 't0', subject, severity: 'critical', onset: new Date(clock.now().getTime() - 21_000), startedAt: clock.now(), lastFiredAt: clock.now(),
        reason: { code: 'alerting.error.own' }, ...rest,
      }
    },
    firing: (alert: Alert): AlertChange => ({ alert, became: 'firing' }),
    over: (alert: Alert): AlertChange => ({ alert: { ...alert, endedAt: clock.now() }, became: 'over' }),
    worse: (alert: Alert, severity: Severity): AlertChange => ({ alert: { ...alert, severity, lastFiredAt: clock.now() }, became: 'worse' }),
  }
}

export function subjectOf({ service, method, routeKey }: KnownEndpoint): AlertSubject {
  return { service, method, routeKey }
}

/** Ended with the test, so that nothing goes on behind the next one. */
export async function startIncidents(options: TestIncidentsOptions = {}) {
  const room = await createTestIncidents(options)
  const stop = room.incidents.start()
  onTestFinished(() => stop())
  return room
}
