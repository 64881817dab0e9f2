import { isName } from './promql'

/**
 * Metrics by what they measure, told from their names: each sender's pipeline adds a namespace, a unit and a suffix, or
 * none of them, and may keep the dots.
 */
export type Role
  /** Of the span_metrics connector, Tempo's generator, or the processor before both: every span. */
  = 'spans' | 'http-server' | 'http-client'
  /** Of the service graph connector or Tempo: pairs of caller and callee. */
    | 'graph' | 'target-info'

export type Part = 'total' | 'failed' | 'count' | 'sum' | 'bucket' | 'native' | 'info'

export interface NamedMetric {
  name: string
  role: Role
  /** What the parts of one histogram, and the counter beside it, have in common. */
  family: string
  part: Part
  /** Microseconds per unit; undefined where the name does not say. */
  unit?: number
  /** Of the conventions before 1.21: milliseconds, `http_method`. */
  old?: boolean
  /** Which histogram of a service graph: the caller's measure or the callee's. */
  side?: 'client' | 'server'
}

const unit: Record<string, number> = { seconds: 1e6, milliseconds: 1e3 }
const part: Record<string, Part> = { bucket: 'bucket', sum: 'sum', count: 'count' }

const http = /^(.*?)http_(server|client)_(request_)?duration(?:_(seconds|milliseconds))?(?:_(bucket|sum|count))?$/
const spans = /^(.*?)(traces_span_?metrics_)?(?:calls(?:_(total))?|(duration|latency)(?:_(seconds|milliseconds))?(?:_(bucket|sum|count))?)$/
const graph = /^(.*?)traces_service_graph_request_(?:(total|failed_total)|(client|server)(?:_(seconds|milliseconds))?(?:_(bucket|sum|count))?)$/
const info = /^(.*?)target_info$/

/** What may be one of ours: asked of the backend, which compares whole names. */
export const namePattern = '(.+[_.:])?(calls([_.]total)?|(http[_.](server|client)[_.]request[_.])?(duration|latency)([_.](milli)?seconds)?(_bucket|_sum|_count)?'
  + '|http[_.](server|client)[_.]duration([_.]milliseconds)?(_bucket|_sum|_count)?|traces[_.]service[_.]graph[_.]request[_.].+|target[_.]info)'

export function readName(name: string): NamedMetric | undefined {
  if (!isName(name)) return undefined
  const plain = name.replaceAll('.', '_')
  return readHttp(name, plain) ?? readGraph(name, plain) ?? readInfo(name, plain) ?? readSpans(name, plain)
}

function readHttp(name: string, plain: string): NamedMetric | undefined {
  const found = http.exec(plain)
  if (!found) return undefined
  const [, prefix, side, request, inUnit, suffix] = found
  const old = !request
  return {
    name, role: side === 'server' ? 'http-server' : 'http-client', family: `${prefix}http_${side}${old ? '_old' : ''}`, old,
    part: suffix ? part[suffix]! : 'native', unit: inUnit ? unit[inUnit]! : old ? unit.milliseconds! : unit.seconds!,
  }
}

function readSpans(name: string, plain: string): NamedMetric | undefined {
  const found = spans.exec(plain)
  if (!found) return undefined
  const [, prefix, style = '', total, measure, inUnit, suffix] = found
  const family = `${prefix}${style}`
  if (!measure) return { name, role: 'spans', family, part: 'total' }
  if (total) return undefined
  return { name, role: 'spans', family, part: suffix ? part[suffix]! : 'native', ...(inUnit ? { unit: unit[inUnit]! } : measure === 'latency' && style && { unit: unit.seconds! }) }
}

function readGraph(name: string, plain: string): NamedMetric | undefined {
  const found = graph.exec(plain)
  if (!found) return undefined
  const [, prefix, total, side, inUnit, suffix] = found
  const family = `${prefix}graph`
  if (total) return { name, role: 'graph', family, part: total === 'total' ? 'total' : 'failed' }
  return { name, role: 'graph', family, part: suffix ? part[suffix]! : 'native', unit: unit[inUnit ?? 'seconds']!, side: side as 'client' | 'server' }
}

function readInfo(name: string, plain: string): NamedMetric | undefined {
  const found = info.exec(plain)
  return found ? { name, role: 'target-info', family: `${found[1]}target_info`, part: 'info' } : undefined
}
