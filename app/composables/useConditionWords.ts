import { withoutCondition, type SearchQuery } from '#shared/search/tokens'

interface Condition { key: string, value: string }

/** Conditions in words, and the one without which something would have been found. */
export function useConditionWords<C extends Condition>({ query, describe, nothing }: {
  query: Ref<SearchQuery>
  describe: (condition: Condition) => { label: string, value: string }
  nothing: () => { without?: C | null } | null | undefined
}) {
  const inWords = (condition: Condition) => {
    const { label, value } = describe(condition)
    return `${label} ${value}`
  }
  const without = computed(() => {
    const reason = nothing()?.without
    return reason ? { ...reason, condition: inWords(reason), to: { query: withoutCondition(query.value, reason) } } : undefined
  })
  return { inWords, without }
}
