import type { Database, Statement } from 'better-sqlite3'
import { NO_ROUTE } from '#shared/route-key'
import { CLIENT, CONSUMER_KIND, PRODUCER, SERVER, type SpanFacts, type TraceGroup } from '../ingest/facts'
import { WireWriter } from '../otlp/wire-writer'
import type { Cube } from '../rollup/cube'
import { UNKNOWN_CONSUMER, type Dictionary, type Operation, type Remote, type Route, type Service } from '../store/dictionary'
import type { Touched } from '../store/touched'
import type { Callees } from './callees'
import type { Consumers } from './consumers'
import type { ErrorGroups } from './error-groups'
import { addToSegment, beginSegment } from './segment'
import type { SpanIds } from './span-ids'
import type { Summaries } from './summaries'
import { hear, partOf, type Summary, withNumber } from './summary'

interface Parts {
  db: Database
  dictionary: Dictionary
  requests: Cube
  operations: Cube
  spanIds: SpanIds
  consumers: Consumers
  callees: Callees
  errors: ErrorGroups
  summaries: Summaries
  touched: Touched
}

/** A span on its way into the store. */
interface Placed {
  span: SpanFacts
  service: Service
  resourceId: number
  operation: Operation
  remote: Remote | undefined
  route: Route | undefined
  consumerId: number
}

/** Writes the spans of a batch: segments, summaries and what they add to the figures, all in one transaction. */
export class TraceWriter {
  private parts: Parts
  private insertSegment: Statement
  private writer = new WireWriter(64 * 1024)

  constructor(parts: Parts) {
    this.parts = parts
    this.insertSegment = parts.db.prepare('insert into segments (trace, arrived_at, spans, data) values (?, ?, ?, ?)')
  }

  /** `weight` is what a span counts for where it does not say itself. Answers how many spans were new, by service. */
  write(groups: TraceGroup[], weight: number, now: number): Map<Service, number> {
    const accepted = new Map<Service, number>()
    for (const group of groups) {
      const placed = this.place(group, weight, now, accepted)
      if (placed.length > 0) this.writeGroup(group, placed, now)
    }
    return accepted
  }

  /** Spans not seen before, each with its numbers; ids are known from here on, so that parents in the batch are found. */
  private place(group: TraceGroup, weight: number, now: number, accepted: Map<Service, number>): Placed[] {
    const { dictionary, spanIds, consumers } = this.parts
    const placed: Placed[] = []
    for (const span of group.spans) {
      const service = dictionary.service(span.resource.service, now)
      accepted.set(service, (accepted.get(service) ?? 0) + 1)
      const remote = span.remote !== undefined && (span.kind === CLIENT || span.kind === PRODUCER) ? dictionary.remote(service, span.remoteKind, span.remote) : undefined
      if (!spanIds.add(group.hash, span.idHigh, span.idLow, span.kind, service.id, remote?.id ?? 0)) continue
      if (!span.weighed) span.weight = weight
      let consumerId = UNKNOWN_CONSUMER
      if (span.consumer !== undefined) {
        consumerId = dictionary.consumer(span.consumer)
        consumers.name(group.hash, service.id, consumerId, now)
      }
      placed.push({
        span, service, remote, consumerId,
        resourceId: dictionary.resource(span.resource, service, now),
        operation: dictionary.operation(service, span.name),
        route: this.route(span, service, now),
      })
    }
    return placed
  }

  private writeGroup(group: TraceGroup, placed: Placed[], now: number) {
    const { consumers, dictionary, summaries, touched } = this.parts
    const summary = summaries.of(group.hash, group.traceId)
    beginSegment(this.writer)
    for (const entry of placed) {
      this.count(group, entry, now)
      this.summarise(summary, entry)
      const { span, resourceId } = entry
      addToSegment(this.writer, { resourceId, scopeId: dictionary.scope(span.scope), bytes: span.bytes, from: span.from, to: span.to })
    }
    consumers.settle(group.hash)
    summary.spans += placed.length
    const trace = summaries.write(group.hash, summary, now)
    this.insertSegment.run(trace, now, placed.length, this.writer.view())
    touched.trace(group.traceId)
  }

