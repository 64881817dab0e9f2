import type { MetricsAbout, MetricsAnswer, QueryMode, SavedQueryList } from '#shared/schemas/metrics'
import type { StatusBoard } from '#shared/schemas/status'

/** The explorer's query, which lives in the URL with its kind, range and step; what came of it, and what is kept. */
export function useMetricsQuery(about: Ref<MetricsAbout | undefined>) {
  const route = useRoute()
  const ask = useAsk()
  const { can } = useAccount()
  const { query: range } = useTimeRange('1h')
  const text = (value: unknown) => (typeof value === 'string' ? value : '')

  const query = computed(() => text(route.query.query).trim())
  const mode = computed<QueryMode>(() => (route.query.mode === 'instant' ? 'instant' : 'range'))
  const step = computed(() => text(route.query.step) || undefined)
  const asked = computed(() => ({ ...range.value, query: query.value, mode: mode.value, step: step.value }))

  const answering = useAsyncData('metrics-answer', async () => (about.value?.promql && query.value ? await ask<MetricsAnswer>('/api/metrics/query', { query: asked.value }) : null), { watch: [asked], deep: false })
  useHealing(answering.error, answering.refresh)
  const keeping = useAsyncData('metrics-saved', async () => (about.value?.promql ? await ask<SavedQueryList>('/api/metrics/saved') : null))
  // Where there is no query language, the figures that are counted here anyway.
  const counting = useAsyncData('metrics-board', async () => (about.value && !about.value.promql && can('status:read') ? await ask<StatusBoard>('/api/status', { query: range.value }) : null), { watch: [range] })

  /** The same again where nothing changed. */
  function run(written: string) {
    if (!written.trim()) return
    if (written.trim() === query.value) return answering.refresh()
    return navigateTo({ query: { ...route.query, query: written.trim() } })
  }

  return {
    query, mode, step, range, run,
    answer: answering.data, error: answering.error, busy: computed(() => answering.status.value === 'pending'),
    saved: keeping.data, readSaved: keeping.refresh,
    board: counting.data,
    loaded: Promise.all([answering, keeping, counting]),
  }
}
