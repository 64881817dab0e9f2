/**
 * What rooms may ask of telemetry, by question and not by protocol. The embedded store answers all three; Zipkin,
 * Prometheus and Elasticsearch can each take the place of one. Unknown is `undefined`, none is `[]`, a source that
 * cannot answer throws `AppError('source.unavailable')`; one that answers in part says so in `warnings`.
 */
export * from './ports/log-source'
export * from './ports/metric-source'
export * from './ports/promql-source'
export * from './ports/source'
export * from './ports/trace-source'
