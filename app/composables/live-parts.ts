import { lacksPart } from '#shared/source-trouble'

/** One of the answers a page is made of, as `useFetch` and `useAsyncData` give it. */
export interface LivePart {
  data: Ref<unknown>
  error: Ref<unknown>
}

/** What a page that follows does not have: the whole of an answer, or a source's share of it. */
export interface Behind {
  kind: 'unanswered' | 'partly'
  /** ISO 8601, where it is known. */
  since?: string
  /** How long to wait before it is asked for again, ms. */
  again: number
}

/** What is not due to a source heals when somebody looks after it: asking more often would only fill the log. */
const patience = 5_000

/**
 * Watches over the answers of a page that follows. An answer that did not come while the page asked again leaves the last
 * one standing, which Nuxt would throw away; to another question the last answer is none.
 */
export function followParts(parts: LivePart[], isAskingAgain: () => boolean): ComputedRef<Behind | undefined> {
  for (const { data, error } of parts) {
    watch(data, (answer, last) => {
      if (answer === undefined && error.value && isAskingAgain()) data.value = last
    }, { flush: 'sync' })
  }

  return computed(() => {
    const failed = parts.find(({ error }) => error.value)
    if (failed) {
      const { code, params } = problemOf(failed.error.value)
      const isAway = code === 'source.unavailable'
      return { kind: 'unanswered', again: isAway ? 0 : patience, ...(isAway && typeof params?.since === 'string' && { since: params.since }) }
    }
    return parts.some(({ data }) => lacksPart(warningsOf(data.value))) ? { kind: 'partly', again: 0 } : undefined
  })
}

function warningsOf(answer: unknown): readonly { code: string }[] {
  return (answer as { warnings?: { code: string }[] } | null | undefined)?.warnings ?? []
}
