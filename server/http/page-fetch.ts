import type { H3Event } from 'h3'
import { createRouter } from 'radix3'
import { withQuery, type QueryObject } from 'ufo'
import type { Asked } from './define-api-handler'

type Ask = (event: H3Event, asked: Asked) => Promise<unknown>
interface Route { path: string, method: string, handler: unknown }

/**
 * How a page that is being written asks our own API: the route's function is called, with the same checks and the same
 * answer, and without the request, the JSON and the parsing that a fetch would cost it (docs/decisions/0006).
 */
export function createPageFetch(routes: readonly Route[]) {
  const router = createRouter<{ route: string, ask: Ask }>()
  for (const { path, method, handler } of routes) {
    if (method === 'get' && typeof handler === 'function' && 'ask' in handler) router.insert(path, { route: path, ask: handler.ask as Ask })
  }

  return (event: H3Event) => {
    const fetch = event.$fetch as (path: string, options?: object) => Promise<unknown>
    return async (request: string, options: { method?: string, query?: QueryObject, params?: QueryObject } = {}): Promise<unknown> => {
      if ((options.method ?? 'GET').toUpperCase() !== 'GET') return fetch(request, options)
      const path = withQuery(request, { ...options.params, ...options.query })
      const found = router.lookup(path.split('?', 1)[0]!)
      return found ? found.ask(event, { route: found.route, path, params: found.params }) : fetch(request, options)
    }
  }
}
