import type { LiveTopic } from '#shared/live-topics'
import type { Problem } from './problem'

/**
 * New rows of a list wait until they are wanted. While nobody reads them (the page stands at its top, no pointer and no
 * focus on the list) they come in by themselves; else they are counted and wait for a click.
 */
export function useFreshRows<Page>({ topic, asked, page, load, newOf, reading, follows, shown }: {
  topic: LiveTopic
  /** What is asked for; an answer to another question is dropped. */
  asked: Ref<unknown>
  page: Ref<Page | undefined>
  load: () => Promise<Page>
  /** How many of the fresh ones are not shown yet. */
  newOf: (shown: Page | undefined, fresh: Page) => number
  /** Whether rows must stay where they are. */
  reading: () => boolean
  /** Whether this view moves with the clock at all. */
  follows: () => boolean
  /** Told when fresh rows came in. */
  shown?: () => void
}) {
  const updatedAt = ref(useNow().value)
  const waiting = shallowRef<{ page: Page, count: number }>()
  /** Why what is shown is older than it might be. */
  const away = shallowRef<Problem>()

  const live = useLive([topic, 'status'], async () => {
    const isMissing = page.value === undefined
    if (!follows() && !isMissing) return
    const question = asked.value
    const fresh = await load().catch((error: unknown) => void (away.value = awayOf(error)))
    if (!fresh || question !== asked.value || live.paused.value || (!follows() && !isMissing)) return
    away.value = undefined
    updatedAt.value = new Date()
    const count = newOf(page.value, fresh)
    if (count && reading()) waiting.value = { page: fresh, count }
    else show(fresh)
  }, { concerns: { status: () => page.value === undefined || away.value !== undefined }, incomplete: () => page.value === undefined || away.value !== undefined })

  function show(fresh = waiting.value?.page) {
    if (fresh) page.value = fresh
    waiting.value = undefined
    shown?.()
  }
  watch(asked, () => {
    waiting.value = undefined
    away.value = undefined
  })

  return { live, updatedAt, waiting, away, show }
}

/** Whether the line is up is the line's to tell; any other answer that did not come is made up for by the next. */
function awayOf(error: unknown): Problem | undefined {
  const problem = problemOf(error)
  return problem.code === 'source.unavailable' ? problem : undefined
}
