import type { TraceAnswer } from '#shared/schemas/trace'

/** What the page of one trace shows first; asked again when the stream says that it grew, until it is final. */
export async function useTrace(traceId: string) {
  const asked = useFetch<TraceAnswer>(`/api/traces/${traceId}`, { key: `trace:${traceId}`, deep: false })
  const { data: trace, error, refresh } = asked

  // Of lines only the services are told; once a trace is final, news of its services is no longer about it.
  const speaks = (services: string[]) => trace.value?.services.some(({ name }) => services.includes(name.toLowerCase()))
  useLive(['traces', 'logs'], () => refresh(), {
    every: 3_000,
    concerns: {
      traces: ({ ids, more, services }) => ids.includes(traceId.padStart(32, '0')) || (more && settling() && Boolean(speaks(services))),
      logs: ({ services }) => settling() && Boolean(speaks(services)),
    },
  })
  const settling = () => trace.value?.settling !== undefined

  // Nothing arrives when a trace becomes final, and a backend read from afar announces nothing.
  let timer: ReturnType<typeof setTimeout> | undefined
  onMounted(() => watch(() => trace.value?.settling?.until, (until) => {
    clearTimeout(timer)
    if (until) timer = setTimeout(refresh, Math.max(1_000, Date.parse(until) - Date.now() + 500))
  }, { immediate: true }))
  onBeforeUnmount(() => clearTimeout(timer))

  await asked
  return { trace, error, refresh }
}
