import { onTestFinished } from 'vitest'
import { createSystemClock, type Clock } from '#server/clock'
import { createUpstream } from '#server/telemetry/upstream/upstream'
import { createTraceReader } from '#server/telemetry/zipkin/trace-reader'
import { createZipkinTraceSource } from '#server/telemetry/zipkin/zipkin-trace-source'
import type { ReadingRules } from '#server/telemetry/zipkin/trace-facts'

/** The source as it runs, worker and all, over whatever answers at an address. */
export function createZipkinAt(url: string, { clock = createSystemClock(), rules = { consumerAttributes: ['api.client.id'], routes: [], maskedKeys: ['token', 'authorization'] } }: { clock?: Clock, rules?: ReadingRules } = {}) {
  const upstream = createUpstream({ source: 'zipkin', url, clock, probe: '/health' })
  const reader = createTraceReader(() => rules)
  onTestFinished(async () => void await Promise.all([upstream.close(), reader.close()]))
  return createZipkinTraceSource({ upstream, reader, clock, rules: () => rules })
}
