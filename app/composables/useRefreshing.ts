/** Asks again when figures are new, while the page is looked at and its range moves; answers when it last did. */
export function useRefreshing(refresh: () => Promise<unknown>): Ref<Date> {
  const updatedAt = ref(useNow().value)
  const { range } = useTimeRange()
  useLive(['status', 'register'], async () => {
    if (!range.value) return
    await refresh()
    updatedAt.value = new Date()
  }, { every: 8_000 })
  return updatedAt
}
