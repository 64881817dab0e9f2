import type { SourcesAnswer } from '#shared/schemas/sources'

/** Sources and receiver, for those who may look after them. */
export function useSources({ immediate = true } = {}) {
  return useFetch<SourcesAnswer>('/api/sources', { key: 'sources', deep: false, immediate })
}
