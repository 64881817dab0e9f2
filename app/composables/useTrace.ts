import type { TraceAnswer } from '#shared/schemas/trace'

/** How soon a source is asked again that did not answer, and lines that may come late, ms. */
const soon = 1_000
const again = 3_000
const lateLines = 30_000
/** Lines go another way than spans, and may be minutes behind them, ms. */
const linesArriveFor = 10 * 60_000

/**
 * What the page of one trace shows first; asked again when the stream says that it grew, until it is final, and as
 * long as a source of it is away. What was shown stays meanwhile.
 */
export async function useTrace(traceId: string) {
  const asked = useFetch<TraceAnswer>(`/api/traces/${traceId}`, { key: `trace:${traceId}`, deep: false })
  const { data, error, refresh } = asked
  const trace = shallowRef(data.value)
  watch(data, answer => answer && (trace.value = answer), { flush: 'sync' })
  /** Why the trace itself is missing, or is not what it may be by now. */
  const away = computed(() => {
    const problem = error.value ? problemOf(error.value) : undefined
    return problem?.code === 'source.unavailable' ? problem : undefined
  })

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

  let timer: ReturnType<typeof setTimeout> | undefined
  let tries = 0
  /** When to ask without being told: nothing arrives when a trace becomes final or a source is back, and a backend read from afar announces nothing. */
  function next(): number | undefined {
    if (away.value || trace.value?.missing.length) return tries++ ? again : soon
    tries = 0
    if (!trace.value) return undefined
    if (trace.value.settling) return Math.max(soon, Date.parse(trace.value.settling.until) - Date.now() + 500)
    return trace.value.logs && Date.now() - Date.parse(trace.value.startedAt) < linesArriveFor ? lateLines : undefined
  }
  function schedule() {
    clearTimeout(timer)
    const wait = next()
    if (wait !== undefined) timer = setTimeout(ask, wait)
  }
  /** Nobody looks: then it is asked when somebody does. */
  async function ask() {
    if (document.visibilityState !== 'visible') return void document.addEventListener('visibilitychange', ask, { once: true })
    await refresh()
    schedule()
  }
  onMounted(() => watch([trace, away], schedule, { immediate: true }))
  onBeforeUnmount(() => {
    clearTimeout(timer)
    document.removeEventListener('visibilitychange', ask)
  })

  await asked
  return { trace, error, away, refresh }
}
