import { lacksPart } from '#shared/source-trouble'

/** One of the answers a page is made of, as `useFetch` and `useAsyncData` give it. */
export interface LivePart {
  data: Ref<unknown>
  error: Ref<unknown>
  /** What is asked for, where this part is asked for apart from the others. */
  question?: Ref<unknown>
}

/** What a page that follows does not have: the whole of an answer, a source's share of it, or what was only not there yet when it was written. */
export interface Behind {
  kind: 'unanswered' | 'partly' | 'awaited'
  /** ISO 8601, where it is known. */
  since?: string
  /** How long to wait before it is asked for again, ms. */
  again: number
}

interface Warning { code: string, params?: Record<string, unknown> }

/** What is not due to a source heals when somebody looks after it: asking more often would only fill the log. */
const patience = 5_000

/**
 * Watches over the answers of a page that follows. An answer that did not come while the same was asked again leaves the
 * last one standing, which Nuxt would throw away; to another question the last answer is none.
 */
export function followParts(parts: LivePart[], isAskingAgain: () => boolean): ComputedRef<Behind | undefined> {
  for (const { data, error, question } of parts) {
    let answered = JSON.stringify(question?.value)
    watch(data, (answer, last) => {
      if (answer !== undefined) answered = JSON.stringify(question?.value)
      else if (error.value && (question ? JSON.stringify(question.value) === answered : isAskingAgain())) data.value = last
    }, { flush: 'sync' })
  }

  return computed(() => {
    const failed = parts.find(({ error }) => error.value)
    if (failed) {
      const { code, params } = problemOf(failed.error.value)
      const isAway = code === 'source.unavailable'
      if (isAway && params?.reason === 'slow') return { kind: 'awaited', again: 0 }
      return { kind: 'unanswered', again: isAway ? 0 : patience, ...(isAway && typeof params?.since === 'string' && { since: params.since }) }
    }
    const missing = parts.flatMap(({ data }) => warningsOf(data.value)).filter(warning => lacksPart([warning]))
    if (!missing.length) return undefined
    return { kind: missing.every(({ params }) => params?.reason === 'slow') ? 'awaited' : 'partly', again: 0 }
  })
}

function warningsOf(answer: unknown): readonly Warning[] {
  return (answer as { warnings?: Warning[] } | null | undefined)?.warnings ?? []
}
