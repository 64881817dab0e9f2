import { readViewState, viewStateKeys, writeViewState, type TraceViewState } from '#shared/trace/view-state'

/** What the reader chose, at once on the screen and then in the URL; the back button undoes what was pushed. */
export function useTraceState() {
  const route = useRoute()
  const router = useRouter()
  const state = shallowRef(readViewState(route.query))
  const others = () => Object.fromEntries(Object.entries(route.query).filter(([key]) => !viewStateKeys.includes(key)))
  const same = (a: TraceViewState, b: TraceViewState) => JSON.stringify(writeViewState(a)) === JSON.stringify(writeViewState(b))

  function change(patch: Partial<TraceViewState>, history: 'push' | 'replace' = 'push') {
    const next = { ...state.value, ...patch }
    if (same(next, state.value)) return
    state.value = next
    router[history]({ query: { ...others(), ...writeViewState(next) }, hash: route.hash })
  }

  watch(() => route.query, (query) => {
    const read = readViewState(query)
    if (route.name === 'traces-traceId' && !same(read, state.value)) state.value = read
  })

  return { state, change }
}
