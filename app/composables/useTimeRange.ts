import { DAY, HOUR, MINUTE, type TimeWindow } from '#shared/units'

/** Ranges that move with the clock, as they stand in the URL. */
export const relativeRanges = { '5m': 5 * MINUTE, '15m': 15 * MINUTE, '30m': 30 * MINUTE, '1h': HOUR, '3h': 3 * HOUR, '12h': 12 * HOUR, '1d': DAY, '7d': 7 * DAY } as const
export type RelativeRange = keyof typeof relativeRanges

/**
 * The time range of the page, kept in the URL: `?range=5m` moves with the clock, `?from=&to=` in UTC stays. `query` is
 * what an API call and a link to another page take along.
 */
export function useTimeRange(fallback: RelativeRange = '5m') {
  const route = useRoute()
  const text = (value: unknown) => (typeof value === 'string' && value ? value : undefined)

  const fixed = computed(() => {
    const from = text(route.query.from)
    const to = text(route.query.to)
    if (!from || !to || Number.isNaN(Date.parse(from)) || Number.isNaN(Date.parse(to)) || Date.parse(from) >= Date.parse(to)) return undefined
    return { from, to }
  })
  const range = computed<RelativeRange | undefined>(() => {
    if (fixed.value) return undefined
    const wanted = text(route.query.range)
    return wanted && wanted in relativeRanges ? wanted as RelativeRange : fallback
  })
  const query = computed(() => fixed.value ?? { range: range.value! })

  /** The window at a moment; a relative range ends there. */
  function windowAt(now: Date): TimeWindow {
    if (fixed.value) return { from: new Date(fixed.value.from), to: new Date(fixed.value.to) }
    return { from: new Date(now.getTime() - relativeRanges[range.value!]), to: now }
  }

  function choose(choice: { range: RelativeRange } | { from: string, to: string }) {
    const { range: _range, from: _from, to: _to, cursor: _cursor, ...rest } = route.query
    return navigateTo({ query: { ...rest, ...choice } })
  }

  return { range, fixed, query, windowAt, choose }
}
