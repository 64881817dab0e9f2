import type { Answer, DurationClass, DurationsQuery, OperationsQuery, OperationsRow } from '../ports'
import type { SpanKind } from '#shared/trace/span'
import type { Labels, PrometheusApi } from './api'
import { toClasses } from './distribution'
import { sendersOf } from './figure-queries'
import { distinct, outcomeOf, readFigures, said, spreadOf } from './figures'
import { kindOf, type Findings } from './findings'
import { gained, gainedHistogram } from './gained'
import { firstOf, serviceOf, type CallLabels } from './labels'
import type { Measure } from './measures'
import { escapeRegex, fits, selector, sumBy, type Matcher } from './promql'
import { serviceMatcher } from './requests'

interface Context {
  api: PrometheusApi
  only: readonly Matcher[]
  found: Findings
}

/** Every kind of span by name and callee, or edges from whatever counts them best. */
export async function readOperations(context: Context, query: OperationsQuery, signal?: AbortSignal): Promise<Answer<OperationsRow[]>> {
  const { found } = context
  const asksRemote = query.groupBy.includes('remote') || query.where?.remote !== undefined
  const asksName = query.groupBy.includes('operation') || query.where?.operation !== undefined
  // Who asks for the operations of all wants those that call nobody, too.
  const measures = asksRemote && !(asksName && query.where?.remote === undefined) ? edgesOf(found, asksName) : [found.spans ?? found.clients].filter(measure => measure !== undefined)
  if (!measures.length) return { data: [], population: { kind: 'all' }, warnings: [said(asksRemote ? 'no_edges' : 'no_operations')] }
  const answers = await Promise.all(measures.map(measure => readFrom(context, measure, query, measures.length > 1, signal)))
  const lacks = !found.spans && asksName ? [said('no_operations')] : []
  return { data: answers.flatMap(({ data }) => data), population: { kind: 'all' }, warnings: distinct([...answers.flatMap(({ warnings }) => warnings), ...lacks]) }
}

/** `named`: leaves out calls of which these metrics do not say whom they went to. */
async function readFrom({ api, only, found }: Context, measure: Measure, { window, step, groupBy, where = {} }: OperationsQuery, named: boolean, signal?: AbortSignal) {
  const needs = (dimension: OperationsQuery['groupBy'][number]) => groupBy.includes(dimension) || (dimension !== 'statusClass' && where[dimension] !== undefined)
  const { data, warnings } = await readFigures<Partial<OperationsRow>>({ api, only, resolution: found.resolution }, {
    measure, window, step, signal, byStatus: groupBy.includes('statusClass'), narrow: where.operation !== undefined,
    matchers: labels => matchersOf(measure, labels, where),
    by: labels => [
      ...(needs('service') ? [labels.client ?? labels.service] : []),
      ...(needs('operation') ? labels.operation ? [labels.operation] : labels.method : []),
      ...(needs('kind') && labels.kind ? [labels.kind] : []),
      ...(needs('kind') || needs('remote') ? labels.connection ? [labels.connection] : [] : []),
      ...(needs('remote') ? remoteLabels(labels) : []),
    ],
    toRow: (labels, spelt) => {
      const remote = needs('remote') ? remoteOf(labels, spelt, found.services) : undefined
      const whole = {
        service: spelt.client ? (labels[spelt.client] ?? '').toLowerCase() : serviceOf(spelt.service, labels[spelt.service] ?? ''),
        operation: spelt.operation ? labels[spelt.operation] ?? '' : firstOf(labels, spelt.method) ?? '',
        kind: spanKindOf(labels, spelt, measure), remote: remote?.name ?? '',
        statusClass: groupBy.includes('statusClass') ? Math.floor(outcomeOf(labels, spelt).status / 100) : undefined,
      }
      if (named && !whole.remote) return undefined
      if (where.service !== undefined && needs('service') && whole.service !== where.service.toLowerCase()) return undefined
      if (where.operation !== undefined && !isNamed(whole.operation, where.operation)) return undefined
      if (where.kind !== undefined && whole.kind !== where.kind) return undefined
      if (where.remote !== undefined && where.remote !== whole.remote && where.remote !== remote?.sent) return undefined
      return { ...Object.fromEntries(groupBy.map(dimension => [dimension, whole[dimension]])), ...(groupBy.includes('remote') && remote?.kind && { remoteKind: remote.kind }) }
    },
  })
  return { data: data as OperationsRow[], warnings }
}

