import { type ChildProcess, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import http from 'node:http'
import { fileURLToPath } from 'node:url'
import { faultNames, type FaultName, isFault, type Switches } from '../faults.ts'
import { startDriver } from './driver.ts'
import { createOutside } from './outside.ts'

export const services = ['api-gateway', 'auth-service', 'business-service', 'external-api', 'notification-worker'] as const
type ServiceName = (typeof services)[number]

const versions: Record<ServiceName, string> = {
  'api-gateway': '3.4.2',
  'auth-service': '2.8.1',
  'business-service': '2.8.0',
  'external-api': '1.12.0',
  'notification-worker': '1.6.3',
}

export interface PlatformOptions {
  /** The first of six ports: the gateway's, the four other services' in order, and the control port. */
  port: number
  rate: number
  otlpEndpoint: string
  ingestKey?: string
  environmentName?: string
  /** Told when a fault goes on or off, so that the change log can hear of it. */
  onSwitch?: (fault: FaultName, isOn: boolean) => void
  /** Told when a service ended although nobody asked it to. */
  onDeath?: (service: string) => void
  env?: Record<string, string>
}

/** Starts the five services, the world outside them, the control port, and then the load. */
export async function startPlatform(options: PlatformOptions) {
  const outside = createOutside()
  const children = new Map<string, ChildProcess>()
  const controlPort = options.port + 5
  const hosts: Record<string, number> = {
    ...Object.fromEntries(services.map((name, i) => [name, options.port + i])),
    'keys.example': controlPort,
    'push-gateway': controlPort,
  }
  let switches: Switches = {}
  let isEnding = false

  async function launch(name: ServiceName, { version = versions[name], port = hosts[name]!, host = `${name.split('-')[0]}-1`, slowness = 1 } = {}) {
    const resource = {
      'service.version': version,
      'service.namespace': 'openapi',
      'service.instance.id': randomUUID(),
      'host.name': host,
      'deployment.environment.name': options.environmentName ?? 'production',
    }
    const { NODE_OPTIONS: _, NODE_USE_ENV_PROXY: __, ...env } = process.env
    const child = spawn(process.execPath, ['--import', file('telemetry.ts'), file(`${name}.ts`)], {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      env: {
        ...env,
        PORT: String(port),
        SERVICE_VERSION: version,
        SLOWNESS: String(slowness),
        DEMO_HOSTS: JSON.stringify(hosts),
        OTEL_SERVICE_NAME: name,
        OTEL_RESOURCE_ATTRIBUTES: Object.entries(resource).map(([key, value]) => `${key}=${encodeURIComponent(value)}`).join(','),
        OTEL_NODE_RESOURCE_DETECTORS: 'env',
        OTEL_TRACES_EXPORTER: 'otlp',
        OTEL_METRICS_EXPORTER: 'otlp',
        OTEL_LOGS_EXPORTER: 'otlp',
        OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf',
        OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip',
        OTEL_EXPORTER_OTLP_ENDPOINT: options.otlpEndpoint,
        ...(options.ingestKey ? { OTEL_EXPORTER_OTLP_HEADERS: `x-ingest-key=${encodeURIComponent(options.ingestKey)}` } : {}),
        // What happens is seen two to three seconds later; fewer, fuller batches cost both sides less.
        OTEL_BSP_SCHEDULE_DELAY: '2000',
        OTEL_BLRP_SCHEDULE_DELAY: '2000',
        // A Collector in front of Prometheus takes no deltas.
        OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: 'cumulative',
        OTEL_METRIC_EXPORT_INTERVAL: '15000',
        OTEL_METRIC_EXPORT_TIMEOUT: '10000',
        OTEL_LOG_LEVEL: 'none',
        ...options.env,
      },
    })
    const key = `${name} ${host}`
    children.set(key, child)
    const listening = await new Promise<number>((done, fail) => {
      child.on('message', (message: { type: string, port: number, reason?: string }) => {
        if (message.type === 'ready') done(message.port)
        if (message.type === 'failed') fail(new Error(message.reason === 'EADDRINUSE' ? `Port ${port} is taken, which ${name} needs. Choose six free ports in a row with DEMO_PORT (now ${options.port}).` : `${name} did not start: ${message.reason}`))
      })
      child.on('exit', () => {
        fail(new Error(`${name} ended before it was ready.`))
        if (children.delete(key) && !isEnding) options.onDeath?.(name)
      })
    })
    child.send({ type: 'switches', switches })
    return { child, key, port: listening }
  }

  function tell(next: Switches) {
    switches = next
    for (const child of children.values()) if (child.connected) child.send({ type: 'switches', switches })
  }

  let second: Awaited<ReturnType<typeof launch>> | undefined
  let switching: Promise<void> = Promise.resolve()

  /** One fault at a time: switching one on switches the one before off. */
  function setFault(fault: FaultName | undefined): Promise<void> {
    switching = switching.catch(() => {}).then(async () => {
      const before = switches.fault
      if (before === fault) return
      if (before) {
        tell({})
        if (second) await endChild(second.key, second.child)
        second = undefined
        options.onSwitch?.(before, false)
      }
      if (!fault) return
      if (fault === 'version-errors' || fault === 'slow-host') second = await launch('business-service', { port: 0, host: 'business-2', ...(fault === 'slow-host' ? { slowness: 4 } : { version: '2.9.0' }) })
      options.onSwitch?.(fault, true)
      tell({ fault, ...(second ? { secondPort: second.port } : {}) })
    })
    return switching
  }

  async function endChild(key: string, child: ChildProcess) {
    children.delete(key)
    if (child.exitCode !== null || child.signalCode !== null) return
    const gone = new Promise(done => child.once('exit', done))
    child.kill('SIGTERM')
    const hard = setTimeout(() => child.kill('SIGKILL'), 3_500)
    await gone
    clearTimeout(hard)
  }

  const control = http.createServer((request, response) => {
    if (outside.handle(request, response)) return
    const answer = (status: number, body: unknown) => response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    request.resume()
    const [, path, name = ''] = /^\/(fault)(?:\/([\w-]+))?$/.exec(request.url ?? '') ?? []
    if (!path) return answer(404, { error: 'nothing here' })
    if (request.method === 'GET') return answer(200, { on: switches.fault ?? null, faults: faultNames })
    // A page in a browser always names its origin, and has no business here.
    if (request.method !== 'PUT' || request.headers.origin) return answer(405, { error: 'use npm run demo:fault' })
    if (name !== 'off' && !isFault(name)) return answer(404, { error: `no fault is called ${name}` })
    setFault(name === 'off' ? undefined : name as FaultName).then(() => answer(200, { on: switches.fault ?? null }), (error: Error) => answer(500, { error: error.message }))
  })
  let stopLoad = () => {}

  async function stop() {
    if (isEnding) return
    isEnding = true
    stopLoad()
    // A fault ends with the platform, and so does the change that went with it.
    if (switches.fault) options.onSwitch?.(switches.fault, false)
    control.closeAllConnections()
    control.close()
    await Promise.all([...children].map(([key, child]) => endChild(key, child)))
  }

  try {
    await new Promise<void>((done, fail) => {
      control.once('error', (error: NodeJS.ErrnoException) => fail(new Error(error.code === 'EADDRINUSE' ? `Port ${controlPort} is taken, which the demo's control needs. Choose six free ports in a row with DEMO_PORT (now ${options.port}).` : error.message)))
      control.listen(controlPort, '127.0.0.1', done)
    })
    await Promise.all(services.map(name => launch(name)))
  }
  catch (error) {
    await stop()
    throw error
  }
  stopLoad = startDriver({
    gatewayPort: options.port,
    rate: options.rate,
    tokenFor: outside.tokenFor,
    isBadConsumer: () => switches.fault === 'bad-consumer',
  }).stop
  return { setFault, stop, tokenFor: outside.tokenFor, pids: () => [...children.values()].map(child => child.pid!) }
}

const file = (name: string) => fileURLToPath(new URL(name, import.meta.url))
