import type { AttributeValue, Attributes, Span } from '#shared/trace/span'
import type { SpanAnswer } from '#shared/schemas/trace'

export interface Request {
  method?: string
  /** As its sender names it. */
  route?: string
  path?: string
}

/** The request a SERVER or CONSUMER span stands for, by old and stable conventions. */
export function requestOf({ attributes }: Span): Request {
  const method = textOf(attributes, 'http.request.method', 'http.method')
  const route = textOf(attributes, 'http.route') ?? (method ? undefined : textOf(attributes, 'messaging.destination.name', 'messaging.destination'))
  const path = textOf(attributes, 'url.path', 'http.target')?.split('?')[0]
  return { ...(method && { method: method.toUpperCase() }), ...(route && { route }), ...(path && { path }) }
}

/** Who sent a request: the first of the configured attributes that a span carries. */
export function consumerOf(span: Span, attributes: readonly string[]): string | undefined {
  return textOf(span.attributes, ...attributes)
}

function textOf(attributes: Attributes, ...keys: string[]): string | undefined {
  for (const key of keys) {
    const value = attributes[key]
    if (typeof value === 'string' && value) return value
    if (typeof value === 'number') return String(value)
  }
  return undefined
}

type Group = SpanAnswer['groups'][number]['group']

const groups: [RegExp, Group][] = [
  [/^(error|exception)\./, 'error'],
  [/^(http|url|user_agent)\./, 'http'],
  [/^(server|client)\./, 'network'],
  [/^(api|enduser|user)\./, 'consumer'],
  [/^db\./, 'database'],
  [/^messaging\./, 'messaging'],
  [/^rpc\./, 'rpc'],
  [/^(net|network|peer)\./, 'network'],
  [/^(code|thread|process)\./, 'code'],
]
const order: Group[] = ['error', 'http', 'consumer', 'database', 'messaging', 'rpc', 'network', 'attributes', 'code', 'resource']

/** Whether the two sides of a call stand with its HTTP, as part of its address, or by themselves. */
function isHttp(keys: readonly string[]): boolean {
  return keys.some(key => /^(http|url)\./.test(key))
}

function groupOf(key: string, http: boolean): Group {
  if (http && /^(server|client)\./.test(key)) return 'http'
  return groups.find(([pattern]) => pattern.test(key))?.[1] ?? 'attributes'
}

/** The keys of a span in the order in which a reader looks for them. */
export function sortKeys(keys: Iterable<string>): string[] {
  const all = [...keys]
  const http = isHttp(all)
  const place = (key: string) => order.indexOf(groupOf(key, http))
  return all.sort((a, b) => place(a) - place(b) || (a < b ? -1 : 1))
}

/** What a span's sender said, sorted into the groups a reader looks for. */
export function groupAttributes({ attributes, resource }: Span): SpanAnswer['groups'] {
  const http = isHttp(Object.keys(attributes))
  const found = new Map<Group, { key: string, value: string }[]>()
  const add = (group: Group, key: string, value: AttributeValue) => found.set(group, [...found.get(group) ?? [], { key, value: showValue(value) }])
  for (const [key, value] of Object.entries(attributes)) add(groupOf(key, http), key, value)
  for (const [key, value] of Object.entries(resource)) add('resource', key, value)
  return order.flatMap(group => found.has(group) ? [{ group, attributes: found.get(group)!.sort((a, b) => a.key < b.key ? -1 : 1) }] : [])
}

export function listAttributes(attributes: Attributes): { key: string, value: string }[] {
  return Object.entries(attributes).map(([key, value]) => ({ key, value: showValue(value) }))
}

export function showValue(value: AttributeValue): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}
