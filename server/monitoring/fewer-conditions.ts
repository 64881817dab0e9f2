import { withoutCondition, type Condition, type SearchQuery } from '#shared/search/tokens'

export interface Without extends Condition { count: number, atLeast: boolean }

/** Which one condition to drop so that most is found; undefined where no single one helps. */
export async function bestWithout(
  query: SearchQuery,
  conditions: readonly Condition[],
  count: (query: SearchQuery) => Promise<{ count: number, atLeast: boolean }>,
): Promise<Without | undefined> {
  const tried = await Promise.all(conditions.map(async condition => ({ ...condition, ...await count(withoutCondition(query, condition)) })))
  return tried.filter(({ count }) => count > 0).sort((a, b) => b.count - a.count)[0]
}
