/**
 * New rows of a list wait until they are wanted. While nobody reads them (the page stands at its top, no pointer and no
 * focus on the list) they come in by themselves; else they are counted and wait for a click.
 */
export function useFreshRows<Page>({ page, load, newOf, reading, follows }: {
  page: Ref<Page | undefined>
  load: () => Promise<Page>
  /** How many of the fresh ones are not shown yet. */
  newOf: (shown: Page | undefined, fresh: Page) => number
  /** Whether rows must stay where they are. */
  reading: () => boolean
  /** Whether this view moves with the clock at all. */
  follows: () => boolean
}) {
  const paused = ref(false)
  const lost = ref(false)
  const updatedAt = ref(useNow().value)
  const waiting = shallowRef<{ page: Page, count: number }>()
  let loading = false

  async function refresh() {
    if (paused.value || loading || !follows() || document.hidden) return
    loading = true
    try {
      const fresh = await load()
      if (paused.value || !follows()) return
      updatedAt.value = new Date()
      lost.value = false
      const count = newOf(page.value, fresh)
      if (count && reading()) waiting.value = { page: fresh, count }
      else show(fresh)
    }
    catch {
      lost.value = true
    }
    finally {
      loading = false
    }
  }

  function show(fresh = waiting.value?.page) {
    if (fresh) page.value = fresh
    waiting.value = undefined
  }

  return { paused, lost, updatedAt, waiting, refresh, show }
}
