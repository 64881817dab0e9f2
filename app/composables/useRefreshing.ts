/** Asks again every few seconds while the page is looked at and its range moves; answers when it last did. */
export function useRefreshing(refresh: () => Promise<unknown>, seconds = 10): Ref<Date> {
  const updatedAt = ref(useNow().value)
  const { range } = useTimeRange()
  onMounted(() => {
    const timer = setInterval(async () => {
      if (document.hidden || !range.value) return
      await refresh()
      updatedAt.value = new Date()
    }, seconds * 1_000)
    onBeforeUnmount(() => clearInterval(timer))
  })
  return updatedAt
}
