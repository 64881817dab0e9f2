import type { EndpointSort, ListedEndpoint, ListEndpoints } from '#shared/schemas/endpoint-list'
import { urgency } from '#shared/status/state'

type Compare = (a: ListedEndpoint, b: ListedEndpoint) => number

/** What is not known comes last, whichever way the rest is ordered. */
function by(value: (row: ListedEndpoint) => number | string | null | undefined): (direction: 1 | -1) => Compare {
  return direction => (a, b) => {
    const [x, y] = [value(a) ?? undefined, value(b) ?? undefined]
    if (x === undefined || y === undefined) return Number(x === undefined) - Number(y === undefined)
    return x === y ? 0 : x < y ? -direction : direction
  }
}

const keys: Record<EndpointSort, { compare: (direction: 1 | -1) => Compare, first: 'asc' | 'desc' }> = {
  worst: { compare: () => worstFirst, first: 'desc' },
  route: { compare: by(row => `${row.template} ${row.method}`), first: 'asc' },
  requests: { compare: by(row => row.live?.perSecond), first: 'desc' },
  errors: { compare: by(row => row.live?.errorRatio), first: 'desc' },
  p95: { compare: by(row => row.live?.p95), first: 'desc' },
  consumers: { compare: by(row => row.live?.consumers), first: 'desc' },
  lastCall: { compare: by(row => row.lastCall), first: 'desc' },
  updated: { compare: by(row => row.updatedAt), first: 'desc' },
}

const noHealth = 4
const worstFirst: Compare = (a, b) =>
  (a.health ? urgency[a.health] : noHealth) - (b.health ? urgency[b.health] : noHealth)
  || by(row => row.live?.errorRatio)(-1)(a, b)
  || by(row => row.live?.requests)(-1)(a, b)

/** Equal ones stay in the order of their routes, so that paging is stable. */
export function byOrder({ sort, order }: Pick<ListEndpoints, 'sort' | 'order'>): Compare {
  const key = keys[sort]
  const compare = key.compare((order ?? key.first) === 'asc' ? 1 : -1)
  return (a, b) => compare(a, b) || by(row => `${row.template} ${row.method} ${row.id}`)(1)(a, b)
}
