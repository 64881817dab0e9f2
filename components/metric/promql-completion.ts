import type { PrometheusClient } from '@prometheus-io/codemirror-promql'
import type { MetricLabels, MetricNames } from '#shared/schemas/metrics'

type Ask = <T>(path: string, options?: { query?: object }) => Promise<T>

/** Completion through our own API; where it fails there is nothing to complete with. Each question is asked once a page. */
export function createCompletionClient(ask: Ask): PrometheusClient {
  const held = new Map<string, Promise<unknown>>()
  const once = <T>(path: string, query: Record<string, string> = {}): Promise<T | undefined> => {
    const key = `${path} ${JSON.stringify(query)}`
    const answer = held.get(key) as Promise<T | undefined> | undefined ?? ask<T>(path, { query }).catch(() => void held.delete(key))
    held.set(key, answer)
    return answer as Promise<T | undefined>
  }
  const of = (metric?: string): Record<string, string> => (metric ? { metric } : {})
  const values = async (label: string, metric?: string) => (await once<MetricLabels>(`/api/metrics/labels/${encodeURIComponent(label)}`, of(metric)))?.values ?? []
  const names = async () => (await once<MetricNames>('/api/metrics/names'))?.names ?? []

  return {
    labelNames: async metric => (await once<MetricLabels>('/api/metrics/labels', of(metric)))?.values ?? [],
    labelValues: values,
    metricNames: async () => (await names()).map(({ name }) => name),
    metricMetadata: async () => Object.fromEntries((await names()).map(({ name, type, help }) => [name, [{ type, help }]])),
    // The library looks for what a series holds; single labels tell it as well, without reading series.
    series: async (metric, _, label) => (label ? (await values(label, metric)).map(value => new Map([[label, value]])) : []),
    flags: async () => ({}),
  }
}
