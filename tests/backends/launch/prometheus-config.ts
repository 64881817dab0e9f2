import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parse, stringify } from 'yaml'
import { ports } from './backends.ts'

const deployed = fileURLToPath(new URL('../../../deploy/prometheus/', import.meta.url))

interface PrometheusConfig {
  global: { scrape_interval: string, evaluation_interval: string }
  scrape_configs: { job_name: string, static_configs: { targets: string[] }[] }[]
  storage?: unknown
}

/**
 * The configuration of deploy/, with the addresses of this set and a shorter interval. Prometheus reads no variables,
 * so what differs is put in here and everything else stays under test.
 */
export function writePrometheusConfig(path: string): void {
  const config = parse(readFileSync(join(deployed, 'prometheus.yml'), 'utf8')) as PrometheusConfig
  const targets: Record<string, number> = { 'otel-collector': ports.collectorMetrics, 'collector-itself': ports.collectorTelemetry, 'prometheus': ports.prometheus }
  for (const job of config.scrape_configs) job.static_configs = [{ targets: [`127.0.0.1:${targets[job.job_name]}`] }]
  config.global = { ...config.global, scrape_interval: '2s', evaluation_interval: '5s' }
  // A past of their own is what tests of queries write.
  config.storage = { tsdb: { out_of_order_time_window: '24h' } }
  writeFileSync(path, stringify(config))
  cpSync(join(deployed, 'rules'), join(dirname(path), 'rules'), { recursive: true })
}
