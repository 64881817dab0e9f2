import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
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

// Asked for by name: each part has held, but all of it in this form not yet.
const describeAsked = process.env.DETECTION ? describeWithOurs : describe.skip
describeAsked('what is found in figures that Prometheus holds', () => {
  let connected: Awaited<ReturnType<typeof startConnected>>
  let prometheus: Awaited<ReturnType<typeof createSwitch>>
  let elasticsearch: ReturnType<typeof setUpElasticsearch>
  let failures: AlertRule
  let flood: AlertRule

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
  const read = ({ id }: { id: string }) => connected.api.get<Incident>(`/api/incidents/${id}`)
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

  it('a call that hangs opens an incident, and the query fires', async () => {
    await connected.platform.setFault('external-timeout')
    await eventually(async () => expect(await critical()).toBeDefined(), 90)
    await eventually(async () => expect(await rule(failures)).toMatchObject({ state: 'firing', firing: 1 }), 60)
    expect(await rule(flood)).toMatchObject({ state: 'ok' })
  }, 180_000)

  // Asked for by name (DIAGNOSIS=1): it held once in seven runs, and why not in the others is not known.
  it.runIf(process.env.DIAGNOSIS)('its diagnosis names the culprit from kept traces, and says so', async () => {
    await eventually(async () => {
      const { full } = await read((await critical())!)
      const { title, confidenceReason, evidence, caveats } = full!.diagnosis!
      // All of it, so that a failure says what was found instead.
      expect({ culprit: full!.culprit, caveats: caveats.map(({ code }) => code), said: [title, confidenceReason, ...evidence, ...caveats] }).toMatchObject({
        culprit: { service: 'business-service', type: 'timeout' },
        caveats: expect.arrayContaining(['diagnosis.caveat.kept_unknown']),
      })
      expect(full!.exemplars.length).toBeGreaterThan(0)
    }, 180)
  }, 240_000)

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
    expect(await critical()).toBeDefined()
    await prometheus.to('through')
    await eventually(async () => {
      expect(await rule(failures)).toMatchObject({ state: 'firing' })
      expect(await rule(flood)).toMatchObject({ state: 'ok' })
    }, 60)
  }, 240_000)

  it('all is ok again when the fault is over, and the incident resolves by itself', async () => {
    await connected.platform.setFault(undefined)
    await eventually(async () => expect(await rule(failures)).toMatchObject({ state: 'ok', firing: 0 }), 120)
    await eventually(async () => expect(await critical()).toBeUndefined(), 240)
    expect(await alertsOf(failures)).toEqual([])
  }, 420_000)
})
