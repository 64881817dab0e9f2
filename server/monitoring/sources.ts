import type { z } from 'zod'
import type { Clock } from '#server/clock'
import type { IngestStats } from '#server/telemetry/telemetry'
import type { receiverStats, sourcesAnswer } from '#shared/schemas/sources'
import type { createSourceHealth, Sources } from './source-health'

export interface SourcesDependencies {
  clock: Clock
  sources: Sources
  health: ReturnType<typeof createSourceHealth>
  /** Undefined where nothing is embedded. */
  stats?: () => Promise<IngestStats>
  /** Names of ingest keys by id. */
  keyNames: () => ReadonlyMap<string, string>
  retention: z.input<typeof sourcesAnswer>['retention']
}

/** Everything known about where the figures come from; it changes nothing and knows no credential. */
export function createSources({ clock, sources, health, stats, keyNames, retention }: SourcesDependencies) {
  return {
    async read({ fresh }: { fresh?: 'true' }): Promise<z.input<typeof sourcesAnswer>> {
      const [checked, received] = await Promise.all([fresh ? health.check() : health.read(), stats?.()])
      return {
        at: clock.now().toISOString(),
        sources: checked.map(source => ({ ...source, capabilities: capabilitiesOf(sources, source.signal) })),
        receiver: received ? toReceiver(received, keyNames()) : null,
        retention,
      }
    },
  }
}

function capabilitiesOf({ traces, metrics, logs }: Sources, signal: 'traces' | 'metrics' | 'logs'): string[] {
  if (signal === 'traces') return [`attributes_${traces.capabilities.attributes}`, traces.capabilities.totals ? 'totals' : 'no_totals']
  if (signal === 'metrics') return [metrics.capabilities.promql ? 'promql' : 'no_promql', metrics.capabilities.byConsumer ? 'by_consumer' : 'no_by_consumer']
  return [`text_${logs.capabilities.fullText}`]
}

function toReceiver(stats: IngestStats, names: ReadonlyMap<string, string>): z.input<typeof receiverStats> {
  const nameOf = (keyId: string) => names.get(keyId) ?? keyId
  const rejectedOf = new Map(Map.groupBy(stats.rejected, ({ keyId, service }) => `${keyId} ${service}`).entries())
  return {
    receiving: stats.receiving,
    address: stats.address ?? null,
    accepted: [...Map.groupBy(stats.accepted, ({ keyId, service }) => `${keyId} ${service}`)].map(([id, counts]) => {
      const of = (signal: string) => sum(counts.filter(count => count.signal === signal))
      return {
        service: counts[0]!.service, key: nameOf(counts[0]!.keyId), spans: of('traces'), points: of('metrics'), logs: of('logs'),
        rejected: sum(rejectedOf.get(id) ?? []), lastAt: latest(counts),
      }
    }).sort((a, b) => b.spans - a.spans || a.service.localeCompare(b.service)),
    rejected: [...Map.groupBy(stats.rejected, ({ reason }) => reason)].map(([reason, counts]) => ({
      reason, count: sum(counts), services: distinct(counts.map(({ service }) => service)), keys: distinct(counts.map(({ keyId }) => nameOf(keyId))), lastAt: latest(counts),
    })).sort((a, b) => b.count - a.count),
    refused: stats.refused.map(refusal => ({ ...refusal, lastAt: refusal.lastAt.toISOString() })).sort((a, b) => b.count - a.count),
    queue: stats.queue,
    lag: { p50: stats.lag.p50 ?? null, p95: stats.lag.p95 ?? null },
    disk: { ...stats.disk, oldestSpan: stats.disk.oldestSpan?.toISOString() ?? null, oldestLog: stats.disk.oldestLog?.toISOString() ?? null },
    removed: stats.removed.map(removal => ({ ...removal, lastAt: removal.lastAt.toISOString() })),
    lastReceived: stats.services.map(({ service, signal, lastReceived }) => ({ service, signal, at: lastReceived.toISOString() })),
    setAside: stats.setAside ?? null,
  }
}

function sum(counts: { items: number }[]): number {
  return counts.reduce((total, { items }) => total + items, 0)
}

function latest(counts: { lastAt: Date }[]): string {
  return new Date(Math.max(...counts.map(({ lastAt }) => lastAt.getTime()))).toISOString()
}

function distinct(values: string[]): string[] {
  return [...new Set(values)].sort()
}
