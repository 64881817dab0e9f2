/** The query of a URL, as the router reads and writes it. */
export type SearchQuery = Record<string, string | string[] | undefined>

/** One condition of a search, shown as a thing that can be taken away. */
export interface Condition { key: string, value: string }

/** What belongs to one view of a result and not to the search: gone as soon as a condition changes. */
const ofTheView = ['cursor', 'area', 'line', 'add']

/** Only what a search knows, as the router gives it: nulls and empty values mean "not set". */
export function readQuery(raw: Record<string, unknown>, known: readonly string[]): SearchQuery {
  const query: SearchQuery = {}
  for (const key of known) {
    const values = (Array.isArray(raw[key]) ? raw[key] : [raw[key]]).filter((value): value is string => typeof value === 'string' && value !== '')
    if (values.length) query[key] = values.length === 1 ? values[0] : values
  }
  return query
}

export function conditionsOf(query: SearchQuery, keys: readonly string[]): Condition[] {
  return keys.flatMap(key => listOf(query[key]).map(value => ({ key, value })))
}

export function withoutCondition(query: SearchQuery, { key, value }: Condition): SearchQuery {
  const left = listOf(query[key]).filter(other => other !== value)
  return { ...searchOf(query), [key]: left.length > 1 ? left : left[0] }
}

/** Adds it, or takes the place of the one before where only one can be; `many` names those that can be several. */
export function withCondition(query: SearchQuery, { key, value }: Condition, many: readonly string[]): SearchQuery {
  const earlier = many.includes(key) ? listOf(query[key]).filter(other => other !== value) : []
  return { ...searchOf(query), [key]: earlier.length ? [...earlier, value] : value }
}

export function listOf(value: string | string[] | undefined): string[] {
  return value === undefined ? [] : Array.isArray(value) ? value : [value]
}

function searchOf(query: SearchQuery): SearchQuery {
  return Object.fromEntries(Object.entries(query).filter(([key]) => !ofTheView.includes(key)))
}
