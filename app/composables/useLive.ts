import type { LiveData, LiveTopic } from '#shared/live-topics'
import type { LiveConnection, LiveMessage } from './live-connection'
import { followParts, type LivePart } from './live-parts'

const lostAfter = 16_000
/** An answer that takes longer than this is not waited for any more, ms. */
const longest = 30_000

/** Whether an event is about what the page shows. */
type Concerns = { [T in LiveTopic]?: (data: LiveData[T]) => boolean }

/**
 * Keeps a page's data fresh: `refresh` runs when something of these topics is new, at most once in `every` milliseconds, not while
 * the reader paused it or looks elsewhere; what was missed meanwhile is made up for at once. That a source went away or is
 * back concerns every page, at once. What is missing of `parts` is asked for again and again, without waiting for news.
 */
export function useLive(topics: LiveTopic[], refresh: () => Promise<unknown>, { parts = [], concerns = {}, every = 2_000 }: {
  /** The answers that the page shows. */
  parts?: LivePart[]
  concerns?: Concerns
  every?: number
} = {}) {
  const now = useNow()
  const paused = ref(false)
  const heardAt = ref<number>()
  let stale = false
  let ranAt = 0
  let asking = false
  let left = false
  let timer: ReturnType<typeof setTimeout> | undefined
  const behind = followParts(parts, () => asking)

  function concernsUs({ topic, data }: LiveMessage): boolean {
    if (topic === 'resync' || topic === 'sources') return true
    const judge = concerns[topic] as ((data: unknown) => boolean) | undefined
    return topics.includes(topic) && (!judge || judge(data))
  }

  function schedule(wait = every) {
    stale = true
    if (paused.value || document.visibilityState !== 'visible' || (asking && Date.now() - ranAt < longest) || (timer && wait)) return
    clearTimeout(timer)
    timer = setTimeout(ask, Math.max(0, ranAt + wait - Date.now()))
  }
  const scheduleMissing = () => behind.value && schedule(Math.max(every, behind.value.again))

  /** To ask again would throw away the answer that is on its way. */
  async function ask() {
    timer = undefined
    stale = false
    ranAt = Date.now()
    asking = true
    await refresh().finally(() => (asking = false))
    if (left) return
    if (stale) schedule()
    else scheduleMissing()
  }

  onMounted(() => {
    const live = useNuxtApp().$live as LiveConnection
    const catchUp = () => stale && schedule()
    const leave = live.subscribe((message) => {
      heardAt.value = live.heardAt.value
      if (concernsUs(message)) schedule(message.topic === 'sources' ? 0 : every)
    })
    heardAt.value = Date.now()
    document.addEventListener('visibilitychange', catchUp)
    scheduleMissing()
    onBeforeUnmount(() => {
      left = true
      leave()
      clearTimeout(timer)
      document.removeEventListener('visibilitychange', catchUp)
    })
  })

  return {
    paused,
    /** Nothing was heard for three rounds. */
    lost: computed(() => heardAt.value !== undefined && now.value.getTime() - heardAt.value > lostAfter),
    behind,
    toggle() {
      paused.value = !paused.value
      if (!paused.value && stale) schedule()
    },
  }
}

export type LiveState = ReturnType<typeof useLive>
