import { resolve } from 'node:path'

/** What the environment says, for the app and for the demo. The app reads its own part itself. */
export interface Settings {
  origin: string
  /** What we call the app by: its listening address, whatever browsers see. */
  address: string
  dataDir: string
  /** Where the services send: our own receiver, or a Collector. */
  otlpEndpoint: string
  /** Whether that is our own receiver, which knows the key. */
  sendsToApp: boolean
  otlpPort: number
  /** 0 where the receiver for HTTP was moved and this one was not: a second demo beside the first. */
  grpcPort: number
  /** The first of the six ports of the demo: control, then one per service. */
  port: number
  rate: number
  password?: string
  ingestKey?: string
}

export class SettingError extends Error {}

type Environment = Record<string, string | undefined>

export function readSettings(env: Environment): Settings {
  const host = env.HOST || '127.0.0.1'
  const port = readPort(env, 'PORT', 3000)
  const otlpPort = readPort(env, 'NUXT_OTLP_PORT', 4318)
  const grpcPort = readPort(env, 'NUXT_OTLP_GRPC_PORT', otlpPort === 4318 ? 4317 : 0)
  const first = readPort(env, 'DEMO_PORT', 7100)
  if (port === 0) throw new SettingError('PORT: the demo prints its address before it starts, so 0 does not work here.')
  if (first === 0 || first > 65_530) throw new SettingError('DEMO_PORT: the demo needs this port and the next five.')
  if (otlpPort === 0 && !env.DEMO_OTLP_ENDPOINT) throw new SettingError('NUXT_OTLP_PORT: 0 switches the receiver off, and the demo would have nowhere to send.')

  const rate = Number(env.DEMO_RATE || 5)
  if (!(rate >= 0.1 && rate <= 500)) throw new SettingError('DEMO_RATE: a number of requests per second from 0.1 to 500.')
  const password = env.DEMO_PASSWORD || undefined
  if (password && [...password].length < 12) throw new SettingError('DEMO_PASSWORD: at least 12 characters.')
  const ingestKey = env.DEMO_INGEST_KEY || undefined
  if (ingestKey && !/^[\x21-\x7E]{32,128}$/.test(ingestKey)) throw new SettingError('DEMO_INGEST_KEY: 32 to 128 printable characters without spaces.')

  const address = `http://${bracket(reachable(host))}:${port}`
  return {
    origin: env.NUXT_ORIGIN?.replace(/\/+$/, '') || `http://${bracket(host)}:${port}`,
    address,
    dataDir: resolve(env.NUXT_DATA_DIR || '.data'),
    otlpEndpoint: env.DEMO_OTLP_ENDPOINT?.replace(/\/+$/, '') || `http://${bracket(reachable(env.NUXT_OTLP_HOST || '127.0.0.1'))}:${otlpPort}`,
    sendsToApp: !env.DEMO_OTLP_ENDPOINT,
    otlpPort,
    grpcPort,
    port: first,
    rate,
    password,
    ingestKey,
  }
}

function readPort(env: Environment, name: string, fallback: number): number {
  const port = Number(env[name] || fallback)
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new SettingError(`${name}: a port from 0 to 65535.`)
  return port
}

/** An app that listens on every address is called on the loopback one. */
function reachable(host: string): string {
  return { '0.0.0.0': '127.0.0.1', '::': '::1' }[host] ?? host
}

function bracket(host: string): string {
  return host.includes(':') ? `[${host}]` : host
}
