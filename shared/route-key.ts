import type { RouteMatcher } from './route/matcher'
import { normalisePath } from './route/path'
import { parseTemplate } from './route/template'

export { createRouteMatcher, type RouteMatcher } from './route/matcher'
export { normalisePath, pathOf } from './route/path'
export { parseTemplate, type RouteTemplate, type TemplatePart, type TemplateProblem } from './route/template'

/** Requests of which nobody can say where they went. */
export const NO_ROUTE = '(no route)'
/** Where the keys of a service beyond its quota go. */
export const OTHER_ROUTES = '(other)'

const known = new Map<string, string>()
const mostKnown = 5_000

/**
 * Route key of a template as registered, or as sent in `http.route`; `NO_ROUTE` where it catches everything and so
 * says nothing (`/**`, `/*`, empty).
 */
export function routeKeyOf(template: string): string {
  const held = known.get(template)
  if (held !== undefined) return held
  const { segments, key } = parseTemplate(template)
  const catchesAll = !template.trim() || (segments.length === 1 && segments[0]![0]!.kind === 'tail')
  const answer = catchesAll ? NO_ROUTE : key
  // Senders repeat a few hundred templates; one that sends ids as routes must not fill the memory.
  if (known.size >= mostKnown) known.clear()
  known.set(template, answer)
  return answer
}

/**
 * Where a request belongs: the sender's route, else the best registered template for its path, else the path with
 * its ids replaced. `path` may be `url.path`, `http.target` or `http.url`.
 */
export function requestRouteKey({ route, path, matcher }: { route?: string, path?: string, matcher?: RouteMatcher }): string {
  const key = route === undefined ? NO_ROUTE : routeKeyOf(route)
  if (key !== NO_ROUTE || !path) return key
  return matcher?.match(path) ?? normalisePath(path)
}
