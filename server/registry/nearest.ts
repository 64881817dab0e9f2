import { parseTemplate, segmentKey } from '#shared/route/template'
import type { EndpointFields } from '#shared/schemas/endpoint'
import type { nearReasons } from '#shared/schemas/endpoint-list'

export interface Nearness {
  reason: (typeof nearReasons)[number]
  /** Segments more or fewer. */
  by: number
  /** 0 is nearest. */
  distance: number
}

type Route = Pick<EndpointFields, 'method' | 'template'>

/** Why two routes of a service do or do not collide, and how near they are. */
export function compareRoutes(mine: Route, other: Route): Nearness {
  const a = parseTemplate(mine.template).segments.map(segmentKey)
  const b = parseTemplate(other.template).segments.map(segmentKey)
  let shared = 0
  while (shared < Math.min(a.length, b.length) && a[shared] === b[shared]) shared++
  const distance = a.length + b.length - 2 * shared + (mine.method === other.method ? 0 : 0.5)
  const same = a.join('/') === b.join('/')

  if (same) return { reason: mine.method === other.method ? 'same-route' : 'method', by: 0, distance }
  if (mine.method !== other.method && a.length === b.length && fits(a, b)) return { reason: 'method', by: 0, distance }
  if (a.at(-1) !== '{*}' && b.at(-1) !== '{*}' && a.length !== b.length) {
    return { reason: b.length < a.length ? 'shorter' : 'longer', by: Math.abs(a.length - b.length), distance }
  }
  // Both take the same path in places; there the one with more text gets it.
  if (fits(a, b)) return { reason: rank(b) > rank(a) ? 'wider' : 'narrower', by: 0, distance }
  return { reason: 'text', by: 0, distance }
}

/** Whether some path would suit both. */
function fits(a: string[], b: string[]): boolean {
  for (let at = 0; at < Math.max(a.length, b.length); at++) {
    if (a[at] === '{*}' || b[at] === '{*}') return true
    if (a[at] === undefined || b[at] === undefined) return false
    if (a[at] !== b[at] && !a[at]!.includes('{}') && !b[at]!.includes('{}')) return false
  }
  return true
}

/** Orders keys as the matcher prefers them: the lower one gets the path. */
function rank(segments: string[]): string {
  return segments.map(segment => segment === '{*}' ? 3 : segment === '{}' ? 2 : segment.includes('{}') ? 1 : 0).join('')
}
