import type { RouteLocationRaw } from 'vue-router'
import { formatDuration } from '#shared/text/format'
import { parseDuration } from '#shared/search/duration-text'
import { findTraceId } from '#shared/search/find-trace-id'
import { conditionsOf, listOf, readQuery, withCondition, withoutCondition, type Condition } from '#shared/search/tokens'
import { manyTraceConditions, readTraceCondition, traceConditions } from '#shared/search/trace-conditions'

const known = [...traceConditions, 'range', 'from', 'to', 'area', 'cursor']

/** The conditions of `/traces`, which live in its URL. */
export function useTraceConditions() {
  const route = useRoute()
  const text = useText()
  const query = computed(() => readQuery(route.query, known))
  const conditions = computed(() => conditionsOf(query.value, traceConditions))

  const tokens = computed(() => conditions.value.map(condition => ({
    ...condition, ...describe(condition), to: { query: withoutCondition(query.value, condition) },
  })))

  /** A condition in words. */
  function describe({ key, value }: Condition): { label: string, value: string, mono: boolean } {
    const label = text(`traces.filter.${key as (typeof traceConditions)[number]}`)
    const duration = () => formatDuration(parseDuration(value) ?? 0)
    if (key === 'min') return { label, value: text('traces.filter.atLeast', { duration: duration() }), mono: false }
    if (key === 'max') return { label, value: text('traces.filter.atMost', { duration: duration() }), mono: false }
    if (key === 'failed') return { label, value: text('traces.filter.failedOnly'), mono: false }
    if (key === 'attribute') return { label: value.slice(0, value.indexOf('=')), value: value.slice(value.indexOf('=') + 1), mono: true }
    return { label, value, mono: key !== 'status' }
  }

  /** Where something written leads: to a trace by any form of its id, to the search with one more condition. */
  function destination({ add }: { add: string }): RouteLocationRaw | undefined {
    if (!add) return { query: { ...query.value, cursor: undefined, area: undefined } }
    const found = findTraceId(add)
    if (found) return { path: `/traces/${found.traceId}`, query: found.spanId ? { span: found.spanId } : {} }
    const condition = readTraceCondition(add)
    return condition && { query: withCondition(query.value, condition, manyTraceConditions) }
  }

  /** What the form takes along when it is sent without a script. */
  const hidden = computed(() => Object.entries(query.value)
    .filter(([key]) => key !== 'cursor' && key !== 'area')
    .flatMap(([key, value]) => listOf(value).map((one): [string, string] => [key, one])))

  return { query, conditions, tokens, describe, destination, hidden }
}
