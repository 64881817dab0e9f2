import type { TraceAnswer } from '#shared/schemas/trace'

/** What the page of one trace shows first; asked again while the trace still grows. */
export async function useTrace(traceId: string) {
  const { data, error, refresh } = await useFetch<TraceAnswer>(`/api/traces/${traceId}`, { key: `trace:${traceId}`, deep: false })

  let timer: ReturnType<typeof setInterval> | undefined
  onMounted(() => {
    timer = setInterval(() => {
      if (!data.value?.settling) return clearInterval(timer)
      if (document.visibilityState === 'visible') refresh()
    }, 3_000)
  })
  onBeforeUnmount(() => clearInterval(timer))

  return { trace: data, error, refresh }
}
