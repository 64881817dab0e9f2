import type { LiveTopic } from '#shared/live-topics'
import type { LivePart } from './live-parts'

/**
 * New rows of a list wait until they are wanted. While nobody reads them (the page stands at its top, no pointer and no
 * focus on the list) they come in by themselves; else they are counted and wait for a click.
 */
export function useFreshRows<Page>({ topic, asked, page, error, beside, load, newOf, reading, follows, shown }: {
  topic: LiveTopic
  /** What is asked for; an answer to another question is dropped. */
  asked: Ref<unknown>
  page: Ref<Page | undefined>
  /** Why there is no page. */
  error: Ref<unknown>
  /** What is shown beside the rows, and heals by itself. */
  beside: LivePart
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
  const updatedAt = ref(page.value ? useNow().value : undefined)
  const waiting = shallowRef<{ page: Page, count: number }>()
  /** Why what is shown is older than it might be. */
  const failure = shallowRef<unknown>()
  const failed = computed(() => failure.value ?? (page.value === undefined ? error.value : undefined))

  const live = useLive([topic, 'status'], async () => {
    const isMissing = page.value === undefined
    if (!follows() && !isMissing) return
    const question = asked.value
    const fresh = await load().catch((reason: unknown) => void (question === asked.value && (failure.value = reason)))
    if (!fresh || question !== asked.value || live.paused.value || (!follows() && !isMissing)) return
    failure.value = undefined
    updatedAt.value = new Date()
    const count = newOf(page.value, fresh)
    if (count && reading()) waiting.value = { page: fresh, count }
    else show(fresh)
  }, { parts: [{ data: page, error: failed }, beside], concerns: { status: () => failed.value !== undefined } })

  function show(fresh = waiting.value?.page) {
    if (fresh) page.value = fresh
    waiting.value = undefined
    shown?.()
  }
  watch(page, () => page.value && (updatedAt.value = new Date()))
  watch(asked, () => {
    waiting.value = undefined
    failure.value = undefined
  })

  /** A source that is away is named above what it left; whether our own line is up is the line's to tell. */
  const away = computed(() => {
    const problem = page.value && failure.value ? problemOf(failure.value) : undefined
    return problem?.code === 'source.unavailable' ? problem : undefined
  })
  return { live, updatedAt, waiting, failed, away, show }
}
