/** How soon a source is asked again, ms. */
const every = 3_000

/**
 * What a source could not answer is asked for again until it does, as long as somebody looks; at once where it had only
 * not answered yet when the page was written. An answer that takes long is waited for.
 */
export function useHealing(error: Readonly<Ref<unknown>>, refresh: () => Promise<unknown>): void {
  const problem = computed(() => (error.value ? problemOf(error.value) : undefined))
  const isAway = computed(() => problem.value?.code === 'source.unavailable')
  let timer: ReturnType<typeof setTimeout> | undefined
  let left = false

  function schedule(wait: number) {
    clearTimeout(timer)
    if (isAway.value && !left) timer = setTimeout(again, wait)
  }
  async function again() {
    if (document.visibilityState === 'visible') await refresh()
    schedule(every)
  }

  onMounted(() => watch(isAway, () => schedule(problem.value?.params?.reason === 'slow' ? 0 : every), { immediate: true }))
  onBeforeUnmount(() => {
    left = true
    clearTimeout(timer)
  })
}
