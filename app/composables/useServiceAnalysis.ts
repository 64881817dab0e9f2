import { packTrend, packTrends } from '#shared/chart/packed-trend'
import type { ServiceAnalysis } from '#shared/schemas/service-analysis'

/** What one service does over the range of the page. */
export function useServiceAnalysis(name: MaybeRefOrGetter<string>) {
  const { query } = useTimeRange('5m')
  return useFetch(() => `/api/services/${encodeURIComponent(toValue(name))}/analysis`, { query, key: () => `service:${toValue(name)}`, deep: false, transform: packService })
}

export type PackedServiceAnalysis = ReturnType<typeof packService>

function packService({ trend, errors, ...analysis }: ServiceAnalysis) {
  return { ...analysis, trend: packTrends(trend), ...(errors !== undefined && { errors: errors && errors.map(({ trend, ...error }) => ({ ...error, trend: packTrend(trend) })) }) }
}
