import type { Database } from 'better-sqlite3'
import { hashOf } from '../ingest/scan-traces'
import { LogWriter } from '../logs/log-writer'
import { PointWriter } from '../metrics/point-writer'
import { Cube } from '../rollup/cube'
import { Callees } from '../traces/callees'
import { Consumers } from '../traces/consumers'
import { ErrorGroups } from '../traces/error-groups'
import { readSegment } from '../traces/segment'
import { SpanIds } from '../traces/span-ids'
import { Summaries } from '../traces/summaries'
import { TraceWriter } from '../traces/trace-writer'
import { WireReader } from '../otlp/wire'
import { Dictionary } from './dictionary'
import { Intake } from './intake'
import { Touched } from './touched'

/** How far back span ids are read at the start, ms; and at most how many spans. */
const remembered = 10 * 60_000
const mostRemembered = 1_000_000

/**
 * What the worker holds in memory beside the file. All of it follows from the file, so when a transaction fails it is
 * thrown away and made again.
 */
export function createState(db: Database, now: number, touched = new Touched()) {
  const dictionary = new Dictionary(db)
  const requests = new Cube(db, 'request_cells')
  const operations = new Cube(db, 'operation_cells')
  const spanIds = new SpanIds(now)
  const consumers = new Consumers({ dictionary, cube: requests, spanIds })
  const callees = new Callees(dictionary)
  const errors = new ErrorGroups(db)
  const summaries = new Summaries(db)
  const intake = new Intake(db)
  rememberSpans(db, spanIds, now)
  return {
    dictionary, requests, operations, spanIds, consumers, callees, errors, summaries, touched, intake,
    traces: new TraceWriter({ db, dictionary, requests, operations, spanIds, consumers, callees, errors, summaries, touched }),
    logs: new LogWriter({ db, dictionary, touched }),
    points: new PointWriter({ db, dictionary, touched }),
  }
}

export type State = ReturnType<typeof createState>

/** Spans of the last minutes, newest first: what a sender may send again after our restart. */
function rememberSpans(db: Database, spanIds: SpanIds, now: number) {
  const serviceOf = new Map((db.prepare('select id, service_id as serviceId from resources').all() as { id: number, serviceId: number }[]).map(row => [row.id, row.serviceId]))
  const newest = db.prepare('select s.arrived_at as arrivedAt, s.data, t.trace_id as traceId from segments s join traces t on t.id = s.trace order by s.id desc')
  let count = 0
  for (const row of newest.iterate() as Iterable<{ arrivedAt: number, data: Buffer, traceId: Buffer }>) {
    if (row.arrivedAt < now - remembered || count > mostRemembered) break
    const trace = hashOf(row.traceId)
    for (const { resourceId, bytes, from, to } of readSegment(row.data)) {
      const { id, kind } = identify(new WireReader(bytes, from, to))
      if (id) spanIds.add(trace, id.readUInt32BE(0), id.readUInt32BE(4), kind, serviceOf.get(resourceId) ?? 0, 0)
      count++
    }
  }
}

function identify(reader: WireReader): { id?: Buffer, kind: number } {
  let id: Buffer | undefined
  let kind = 1
  for (let tag = reader.field(); tag; tag = reader.field()) {
    if (tag === 18) id = Buffer.from(reader.slice())
    else if (tag === 48) kind = reader.varint() || 1
    else reader.skip(tag)
  }
  return { id, kind }
}
