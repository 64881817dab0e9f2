import { connect } from 'node:net'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createSystemClock } from '#server/clock'
import { readConfig } from '#server/config'
import { withPatience } from '#server/patience'
import { startTelemetry } from '#server/telemetry/telemetry'
import { traceIdOf, request, window } from '../../../contract/build-spans'
import { startFaultServer } from '../../../support/fault-server'
import { toTraceRequest } from '../../../support/otlp/from-spans'
import { freePort, ingestKey, secret } from '../../../support/running-telemetry'
import { snapshot, temporaryFolder } from '../../../support/telemetry-store'

async function start(settings: Record<string, string>) {
  const port = await freePort()
  const { backends } = readConfig(settings)
  const dataDir = temporaryFolder()
  const telemetry = await startTelemetry({
    config: { dataDir, otlp: { host: '127.0.0.1', port, grpcPort: 0 }, backends }, clock: createSystemClock(), snapshot: snapshot({ keys: [ingestKey()] }),
    onFailure: (error) => {
      throw error
    },
  })
  onTestFinished(() => telemetry.close())
  const send = async (signal: string, body: object) => (await fetch(`http://127.0.0.1:${port}/v1/${signal}`, {
    method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json', 'authorization': `Bearer ${secret}` },
  })).json()
  return { telemetry, port, dataDir, send }
}

const [zipkin, prometheus, elasticsearch] = [{ NUXT_ZIPKIN_URL: 'http://127.0.0.1:9' }, { NUXT_PROMETHEUS_URL: 'http://127.0.0.1:9' }, { NUXT_ELASTICSEARCH_URL: 'http://127.0.0.1:9' }]
const spans = () => toTraceRequest([{ ...request({ id: 1, route: '/orders', service: 'gateway' }), start: Date.now() * 1000 }])

describe('where each signal is read from', () => {
  it.each<[Record<string, string>, Record<string, string>]>([
    [{}, { traces: 'embedded', metrics: 'embedded', logs: 'embedded' }],
    [zipkin, { traces: 'zipkin', metrics: 'embedded', logs: 'embedded' }],
    [prometheus, { traces: 'embedded', metrics: 'prometheus', logs: 'embedded' }],
    [elasticsearch, { traces: 'embedded', metrics: 'embedded', logs: 'elasticsearch' }],
    [{ ...zipkin, ...prometheus, ...elasticsearch }, { traces: 'zipkin', metrics: 'prometheus', logs: 'elasticsearch' }],
  ])('%j', async (settings, names) => {
    const { telemetry } = await start(settings)
    expect({ traces: telemetry.traces.name, metrics: telemetry.metrics.name, logs: telemetry.logs.name }).toEqual(names)
    expect(telemetry.connected.toSorted()).toEqual(Object.keys(names).filter(signal => names[signal] !== 'embedded').toSorted())
  })

  it('receives nothing and keeps no file where all three are connected', async () => {
    const { telemetry, port, dataDir } = await start({ ...zipkin, ...prometheus, ...elasticsearch })
    await expect(new Promise((resolve, reject) => connect(port, '127.0.0.1').once('connect', resolve).once('error', reject))).rejects.toMatchObject({ code: 'ECONNREFUSED' })
    expect([telemetry.stats, existsSync(join(dataDir, 'telemetry.db'))]).toEqual([undefined, false])
  })

  it('takes spans for its own figures as long as it counts by itself, and rejects them with the reason after that', async () => {
    const counting = await start(zipkin)
    expect(await counting.send('traces', spans())).toEqual({})
    const now = Date.now()
    await expect.poll(async () => (await counting.telemetry.metrics.requests({ window: { from: new Date(now - 60_000), to: new Date(now + 60_000) }, groupBy: ['service'] })).data).toMatchObject([{ service: 'gateway', requests: 1 }])
    const reading = await start({ ...zipkin, ...prometheus })
    expect(await reading.send('traces', spans())).toMatchObject({ partialSuccess: { rejectedSpans: '1', errorMessage: expect.stringContaining('another backend') } })
  })
})

describe('a page that is being written', () => {
  it('waits a moment for a backend, which others go on waiting for', async () => {
    const server = await startFaultServer((_, response) => response.setHeader('content-type', 'application/json').end('[]'))
    const { telemetry } = await start({ ...prometheus, NUXT_ZIPKIN_URL: server.url })
    server.play({ slow: 400 })
    const clock = createSystemClock()
    const page = withPatience({ clock, until: clock.monotonic() + 100 }, () => telemetry.traces.dependencies(window))
    const others = telemetry.traces.dependencies(window)
    await expect(page).rejects.toMatchObject({ code: 'source.unavailable', params: { source: 'zipkin', reason: 'slow' } })
    expect([await others, server.hits.length]).toEqual([undefined, 1])
    expect(await withPatience({ clock, until: clock.monotonic() + 100 }, () => telemetry.traces.skeleton(traceIdOf(1)))).toBeUndefined()
  })
})
