/**
 * Where the documents of the field carry what a line is made of: the article's Logstash pipeline, the Collector's
 * exporter in each of its modes, Spring Boot and Logback encoders, the OpenSearch exporter. First hit wins.
 */
export const candidates = {
  time: ['@timestamp', 'timestamp', 'time', 'Timestamp', 'observedTimestamp'],
  observed: ['observed_timestamp', 'observedTimestamp', 'ObservedTimestamp', 'event.ingested', 'event.created'],
  traceId: ['trace_id', 'traceId', 'trace.id', 'TraceId', 'traceid', 'otelTraceID', 'mdc.trace_id', 'mdc.traceId', 'contextMap.trace_id', 'contextMap.traceId', 'attributes.trace_id', 'attributes.traceId', 'dd.trace_id'],
  spanId: ['span_id', 'spanId', 'span.id', 'SpanId', 'spanid', 'otelSpanID', 'mdc.span_id', 'mdc.spanId', 'contextMap.span_id', 'contextMap.spanId', 'attributes.span_id', 'attributes.spanId', 'dd.span_id'],
  message: ['body.text', 'body_text', 'message', 'Body', 'body', 'msg', 'log'],
  /** Read where no message is, and not searched. */
  structured: ['body.structured', 'body_structured', 'Body', 'body', 'event.original', 'event_name', 'event.action'],
  level: ['severity_text', 'level', 'log.level', 'SeverityText', 'severity.text', 'severity', 'loglevel', 'log_level'],
  severity: ['severity_number', 'SeverityNumber', 'severity.number', 'event.severity'],
  service: ['resource.attributes.service.name', 'service.name', 'service_name', 'Resource.service.name', 'resource.service.name', 'resource.service_name', 'serviceName', 'service', 'app', 'application'],
  scope: ['scope.name', 'Scope.name', 'instrumentationScope.name', 'logger_name', 'log.logger', 'loggerName', 'logger'],
  /** Read by the search for words beside the message, as what went wrong often stands nowhere else. */
  exception: [
    'attributes.exception.message', 'attributes.exception_message', 'Attributes.exception.message', 'exception.message', 'error.message',
    'attributes.exception.type', 'attributes.exception_type', 'Attributes.exception.type', 'exception.type', 'error.type',
  ],
} as const

export type Role = keyof typeof candidates

/** What the search needs an index for; the rest is read from the documents. */
export const searchedRoles = ['time', 'traceId', 'spanId', 'message', 'level', 'severity', 'service', 'exception'] as const satisfies readonly Role[]
export type SearchedRole = (typeof searchedRoles)[number]

/** Where an attribute of a line or of its resource may stand; a pipeline may have replaced the dots. */
export function attributePaths(key: string): string[] {
  const keys = key.includes('.') ? [key, key.replaceAll('.', '_')] : [key]
  const places = ['attributes.', 'Attributes.', '', 'labels.', 'numeric_labels.', 'mdc.', 'contextMap.', 'resource.attributes.', 'resource.', 'Resource.']
  return places.flatMap(place => keys.map(name => place + name))
}

/** Objects that may be mapped as one field with everything in them. */
export const wholeObjects = ['attributes', 'Attributes', 'labels', 'resource.attributes', 'resource', 'Resource']