/** Classes of one operation's durations, as wide as the histogram's bounds are apart. */
export async function readDurations({ api, only, found }: Context, { window, where }: DurationsQuery, signal?: AbortSignal): Promise<Answer<DurationClass[]>> {
  const measure = found.spans ?? found.clients
  if (!measure) return { data: [], population: { kind: 'all' }, warnings: [said('no_operations')] }
  const range = window.to.getTime() - window.from.getTime()
  const answers = await Promise.all(measure.histograms.map(async (histogram, i) => {
    const { native, bucket, labels } = histogram
    const metric = selector(native ?? bucket!, [...only, ...matchersOf(measure, labels, where)])
    const by = where.remote === undefined ? [] : remoteLabels(labels)
    const senders = sendersOf(measure, i, only)
    const query = native ? sumBy(by, gainedHistogram(metric, range, senders)) : sumBy([...by, 'le'], gained(metric, range, senders))
    const { series, warnings } = await api.instant(query, window.to, { signal })
    const wanted = series.filter((each) => {
      const remote = remoteOf(each.labels, labels, found.services)
      return where.remote === undefined || where.remote === remote.name || where.remote === remote.sent
    })
    return { classes: spreadOf(wanted, histogram).flatMap(({ classes }) => classes), warnings }
  }))
  return { data: toClasses(answers.flatMap(({ classes }) => classes)), population: { kind: 'all' }, warnings: distinct(answers.flatMap(({ warnings }) => warnings)) }
}

/**
 * Service graphs know both sides, but no names. Spans that know addresses know everybody; those that only know databases
 * and queues stand beside the metrics of HTTP clients.
 */
function edgesOf({ graph, spans, clients }: Findings, asksName: boolean): Measure[] {
  if (graph && !asksName) return [graph]
  const labels = spans?.counters[0]!.labels
  if (spans && labels && labels.peer.length + labels.address.length > 0) return [spans]
  return [clients, labels && remoteLabels(labels).length ? spans : undefined].filter(measure => measure !== undefined)
}

function matchersOf({ role }: Measure, labels: CallLabels, where: NonNullable<OperationsQuery['where']>): Matcher[] {
  const service = labels.client ? { service: labels.client } : labels
  return [
    ...serviceMatcher(service, where.service),
    ...(where.kind && labels.kind ? [fits(labels.kind, `(?i)(span_kind_)?${where.kind}`)] : []),
    // In our own names ids are `{}`; the sender's still have them.
    ...(where.operation !== undefined && labels.operation ? [fits(labels.operation, `(?i)${where.operation.split('{}').map(escapeRegex).join('.+')}`)] : []),
    ...(where.operation !== undefined && !labels.operation && labels.method.length === 1 && role === 'http-client' ? [fits(labels.method[0]!, `(?i)${escapeRegex(where.operation)}`)] : []),
  ]
}

function remoteLabels({ peer, address, port, dbSystem, dbName, destination, server }: CallLabels): string[] {
  return [...peer, ...address, ...(address.length ? port : []), ...dbSystem, ...dbName, ...destination, ...(server ? [server] : [])]
}

/** Who was called: a service by its name, else a database, a queue or an address, which may be that of a service known by name. */
export function remoteOf(labels: Labels, spelt: CallLabels, services: ReadonlySet<string>): { name: string, sent?: string, kind?: OperationsRow['remoteKind'] } {
  const peer = (spelt.server && labels[spelt.server]) || firstOf(labels, spelt.peer)
  const connection = spelt.connection ? labels[spelt.connection] : undefined
  if (peer && connection === 'database') return { name: peer, kind: 'database' }
  if (peer && connection === 'messaging_system' && !services.has(peer.toLowerCase())) return { name: peer, kind: 'messaging' }
  if (peer) return { name: peer.toLowerCase(), sent: peer, kind: 'service' }
  const [system, database, destination] = [firstOf(labels, spelt.dbSystem), firstOf(labels, spelt.dbName), firstOf(labels, spelt.destination)]
  if (system) return { name: database ? `${system}/${database}` : system, kind: 'database' }
  if (destination) return { name: destination, kind: 'messaging' }
  const address = firstOf(labels, spelt.address)
  if (!address) return { name: '' }
  const port = firstOf(labels, spelt.port)
  const sent = port && !/:\d+$/.test(address) ? `${address}:${port}` : address
  const host = address.replace(/:\d+$/, '').toLowerCase()
  const service = [host, host.split('.')[0]!].find(name => services.has(name))
  return service ? { name: service, sent, kind: 'service' } : { name: sent, kind: 'address' }
}

function spanKindOf(labels: Labels, { kind, connection }: CallLabels, { role }: Measure): SpanKind {
  if (role === 'http-client') return 'client'
  if (role === 'graph') return connection && labels[connection] === 'messaging_system' ? 'producer' : 'client'
  const name = kindOf(kind && labels[kind])
  return ['server', 'client', 'producer', 'consumer'].includes(name) ? name as SpanKind : 'internal'
}

function isNamed(operation: string, wanted: string): boolean {
  return operation.toLowerCase() === wanted.toLowerCase() || new RegExp(`^${wanted.split('{}').map(escapeRegex).join('.+')}$`, 'i').test(operation)
}
