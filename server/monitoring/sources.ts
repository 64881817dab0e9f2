import type { z } from 'zod'
import type { Clock } from '#server/clock'
import type { IngestStats, Signal } from '#server/telemetry/telemetry'
import type { receiverStats, sourcesAnswer } from '#shared/schemas/sources'
import { HOUR, MINUTE } from '#shared/units'
import { threeDigits } from './sent'
import type { createSourceHealth, Sources } from './source-health'

const hoursShown = 24

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
        receiver: received ? toReceiver(received, keyNames(), clock.now()) : null,
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

function toReceiver(stats: IngestStats, names: ReadonlyMap<string, string>, now: Date): z.input<typeof receiverStats> {
  const nameOf = (keyId: string) => names.get(keyId) ?? keyId
  const senderOf = ({ keyId, service }: { keyId: string, service: string }) => `${keyId} ${service}`
  const rejectedOf = Map.groupBy(stats.rejected, senderOf)
  const ratesOf = Map.groupBy(stats.rates, senderOf)
  return {
    receiving: stats.receiving,
    address: stats.address ?? null,
    grpcAddress: stats.grpcAddress ?? null,
    accepted: [...Map.groupBy(stats.accepted, senderOf)].map(([id, counts]) => {
      const of = (signal: string) => sum(counts.filter(count => count.signal === signal))
      return {
        service: counts[0]!.service, key: nameOf(counts[0]!.keyId), spans: of('traces'), points: of('metrics'), logs: of('logs'),
        rejected: sum(rejectedOf.get(id) ?? []), lastAt: latest(counts),
        rates: bySignal(signal => (of(signal) ? threeDigits(ratesOf.get(id)?.find(rate => rate.signal === signal)?.perSecond ?? 0) : null)),
      }
    }).sort((a, b) => b.spans - a.spans || a.service.localeCompare(b.service)),
    rejected: [...Map.groupBy(stats.rejected, ({ reason }) => reason)].map(([reason, counts]) => ({
      reason, count: sum(counts), services: distinct(counts.map(({ service }) => service)), keys: distinct(counts.map(({ keyId }) => nameOf(keyId))), lastAt: latest(counts),
    })).sort((a, b) => b.count - a.count),
    course: toCourse(stats, now),
    refused: stats.refused.map(refusal => ({ ...refusal, lastAt: refusal.lastAt.toISOString() })).sort((a, b) => b.count - a.count),
    queue: stats.queue,
    lag: { p50: stats.lag.p50 ?? null, p95: stats.lag.p95 ?? null },
    disk: { ...stats.disk, oldestSpan: stats.disk.oldestSpan?.toISOString() ?? null, oldestLog: stats.disk.oldestLog?.toISOString() ?? null, volume: stats.disk.volume ?? null },
    removed: stats.removed.map(removal => ({ ...removal, lastAt: removal.lastAt.toISOString() })),
    lastReceived: stats.services.map(({ service, signal, lastReceived }) => ({ service, signal, at: lastReceived.toISOString() })),
    setAside: stats.setAside ?? null,
  }
}

/** Every hour its own rate: the first one from when something first came, the last one up to now. */
function toCourse({ hours, since }: IngestStats, now: Date): z.input<typeof receiverStats>['course'] {
  const from = Math.floor(now.getTime() / HOUR) * HOUR - (hoursShown - 1) * HOUR
  const starts = Array.from({ length: hoursShown }, (_, i) => from + i * HOUR)
  const known = (start: number) => since !== undefined && start + HOUR > since.getTime()
  const at = (start: number) => hours.filter(hour => hour.at.getTime() === start)
  const seconds = (start: number) => Math.max(MINUTE, Math.min(start + HOUR, now.getTime()) - Math.max(start, since?.getTime() ?? 0)) / 1_000
  return {
    from: new Date(from).toISOString(), step: HOUR,
    accepted: bySignal(signal => starts.map((start) => {
      const taken = at(start).find(hour => hour.signal === signal)?.accepted
      return taken === undefined && !known(start) ? null : threeDigits((taken ?? 0) / seconds(start))
    })),
    rejected: starts.map(start => (at(start).length || known(start) ? at(start).reduce((total, { rejected }) => total + rejected, 0) : null)),
  }
}

function bySignal<T>(of: (signal: Signal) => T) {
  return { spans: of('traces'), points: of('metrics'), logs: of('logs') }
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
