import { parseTemplate } from '../route/template'

/**
 * A template for a route that was only seen: variables get the name of what stands before them.
 * `/api/v1/orders/{}/receipt` becomes `/api/v1/orders/{orderId}/receipt`.
 */
export function suggestTemplate(routeKey: string): string {
  const used = new Set<string>()
  const segments = parseTemplate(routeKey).segments.map((segment, at, all) => segment.map((part) => {
    if (part.kind === 'literal') return part.text
    if (part.kind === 'tail') return '{path...}'
    return `{${unused(nameAfter(all[at - 1]?.map(before => before.text).join('') ?? ''), used)}}`
  }).join(''))
  return `/${segments.join('/')}`
}

function nameAfter(literal: string): string {
  const words = literal.replace(/[^A-Za-z0-9]+(.)?/g, (_, next?: string) => next?.toUpperCase() ?? '')
  if (!/^[A-Za-z]/.test(words)) return 'id'
  const singular = words.replace(/ies$/, 'y').replace(/(ss|x|ch|sh)es$/, '$1').replace(/([^s])s$/, '$1')
  return `${singular[0]!.toLowerCase()}${singular.slice(1)}Id`
}

function unused(name: string, used: Set<string>): string {
  let free = name
  for (let n = 2; used.has(free); n++) free = `${name}${n}`
  used.add(free)
  return free
}
