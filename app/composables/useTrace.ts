import type { TraceAnswer } from '#shared/schemas/trace'

const AGAIN = 3_000

/** What the page of one trace shows first; asked again while the trace still grows. */
export async function useTrace(traceId: string) {
  const asked = useFetch<TraceAnswer>(`/api/traces/${traceId}`, { key: `trace:${traceId}`, deep: false })
  const { data: trace, error, refresh } = asked

  let timer: ReturnType<typeof setInterval> | undefined
  onMounted(() => {
    timer = setInterval(() => {
      if (!trace.value?.settling) clearInterval(timer)
      else if (document.visibilityState === 'visible') refresh()
    }, AGAIN)
  })
  onBeforeUnmount(() => clearInterval(timer))

  await asked
  return { trace, error, refresh }
}
