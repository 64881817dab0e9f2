import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { LogLine } from '../../server/telemetry/ports'
import { logLevels, severityOf } from '../../shared/log-level'

type Line = Partial<LogLine>
type Document = Record<string, unknown>

/** One way in which lines come to an index: how their documents look, and what the index is told beforehand. */
export interface LogForm {
  /** Undefined where the index finds its fields out by itself. */
  template?: object
  /** Takes lines by `create` only. */
  dataStream?: boolean
  document: (line: Line) => Document
}

const keyword = { type: 'keyword' }
const strings = { match_mapping_type: 'string', mapping: keyword }

/** As the article's pipeline writes it: flat names, dots replaced. */
const logstash = (line: Line): Document => ({
  '@timestamp': iso(line.nanos!), 'message': line.body, 'level': levelText(line), 'severity_number': severity(line), 'service_name': line.service,
  'logger_name': line.scope, 'trace_id': line.traceId, 'span_id': line.spanId, ...(line.traceId && { tags: ['traced'] }),
  'attributes': underscored(line.attributes), 'resource': underscored({ ...line.resource, 'service.name': line.service }),
})

export const logForms: Record<string, LogForm> = {
  'the article\'s Logstash': {
    template: {
      dynamic_templates: [{ strings: { ...strings, mapping: { type: 'keyword', ignore_above: 1024 } } }],
      properties: { '@timestamp': { type: 'date' }, 'message': { type: 'text' }, 'level': keyword, 'service_name': keyword, 'trace_id': keyword, 'span_id': keyword },
    },
    document: logstash,
  },
  'Logstash without a template': { document: logstash },
  'the exporter in its own mode': {
    template: {
      dynamic_templates: [{ strings }],
      properties: { '@timestamp': { type: 'date_nanos' }, 'body': { properties: { text: { type: 'text' } } }, 'severity_number': { type: 'byte' }, 'severity_text': keyword, 'trace_id': keyword, 'span_id': keyword },
    },
    dataStream: true,
    document: line => ({
      '@timestamp': `${BigInt(line.nanos!) / 1_000_000n}.${(BigInt(line.nanos!) % 1_000_000n).toString().padStart(6, '0')}`, 'observed_timestamp': iso(line.nanos!),
      'body': { text: line.body }, 'severity_text': levelText(line), 'severity_number': severity(line), 'trace_id': line.traceId, 'span_id': line.spanId,
      'scope': { name: line.scope }, 'attributes': line.attributes ?? {}, 'resource': { attributes: { ...line.resource, 'service.name': line.service } },
    }),
  },
  'the exporter without a mapping': {
    document: line => ({
      '@timestamp': iso(line.nanos!), 'Body': line.body, 'SeverityText': levelText(line), 'SeverityNumber': severity(line), 'TraceId': line.traceId, 'SpanId': line.spanId, 'TraceFlags': 1,
      'Scope': { name: line.scope, version: '1' }, 'Attributes': nested(line.attributes), 'Resource': nested({ ...line.resource, 'service.name': line.service }),
    }),
  },
  'the Elastic Common Schema': {
    template: {
      dynamic_templates: [{ strings }],
      properties: { '@timestamp': { type: 'date_nanos' }, 'message': { type: 'text' } },
    },
    dataStream: true,
    document: line => ({
      '@timestamp': iso(line.nanos!), 'message': line.body, 'log.level': levelText(line), 'log': { logger: line.scope }, 'event': { severity: severity(line) },
      ...(line.traceId && { trace: { id: line.traceId } }), ...(line.spanId && { span: { id: line.spanId } }), ...nested(line.attributes), ...nested({ ...line.resource, 'service.name': line.service }),
      'agent': { name: 'otlp' }, 'ecs': { version: '8.11.0' },
    }),
  },
  'a logger of Node.js': {
    document: line => ({
      'timestamp': String(BigInt(line.nanos!) / 1_000_000n), '@timestamp': iso(line.nanos!), 'msg': line.body, 'level': logLevels.indexOf(line.level ?? 'info') * 10 + 10, 'service': line.service, 'logger': line.scope,
      'trace_id': line.traceId, 'span_id': line.spanId, ...line.attributes, 'resource': line.resource, ...(line.levelText && { severity_text: line.levelText }),
    }),
  },
  'OpenSearch\'s exporter': {
    document: line => ({
      '@timestamp': iso(line.nanos!), 'body': line.body, 'severity': { text: levelText(line), number: severity(line) }, 'traceId': line.traceId, 'spanId': line.spanId,
      'instrumentationScope': { name: line.scope }, 'attributes': line.attributes ?? {}, 'resource': { ...line.resource, 'service.name': line.service },
    }),
  },
}

/** As deploy/ has it: what its pipeline writes, under the template for this product. */
export function deployedForm(product: 'elasticsearch' | 'opensearch'): LogForm {
  const { template } = JSON.parse(readFileSync(fileURLToPath(new URL(`../../deploy/${product}/index-template.json`, import.meta.url)), 'utf8')) as { template: { mappings: object } }
  return {
    template: template.mappings,
    document: line => ({ ...logstash(line), attributes: line.attributes ?? {}, resource: { ...line.resource, 'service.name': line.service } }),
  }
}

function iso(nanos: string): string {
  const value = BigInt(nanos)
  return `${new Date(Number(value / 1_000_000n)).toISOString().slice(0, -1)}${(value % 1_000_000n).toString().padStart(6, '0')}Z`
}

const levelText = ({ level = 'info', levelText }: Line) => levelText ?? level.toUpperCase()
const severity = ({ level = 'info' }: Line) => severityOf(logLevels.indexOf(level))

function underscored(attributes: object = {}): Document {
  return Object.fromEntries(Object.entries(attributes).map(([key, value]) => [key.replaceAll('.', '_'), value as unknown]))
}

function nested(attributes: object = {}): Document {
  const whole: Document = {}
  for (const [key, value] of Object.entries(attributes)) {
    const parts = key.split('.')
    let at = whole
    for (const part of parts.slice(0, -1)) at = (at[part] ??= {}) as Document
    at[parts.at(-1)!] = value
  }
  return whole
}
