import type { z } from 'zod'
import type { Clock } from '#server/clock'
import type { IngestStats, Signal } from '#server/telemetry/telemetry'
import { sourceSignals, type receiverStats, type sourcesAnswer, type SourcesQuery } from '#shared/schemas/sources'
import { HOUR, MINUTE } from '#shared/units'
import { threeDigits } from './sent'
import type { createSourceHealth, SignalName, Sources } from './source-health'

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
    async read({ check }: SourcesQuery): Promise<z.input<typeof sourcesAnswer>> {
      const [checked, received] = await Promise.all([check ? health.check(check === 'all' ? undefined : [check]) : health.read(), stats?.()])
      const { since, troubles } = health.history
      return {
        at: clock.now().toISOString(),
        sources: sourceSignals.map((signal) => {
          const { course, p95 } = health.history.latencies(signal)
          return { ...checked.find(source => source.signal === signal)!, ...capabilitiesOf(sources, signal), latencies: course, latencyP95: p95 }
        }),
        troubles: { since: since.toISOString(), list: troubles().map(({ from, to, ...rest }) => ({ ...rest, from: from.toISOString(), to: to?.toISOString() ?? null })) },
        receiver: received ? toReceiver(received, keyNames(), clock.now()) : null,
        retention,
      }
    },
  }
}

function capabilitiesOf({ traces, metrics, logs }: Sources, signal: SignalName): { can: string[], cannot: string[] } {
  const abilities: Record<SignalName, [code: string, isAble: boolean][]> = {
    traces: [
      [`attributes_${traces.capabilities.attributes}`, true],
      ['durations', traces.capabilities.durationFilter], ['totals', traces.capabilities.totals], ['failed', traces.capabilities.failed === 'outcome'],
      ['types', traces.capabilities.values === 'typed'], ['names', traces.capabilities.names === 'sent'],
    ],
    metrics: [['promql', metrics.capabilities.promql], ['consumers', metrics.capabilities.byConsumer], ['exemplars', metrics.capabilities.exemplars], ['errors', metrics.capabilities.errors]],
    logs: [[`text_${logs.capabilities.fullText}`, true], ['totals', logs.capabilities.totals]],
  }
  const those = (able: boolean) => abilities[signal].flatMap(([code, isAble]) => (isAble === able ? code : []))
  return { can: those(true), cannot: those(false) }
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
