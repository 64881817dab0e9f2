import { isIP } from 'node:net'
import { resolve } from 'node:path'
import { z } from 'zod'
import { isZone } from '#shared/text/time-zone'
import { readBackends, type Backends } from './backend-settings'
import { ConfigError } from './config-error'
import { readNotifications, type NotificationSettings } from './notification-settings'

export { ConfigError } from './config-error'

/**
 * Everything the installation sets, read once from the environment and refused whole when something is wrong: the
 * process says which setting, never its value, and does not start.
 */
export interface Config {
  host: string
  port: number
  /** What browsers see; its scheme decides the cookie's name and `Secure`. */
  origin: string
  secure: boolean
  trustedProxies: string[]
  environmentName: string
  timeZone: string
  dataDir: string
  /** Where each signal is read from that is not kept here. */
  backends: Backends
  /** What may leave this house, and how. */
  notifications: NotificationSettings
  /** Port 0 is no receiver. */
  otlp: { host: string, port: number, grpcPort: number }
  consumerAttributes: string[]
  maskedKeys: string[]
  retention: {
    spansDays: number
    logsDays: number
    maxBytes: number
    rollup10sDays: number
    rollup1mDays: number
    rollup10mDays: number
  }
}

const port = (fallback: number) => z.coerce.number().int().min(0).max(65_535).default(fallback)
const days = (fallback: number) => z.coerce.number().positive().default(fallback)
const list = (fallback: string[]) => z.string().optional().transform(value => value?.split(',').map(part => part.trim()).filter(Boolean) ?? fallback)

const environment = z.object({
  HOST: z.string().default('127.0.0.1'),
  PORT: port(3000),
  NUXT_ORIGIN: z.url({ protocol: /^https?$/ }).optional(),
  NUXT_TRUSTED_PROXIES: list([]),
  NUXT_ENVIRONMENT_NAME: z.string().min(1).max(40).default('production'),
  NUXT_TIME_ZONE: z.string().default('Asia/Seoul').refine(isZone, 'not an IANA time zone'),
  NUXT_DATA_DIR: z.string().default('.data'),
  NUXT_OTLP_HOST: z.string().default('127.0.0.1'),
  NUXT_OTLP_PORT: port(4318),
  NUXT_OTLP_GRPC_PORT: port(4317),
  NUXT_CONSUMER_ATTRIBUTES: list(['api.client.id']),
  NUXT_MASKED_KEYS: list(['authorization', 'proxy-authorization', 'cookie', 'set-cookie', 'password', 'passwd', 'secret', 'token', 'api_key', 'apikey', 'api-key', 'x-api-key', 'x-ingest-key']),
  NUXT_RETENTION_SPANS_DAYS: days(7),
  NUXT_RETENTION_LOGS_DAYS: days(7),
  NUXT_RETENTION_MAX_GB: days(10),
  NUXT_RETENTION_10S_DAYS: days(2),
  NUXT_RETENTION_1M_DAYS: days(15),
  NUXT_RETENTION_10M_DAYS: days(400),
  NUXT_RETENTION_NOTIFICATIONS_DAYS: days(90),
})

export function readConfig(env: Record<string, string | undefined>): Config {
  // An empty variable is an unset one: compose files and shells write both.
  const set = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ''))
  const parsed = environment.safeParse(set)
  if (!parsed.success) {
    throw new ConfigError(parsed.error.issues.map(issue => `${issue.path.join('.')}: ${issue.message}`).join('; '))
  }
  const value = parsed.data

  const origin = value.NUXT_ORIGIN?.replace(/\/+$/, '')
  if (!origin && !isLoopback(value.HOST)) throw new ConfigError('HOST: an address that others reach needs NUXT_ORIGIN')
  if (origin?.startsWith('http:') && !isLoopback(new URL(origin).hostname)) throw new ConfigError('NUXT_ORIGIN: http is accepted for loopback only')

  return {
    host: value.HOST,
    port: value.PORT,
    origin: origin ?? `http://${value.HOST.includes(':') ? `[${value.HOST}]` : value.HOST}:${value.PORT}`,
    secure: origin?.startsWith('https:') ?? false,
    trustedProxies: value.NUXT_TRUSTED_PROXIES,
    environmentName: value.NUXT_ENVIRONMENT_NAME,
    timeZone: value.NUXT_TIME_ZONE,
    dataDir: resolve(value.NUXT_DATA_DIR),
    backends: readBackends(set),
    notifications: { ...readNotifications(set), retentionDays: value.NUXT_RETENTION_NOTIFICATIONS_DAYS },
    otlp: { host: value.NUXT_OTLP_HOST, port: value.NUXT_OTLP_PORT, grpcPort: value.NUXT_OTLP_GRPC_PORT },
    consumerAttributes: value.NUXT_CONSUMER_ATTRIBUTES,
    maskedKeys: value.NUXT_MASKED_KEYS,
    retention: {
      spansDays: value.NUXT_RETENTION_SPANS_DAYS,
      logsDays: value.NUXT_RETENTION_LOGS_DAYS,
      maxBytes: value.NUXT_RETENTION_MAX_GB * 1e9,
      rollup10sDays: value.NUXT_RETENTION_10S_DAYS,
      rollup1mDays: value.NUXT_RETENTION_1M_DAYS,
      rollup10mDays: value.NUXT_RETENTION_10M_DAYS,
    },
  }
}

function isLoopback(host: string): boolean {
  const bare = host.replace(/^\[|\]$/g, '')
  return bare === 'localhost' || bare === '::1' || (isIP(bare) === 4 && bare.startsWith('127.'))
}
