import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { findJdk } from './tools.ts'

export type BackendName = 'zipkin' | 'prometheus' | 'elasticsearch' | 'opensearch' | 'shipper' | 'collector'

/** Each on its usual port plus this, so that a set of one's own may run beside them. */
const offset = Number(process.env.BACKENDS_PORT_OFFSET || 10_000)

export const ports = {
  zipkin: 9411 + offset,
  prometheus: 9090 + offset,
  elasticsearch: 9200 + offset,
  opensearch: 9201 + offset,
  shipper: 8088 + offset,
  otlpGrpc: 4317 + offset,
  otlpHttp: 4318 + offset,
  collectorMetrics: 8889 + offset,
  collectorTelemetry: 8888 + offset,
  collectorHealth: 13_133 + offset,
}

const at = (port: number) => `http://127.0.0.1:${port}`

/** What tests and the app are told. */
export const urls: Record<BackendName, string> = {
  zipkin: at(ports.zipkin),
  prometheus: at(ports.prometheus),
  elasticsearch: at(ports.elasticsearch),
  opensearch: at(ports.opensearch),
  shipper: at(ports.shipper),
  collector: at(ports.otlpHttp),
}

export interface Command {
  file: string
  args: string[]
  env?: Record<string, string>
}

export interface Backend {
  /** Answers 2xx as soon as it is of use. */
  health: string
  /** `home`: where it is installed; `data`: an empty folder, or that of the last time. */
  command: (folders: { home: string, data: string }) => Command
}

const here = (path: string) => fileURLToPath(new URL(`../${path}`, import.meta.url))
const java = (heap: string, ...rest: string[]): Command => ({
  file: join(findJdk(), 'bin/java'),
  args: [`-Xms${heap}`, `-Xmx${heap}`, '-XX:+UseSerialGC', ...rest],
})
/** Lucene asks for both, and says so at length where it does not get them. */
const lucene = ['--enable-native-access=ALL-UNNAMED', '--add-modules=jdk.incubator.vector']

export const backends: Record<BackendName, Backend> = {
  zipkin: {
    health: `${urls.zipkin}/health`,
    command: ({ home }) => ({
      ...java('768m', `-Darmeria.ports[0].port=${ports.zipkin}`, '-Darmeria.ports[0].ip=127.0.0.1', '-Darmeria.ports[0].protocols[0]=http', '-jar', join(home, 'zipkin-server-exec.jar')),
      // Some minutes of the demo. Its own 500,000 take two gigabytes, and a heap that is full stands still for seconds.
      env: { MEM_MAX_SPANS: '60000' },
    }),
  },
  prometheus: {
    health: `${urls.prometheus}/-/ready`,
    command: ({ home, data }) => ({
      file: join(home, 'prometheus'),
      args: [
        `--config.file=${join(data, 'prometheus.yml')}`, `--storage.tsdb.path=${join(data, 'tsdb')}`,
        `--web.listen-address=127.0.0.1:${ports.prometheus}`, '--web.enable-lifecycle', '--web.enable-remote-write-receiver', '--web.enable-otlp-receiver',
        // As deploy/compose.yaml starts it.
        '--enable-feature=exemplar-storage,created-timestamp-zero-ingestion',
      ],
    }),
  },
  elasticsearch: {
    health: `${urls.elasticsearch}/_cluster/health?wait_for_status=yellow&timeout=1s`,
    command: ({ home, data }) => ({
      ...java('512m', `-Des.path.home=${home}`, ...lucene, '-cp', join(home, 'lib/*'), 'Launcher', home),
      env: { ELASTICSEARCH_PORT: `${ports.elasticsearch}`, ELASTICSEARCH_DATA: data },
    }),
  },
  opensearch: {
    health: `${urls.opensearch}/_cluster/health?wait_for_status=yellow&timeout=1s`,
    command: ({ home, data }) => java('512m', ...lucene, '-cp', join(home, 'lib/*'), 'Launcher', data, `${ports.opensearch}`),
  },
  shipper: {
    health: `${urls.shipper}/`,
    command: () => ({
      file: process.execPath,
      args: [here('shipper/shipper.ts')],
      env: { SHIPPER_PORT: `${ports.shipper}`, ELASTICSEARCH_URL: urls.elasticsearch },
    }),
  },
  collector: {
    health: `${at(ports.collectorHealth)}/`,
    command: ({ home, data }) => ({
      file: join(home, 'collector'),
      args: [`--config=${here('../../deploy/collector/collector.yaml')}`],
      env: {
        OTLP_GRPC_ENDPOINT: `127.0.0.1:${ports.otlpGrpc}`,
        OTLP_HTTP_ENDPOINT: `127.0.0.1:${ports.otlpHttp}`,
        METRICS_ENDPOINT: `127.0.0.1:${ports.collectorMetrics}`,
        HEALTH_ENDPOINT: `127.0.0.1:${ports.collectorHealth}`,
        TELEMETRY_HOST: '127.0.0.1',
        TELEMETRY_PORT: `${ports.collectorTelemetry}`,
        ZIPKIN_URL: urls.zipkin,
        LOGSTASH_URL: urls.shipper,
        QUEUE_DIRECTORY: data,
        // Tests do not wait for what a platform would gather first, and want every trace.
        DECISION_WAIT: '1s', KEEP_PERCENTAGE: '100', SPAN_METRICS_INTERVAL: '5s',
      },
    }),
  },
}

/** What the tests need; the others start when they are named. */
export const usual: BackendName[] = ['zipkin', 'prometheus', 'elasticsearch', 'shipper', 'collector']
