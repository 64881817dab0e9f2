import type { RouteLocationRaw } from 'vue-router'
import { logConditions, manyLogConditions, readLogCondition } from '#shared/search/log-conditions'
import { conditionsOf, listOf, readQuery, withCondition, withoutCondition, type Condition } from '#shared/search/tokens'

const known = [...logConditions, 'text', 'range', 'from', 'to', 'area', 'cursor', 'line']

/** The conditions of `/logs`, which live in its URL; `line` is the one that is opened. */
export function useLogConditions() {
  const route = useRoute()
  const text = useText()
  const query = computed(() => readQuery(route.query, known))
  const conditions = computed(() => conditionsOf(query.value, ['text', ...logConditions]))

  const tokens = computed(() => conditions.value.filter(({ key }) => key !== 'text').map(condition => ({
    ...condition, ...describe(condition), to: { query: withoutCondition(query.value, condition) },
  })))

  /** A condition in words. */
  function describe({ key, value }: Condition): { label: string, value: string, mono: boolean } {
    const label = text(`logs.filter.${key as 'text' | (typeof logConditions)[number]}`)
    if (key === 'level') return { label, value: text('logs.filter.levelFrom', { level: value.toUpperCase() }), mono: false }
    if (key === 'attribute') return { label: value.slice(0, value.indexOf('=')), value: value.slice(value.indexOf('=') + 1), mono: true }
    return { label, value, mono: key !== 'text' }
  }

  /** Where what was written leads. */
  function destination({ add, words = '' }: { add: string, words?: string }): RouteLocationRaw | undefined {
    const searched = { ...query.value, cursor: undefined, area: undefined, line: undefined, text: words.trim() || undefined }
    if (!add) return { query: searched }
    const condition = readLogCondition(add)
    return condition && { query: withCondition(searched, condition, manyLogConditions) }
  }

  const hidden = computed(() => Object.entries(query.value)
    .filter(([key]) => !['cursor', 'area', 'line', 'text'].includes(key))
    .flatMap(([key, value]) => listOf(value).map((one): [string, string] => [key, one])))

  return { query, conditions, tokens, describe, destination, hidden }
}
