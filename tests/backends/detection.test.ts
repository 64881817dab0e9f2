import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import type { AlertRule } from '../../shared/schemas/alert-rule.ts'
import type { AlertsOverview } from '../../shared/schemas/alerts.ts'
import type { Incident } from '../../shared/schemas/incident-detail.ts'
import type { Incidents } from '../../shared/schemas/incident-list.ts'
import { describeWithOurs, empty, urlOf } from './support/backends.ts'
import { reading, setUpElasticsearch, startConnected } from './support/connected-platform.ts'
import { createSwitch } from './support/switch.ts'

const failing = 'sum(rate(openapi_traces_span_metrics_calls_total{service_name="api-gateway",span_kind="SPAN_KIND_SERVER",status_code="STATUS_CODE_ERROR"}[30s])) or vector(0)'

/** Traffic that the diagnosis compares with, ms. */
const usual = 150_000

/** From the fault to its incident: the call's own eight seconds, the way over the Collector and Prometheus, and two looks, s. */
const opening = 60

describeWithOurs('what is found in figures that Prometheus holds', () => {
  let connected: Awaited<ReturnType<typeof startConnected>>
  let prometheus: Awaited<ReturnType<typeof createSwitch>>
  let elasticsearch: ReturnType<typeof setUpElasticsearch>
  let failures: AlertRule
  let flood: AlertRule
  /** The incident. */
  let id: string

  beforeAll(async () => {
    await Promise.all([empty('zipkin'), empty('prometheus'), empty('collector')])
    elasticsearch = setUpElasticsearch()
    prometheus = await createSwitch(urlOf('prometheus'))
    connected = await startConnected({ env: { ...reading('zipkin'), ...reading('elasticsearch'), NUXT_PROMETHEUS_URL: prometheus.url }, rate: 8 })
  })
  afterAll(async () => {
    await connected?.stop()
    await prometheus?.close()
    await elasticsearch?.remove()
  })

  const overview = () => connected.api.get<AlertsOverview>('/api/alerts')
  const rule = async ({ id }: { id: string }) => (await overview()).rules.find(each => each.id === id)!.now
  const alertsOf = async ({ id }: { id: string }) => (await overview()).firing.filter(alert => alert.rule === id)
  const opened = async () => (await connected.api.get<Incidents>('/api/incidents?state=open')).open
  /** A busy machine may make something slower than usual all by itself, which pages nobody. */
  const critical = async () => (await opened()).find(({ severity }) => severity === 'critical')
  const readOne = () => connected.api.get<Incident>(`/api/incidents/${id}`)
  /** The incident, or the one that took it in: what began with it elsewhere may have opened a moment before. */
  const read = async () => {
    const incident = await readOne()
    if (incident.status !== 'merged') return incident
    id = (await opened()).find(({ number }) => number === incident.mergedInto)?.id ?? expect.fail('merged into none that is open')
    return await readOne()
  }
  const eventually = <T>(look: () => Promise<T>, seconds: number) => vi.waitFor(look, { timeout: seconds * 1_000, interval: 1_000 })
  const write = (name: string, query: string, limit: number) => connected.api.post<AlertRule>('/api/alerts/rules', {
    name, condition: { kind: 'promql', query, comparator: 'above', limit, unit: '1/s' }, target: { kind: 'series' },
    for: 0, keepFiring: 0, severity: 'warning', ownerTeam: '', runbook: '', paused: false,
  })

  it('queries of one\'s own are judged, and are ok while nothing is wrong', async () => {
    failures = await write('Failures at the gateway', failing, 0.3)
    flood = await write('A flood at the gateway', failing, 1_000)
    await eventually(async () => {
      for (const each of [failures, flood]) expect(await rule(each)).toMatchObject({ state: 'ok' })
    }, 60)
    // What is usual takes a while to be known.
    await new Promise(resolve => setTimeout(resolve, usual))
    expect(await critical()).toBeUndefined()
  }, 240_000)

  it('a call that hangs opens an incident by itself, and the query fires', async ({ annotate }) => {
    const began = performance.now()
    await connected.platform.setFault('external-timeout')
    id = (await eventually(async () => (await critical()) ?? expect.fail('no incident yet'), opening)).id
    await annotate(`opened ${Math.round((performance.now() - began) / 1_000)} s after the fault began`)
    await eventually(async () => expect(await rule(failures)).toMatchObject({ state: 'firing', firing: 1 }), 60)
    expect(await rule(flood)).toMatchObject({ state: 'ok' })
  }, 180_000)

  it('its diagnosis names the culprit from kept traces, and says so', async ({ annotate }) => {
    const began = performance.now()
    const { culprit, diagnosis, exemplars } = await eventually(async () => {
      const { full, openedAt } = await read()
      const { title, confidence, confidenceReason, caveats, onset, incident, decomposition } = full!.diagnosis!
      expect({ culprit: full!.culprit, confidence }, `said: ${JSON.stringify({ title, confidenceReason, caveats, onset, incident, rows: decomposition.rows.slice(0, 3), openedAt })}`).toMatchObject({
        culprit: { service: 'business-service', remote: 'external-api', type: 'timeout' }, confidence: expect.stringMatching(/^(?:medium|high)$/),
      })
      expect(caveats).toContainEqual({ code: 'diagnosis.caveat.kept_unknown' })
      return full!
    }, 300)
    await annotate(`${diagnosis!.confidence}, ${Math.round((performance.now() - began) / 1_000)} s after it was first looked at`)
    expect(culprit).not.toBeNull()
    const { limit } = diagnosis!.title.params as unknown as { limit: { micros: number } }
    expect(limit.micros / 1e6).toBeGreaterThan(7.9)
    expect(limit.micros / 1e6).toBeLessThan(8.3)
    expect(exemplars.length).toBeGreaterThan(0)
  }, 360_000)

  it('nothing is called ok while Prometheus is away, and what fires goes on', async () => {
    await prometheus.to('refused')
    await eventually(async () => {
      for (const each of [failures, flood, { id: 't0' }, { id: 't2' }]) expect(await rule(each)).toMatchObject({ state: 'error', reason: expect.anything() })
    }, 60)
    for (let second = 0; second < 30; second++) {
      const { rules } = await overview()
      expect(rules.filter(({ id }) => [failures.id, flood.id, 't0', 't2'].includes(id)).map(({ now }) => now.state)).toEqual(['error', 'error', 'error', 'error'])
      await new Promise(resolve => setTimeout(resolve, 1_000))
    }
    expect(await alertsOf(failures)).toMatchObject([{ endedAt: null, stale: 'error' }])
    expect(await read()).toMatchObject({ status: 'open', severity: 'critical' })
    await prometheus.to('through')
    await eventually(async () => {
      expect(await rule(failures)).toMatchObject({ state: 'firing' })
      expect(await rule(flood)).toMatchObject({ state: 'ok' })
    }, 60)
  }, 240_000)

  it('it is the same incident as long as the fault is on, and resolves by itself when it is over', async () => {
    expect(await critical()).toMatchObject({ id })
    expect(await read()).toMatchObject({ status: 'open', reopened: 0, full: { culprit: { service: 'business-service', type: 'timeout' } } })
    await connected.platform.setFault(undefined)
    await eventually(async () => expect(await rule(failures)).toMatchObject({ state: 'ok', firing: 0 }), 120)
    await eventually(async () => expect(await read()).toMatchObject({ status: 'resolved', resolvedBy: null, reopened: 0 }), 240)
    expect(await critical()).toBeUndefined()
    expect(await alertsOf(failures)).toEqual([])
  }, 420_000)
})
