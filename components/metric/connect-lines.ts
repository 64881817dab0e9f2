export const connectWays = ['java', 'node', 'collector'] as const
export type ConnectWay = (typeof connectWays)[number]

/** Lines to paste, complete: what has to be chosen stands in the first. */
export function connectLines(way: ConnectWay, { address, protocol, key }: { address: string, protocol: 'http/protobuf' | 'grpc', key: string }): string {
  const environment = [
    'export OTEL_SERVICE_NAME=api-gateway',
    `export OTEL_EXPORTER_OTLP_ENDPOINT=${address}`,
    `export OTEL_EXPORTER_OTLP_PROTOCOL=${protocol}`,
    `export OTEL_EXPORTER_OTLP_HEADERS="x-ingest-key=${key}"`,
  ]
  if (way === 'java') return [...environment, 'export OTEL_LOGS_EXPORTER=otlp', 'java -javaagent:opentelemetry-javaagent.jar -jar api-gateway.jar'].join('\n')
  if (way === 'node') {
    return [
      'npm install @opentelemetry/api @opentelemetry/auto-instrumentations-node',
      ...environment,
      'export OTEL_TRACES_EXPORTER=otlp OTEL_METRICS_EXPORTER=otlp OTEL_LOGS_EXPORTER=otlp',
      'node --require @opentelemetry/auto-instrumentations-node/register server.js',
    ].join('\n')
  }
  const exporter = protocol === 'grpc' ? 'otlp/bongsu' : 'otlphttp/bongsu'
  return `exporters:
  ${exporter}:
    endpoint: ${address}
    headers:
      x-ingest-key: ${key}
service:
  pipelines:
    traces: { receivers: [otlp], exporters: [${exporter}] }
    metrics: { receivers: [otlp], exporters: [${exporter}] }
    logs: { receivers: [otlp], exporters: [${exporter}] }`
}
