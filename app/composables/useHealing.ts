/** How soon a source is asked again, ms. */
const every = 3_000

/** What a source could not answer is asked for again until it does, as long as somebody looks. */
export function useHealing(error: Readonly<Ref<unknown>>, refresh: () => Promise<unknown>): void {
  const isAway = computed(() => error.value !== undefined && error.value !== null && problemOf(error.value).code === 'source.unavailable')
  let timer: ReturnType<typeof setInterval> | undefined
  onMounted(() => watch(isAway, (away) => {
    clearInterval(timer)
    if (away) timer = setInterval(() => document.visibilityState === 'visible' && refresh(), every)
  }, { immediate: true }))
  onBeforeUnmount(() => clearInterval(timer))
}
