import { readFileSync } from 'node:fs'
import { createSecureContext } from 'node:tls'
import { ConfigError } from './config-error'
import { findAddressFault } from './telemetry/upstream/address'
import { apiKeyHeader, basic, bearer, elasticApiKey, type Backend, type Credentials } from './telemetry/upstream/credentials'

/** Each signal's own backend; absent where the signal is kept in the embedded store. */
export interface Backends {
  zipkin?: Backend
  /** `match`: what the labels of every series must be: one platform of several that a backend holds. */
  prometheus?: Backend & { match: LabelMatch[] }
  /** `indices`: names and patterns of indices, aliases and data streams, separated by commas. */
  elasticsearch?: Backend & { indices: string }
}

export interface LabelMatch {
  label: string
  operator: '=' | '!=' | '=~' | '!~'
  value: string
}

type Environment = Record<string, string | undefined>

export function readBackends(env: Environment): Backends {
  const zipkin = readBackend(env, 'NUXT_ZIPKIN', apiKeyHeader)
  const prometheus = readBackend(env, 'NUXT_PROMETHEUS', apiKeyHeader)
  const elasticsearch = readBackend(env, 'NUXT_ELASTICSEARCH', elasticApiKey)
  if (env.NUXT_PROMETHEUS_MATCH !== undefined && !prometheus) throw noAddress('NUXT_PROMETHEUS')
  return {
    ...(zipkin && { zipkin }),
    ...(prometheus && { prometheus: { ...prometheus, match: readMatch(env) } }),
    ...(elasticsearch && { elasticsearch: { ...elasticsearch, indices: readIndices(env) } }),
  }
}

function readBackend(env: Environment, name: string, apiKey: (key: string) => Credentials): Backend | undefined {
  const url = env[`${name}_URL`]
  const credentials = readCredentials(env, name, apiKey)
  const ca = readAuthority(env, name)
  if (url === undefined) {
    if (credentials || ca) throw noAddress(name)
    return undefined
  }
  const fault = findAddressFault(url)
  if (fault) throw new ConfigError(`${name}_URL: ${fault}`)
  if (ca && !url.startsWith('https:')) throw new ConfigError(`${name}_CA: of no use without https in ${name}_URL`)
  return { url, ...(credentials && { credentials }), ...(ca && { ca }) }
}

function noAddress(name: string): ConfigError {
  return new ConfigError(`${name}_URL: missing, while other settings of it are there`)
}

/** What the article's pipeline writes, and the data streams of the Collector's exporter. */
const usualIndices = 'openapi-logs-*,logs-*'

function readIndices({ NUXT_ELASTICSEARCH_INDEX: text = usualIndices }: Environment): string {
  const names = text.split(',').map(name => name.trim()).filter(Boolean)
  const fault = names.find(name => /[\s"\\/<>|?#\p{Cc}\p{Lu}]/u.test(name) || /^[+_]|^\.{1,2}$/.test(name))
  if (names.length === 0 || fault !== undefined) throw new ConfigError('NUXT_ELASTICSEARCH_INDEX: not a list of index names or patterns')
  return names.join(',')
}

/** As in PromQL between the braces of a selector: `environment="production", cluster=~"seoul-.*"`. */
function readMatch({ NUXT_PROMETHEUS_MATCH: text = '' }: Environment): LabelMatch[] {
  const inner = /^\s*\{(.*)\}\s*$/s.exec(text)?.[1] ?? text
  const matcher = /\s*([a-zA-Z_]\w*)\s*(=~|!~|!=|=)\s*("(?:[^"\\]|\\.)*")\s*(?:,|$)/y
  const found: LabelMatch[] = []
  while (matcher.lastIndex < inner.trimEnd().length) {
    const [, label, operator, quoted] = matcher.exec(inner) ?? []
    // Names that begin so are Prometheus' own.
    if (label === undefined || label.startsWith('__')) throw noMatch()
    found.push({ label, operator: operator as LabelMatch['operator'], value: unquote(quoted!) })
  }
  return found
}

function unquote(text: string): string {
  try {
    return JSON.parse(text) as string
  }
  catch {
    throw noMatch()
  }
}

function noMatch(): ConfigError {
  return new ConfigError('NUXT_PROMETHEUS_MATCH: not a list of labels with values, as environment="production"')
}

function readCredentials(env: Environment, name: string, apiKey: (key: string) => Credentials): Credentials | undefined {
  const settings = ['USERNAME', 'PASSWORD', 'TOKEN', 'API_KEY'].map(each => `${name}_${each}`)
  for (const setting of settings) {
    // What goes into a header may hold nothing that ends one; beyond ASCII, only a user's name and password are encoded.
    const allowed = /_(?:USERNAME|PASSWORD)$/.test(setting) ? /^\P{Cc}+$/u : /^[\x21-\x7E]+$/
    if (env[setting] !== undefined && !allowed.test(env[setting])) throw new ConfigError(`${setting}: holds characters that cannot be sent`)
  }
  const [username, password, token, key] = settings.map(setting => env[setting])
  if ((username === undefined) !== (password === undefined)) throw new ConfigError(`${name}_${username === undefined ? 'USERNAME' : 'PASSWORD'}: missing beside its other half`)
  if (username?.includes(':')) throw new ConfigError(`${name}_USERNAME: a user name holds no colon`)
  const ways = [username !== undefined && basic(username, password!), token !== undefined && bearer(token), key !== undefined && apiKey(key)].filter(way => way !== false)
  if (ways.length > 1) throw new ConfigError(`${name}_USERNAME, ${name}_TOKEN, ${name}_API_KEY: only one of them`)
  return ways[0]
}

function readAuthority(env: Environment, name: string): string | undefined {
  const path = env[`${name}_CA`]
  if (path === undefined) return undefined
  try {
    const ca = readFileSync(path, 'utf8')
    if (!ca.includes('-----BEGIN CERTIFICATE-----')) throw new TypeError('no PEM')
    createSecureContext({ ca })
    return ca
  }
  catch {
    throw new ConfigError(`${name}_CA: not a readable file with certificates in PEM`)
  }
}