  /** What one span adds to the figures. */
  private count(group: TraceGroup, entry: Placed, now: number) {
    const { dictionary, requests, operations, consumers, callees, errors, spanIds, touched } = this.parts
    const { span, service, operation, remote, route } = entry
    operations.add(dictionary.operationKey(service, operation, span.kind, remote?.id ?? 0, span.statusClass), span)
    touched.service(service.name)

    if (route) {
      if (entry.consumerId === UNKNOWN_CONSUMER) entry.consumerId = consumers.of(group.hash, service.id, span.parentHigh, span.parentLow)
      requests.add(dictionary.requestKey(route, entry.consumerId, span.statusClass), span)
      touched.route(route)
      touched.completions.add(route, span, now)
      if (entry.consumerId === UNKNOWN_CONSUMER) {
        const { parentHigh, parentLow, statusClass, second, weight, failed, duration } = span
        consumers.wait(group.hash, { serviceId: service.id, parentHigh, parentLow, route, statusClass, what: { second, weight, failed, duration } }, now)
      }
    }
    if (span.kind === SERVER && (span.parentHigh !== 0 || span.parentLow !== 0)) {
      const remoteId = spanIds.remoteOf(group.hash, span.parentHigh, span.parentLow)
      if (remoteId !== 0) callees.vote(remoteId, service.id)
      else callees.wait(linkOf(group.hash, span.parentHigh, span.parentLow), service.id)
    }
    else if (span.kind === CLIENT && remote) callees.meet(linkOf(group.hash, span.idHigh, span.idLow), remote.id)

    if (span.failed) {
      errors.add({ service, operation, type: errorTypeOf(span), message: span.message ?? '', at: Math.floor((span.start + span.duration) / 1000), traceId: group.traceId })
    }
  }

  private summarise(summary: Summary, { span, service, remote, resourceId, operation, route, consumerId }: Placed) {
    const part = partOf(summary, service.id)
    part.changed = true
    part.spans++
    part.startedAt = Math.min(part.startedAt, span.start)
    part.operations = withNumber(part.operations, operation.id)
    if (remote) part.remotes = withNumber(part.remotes, remote.id)
    part.resourceId ||= resourceId
    if (span.failed) {
      summary.failed = part.failed = 1
      const told = { errorType: errorTypeOf(span), errorEndedAt: span.start + span.duration }
      hear(summary, told)
      hear(part, told)
    }
    const consumer = consumerId || (span.consumer === undefined ? null : this.parts.dictionary.consumer(span.consumer))
    if (consumer !== null) {
      part.consumerId ??= consumer
      summary.consumerId ??= consumer
    }
    if (route) {
      part.routes = withNumber(part.routes, route.id)
      if (part.requestDuration === null || span.duration > part.requestDuration) {
        part.requestDuration = span.duration
        part.requestSpan = idBytes(span.idHigh, span.idLow)
        part.status = span.status || null
      }
    }

    summary.startedAt = Math.min(summary.startedAt, span.start)
    summary.endedAt = Math.max(summary.endedAt, span.start + span.duration)
    const rooted = isRoot(span) ? 1 : 0
    if (rooted < summary.rooted || (rooted === summary.rooted && span.start >= summary.rootStartedAt)) return
    summary.rooted = rooted
    summary.rootStartedAt = span.start
    summary.rootServiceId = service.id
    summary.rootOperationId = operation.id
    summary.rootKind = span.kind
    summary.rootRouteId = route?.id ?? null
    summary.rootDuration = span.duration
    summary.status = span.status || null
  }

  /** Which route a SERVER or CONSUMER span was a request to. */
  private route(span: SpanFacts, service: Service, now: number): Route | undefined {
    const { dictionary } = this.parts
    if (span.kind === CONSUMER_KIND) return dictionary.routeOf(service, '', span.destination ?? NO_ROUTE, undefined, now)
    if (span.kind !== SERVER) return undefined
    if (span.method === undefined && span.rpc !== undefined) return dictionary.routeOf(service, 'RPC', span.rpc, undefined, now)
    if (span.method !== undefined) return dictionary.route(service, span.method.toUpperCase().slice(0, 20), span.route || undefined, span.path, now)
    // Some senders say it in the name only.
    const named = /^(GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS|TRACE|CONNECT)(?: +(\/\S*))?$/i.exec(span.name)
    return dictionary.route(service, named?.[1]?.toUpperCase() ?? '', span.route || named?.[2], span.path, now)
  }
}

function isRoot(span: SpanFacts): boolean {
  return (span.parentHigh === 0 && span.parentLow === 0) || (span.parentHigh === span.idHigh && span.parentLow === span.idLow)
}

function errorTypeOf(span: SpanFacts): string {
  return span.errorType ?? (span.status > 0 ? String(span.status) : 'ERROR')
}

/** 53 bits that name a span within what is waiting. */
function linkOf(trace: number, high: number, low: number): number {
  return ((high ^ trace) & 0x1FFFFF) * 4294967296 + ((low ^ (trace / 4294967296)) >>> 0)
}

const scratch = Buffer.alloc(8)
/** With memory of its own: it is held, and a piece of Node's shared pool would keep 8 KiB of it. */
function idBytes(high: number, low: number): Uint8Array {
  scratch.writeUInt32BE(high, 0)
  scratch.writeUInt32BE(low, 4)
  return new Uint8Array(scratch)
}
