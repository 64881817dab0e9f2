import { createHash } from 'node:crypto'

interface AnyValue { stringValue?: string, boolValue?: boolean, intValue?: string | number, doubleValue?: number | string, bytesValue?: string, arrayValue?: { values?: AnyValue[] }, kvlistValue?: { values?: KeyValue[] } }
interface KeyValue { key: string, value?: AnyValue }
interface LogRecord { timeUnixNano?: string, observedTimeUnixNano?: string, severityNumber?: number, severityText?: string, body?: AnyValue, attributes?: KeyValue[], traceId?: string, spanId?: string, eventName?: string }
export interface LogsRequest { resourceLogs?: { resource?: { attributes?: KeyValue[] }, scopeLogs?: { scope?: { name?: string }, logRecords?: LogRecord[] }[] }[] }

export type LogDocument = Record<string, unknown> & { '@timestamp': string, 'log_id': string, 'level'?: string, 'trace_id'?: string }

const levels = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL']
const dropped = new Set(['TRACE', 'DEBUG', 'FINEST', 'FINER', 'FINE'])

/** What deploy/logstash/pipeline/openapi-logs.conf makes of a request: the index of each document beside it. */
export function throughPipeline(request: LogsRequest): { index: string, document: LogDocument }[] {
  return documentsOf(request).filter(({ level }) => !dropped.has(level ?? '')).map(document => ({
    index: `openapi-logs-${document['@timestamp'].slice(0, 10).replaceAll('-', '.')}`,
    document: document.trace_id ? { ...document, tags: ['traced'] } : document,
  }))
}

/** The same as deploy/logstash/filters/otlp.rb, which a test holds it to. */
export function documentsOf({ resourceLogs = [] }: LogsRequest): LogDocument[] {
  let position = 0
  return resourceLogs.flatMap(({ resource, scopeLogs = [] }) => {
    const of = attributesOf(resource?.attributes)
    return scopeLogs.flatMap(({ scope, logRecords = [] }) => logRecords.map(record => documentOf(record, of, scope?.name, ++position)))
  })
}

function documentOf(record: LogRecord, resource: Record<string, unknown>, logger: string | undefined, position: number): LogDocument {
  const nanos = BigInt(record.timeUnixNano || 0) || BigInt(record.observedTimeUnixNano || 0)
  const { 'exception.stacktrace': stack, ...attributes } = attributesOf(record.attributes)
  const message = textOf(plain(record.body))
  const identity = [`${nanos}`, resource, logger ?? null, record.traceId ?? null, record.spanId ?? null, message ?? null, position]
  const document = {
    '@timestamp': new Date(Number(nanos / 1_000_000n)).toISOString().replace(/\.\d{3}Z/, `.${`${nanos % 1_000_000_000n}`.padStart(9, '0')}Z`),
    message,
    'level': record.severityText?.toUpperCase() || levels[Math.floor(((record.severityNumber ?? 0) - 1) / 4)],
    'severity_number': record.severityNumber,
    'service_name': resource['service.name'],
    'logger_name': logger,
    'trace_id': record.traceId?.toLowerCase() || undefined,
    'span_id': record.spanId?.toLowerCase() || undefined,
    'event_name': record.eventName || undefined,
    'stack_trace': textOf(stack),
    resource,
    attributes,
    'log_id': createHash('sha1').update(JSON.stringify(identity)).digest('hex'),
  }
  return Object.fromEntries(Object.entries(document).filter(([, value]) => value !== undefined)) as LogDocument
}

function plain(value: AnyValue = {}): unknown {
  if (value.intValue !== undefined) return Number.isSafeInteger(Number(value.intValue)) ? Number(value.intValue) : String(value.intValue)
  if (value.arrayValue) return (value.arrayValue.values ?? []).map(plain)
  if (value.kvlistValue) return attributesOf(value.kvlistValue.values)
  return Object.values(value)[0]
}

function attributesOf(list: KeyValue[] = []): Record<string, unknown> {
  return Object.fromEntries(list.map(({ key, value }) => [key, plain(value)]).filter(([, value]) => value !== undefined && value !== null))
}

function textOf(value: unknown): string | undefined {
  return value === undefined || typeof value === 'string' ? value : JSON.stringify(value)
}
