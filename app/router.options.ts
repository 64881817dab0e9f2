import type { RouterConfig } from '@nuxt/schema'
import { createRouterMatcher, type RouteLocation, type RouterMatcher } from 'vue-router'

let pages: RouterMatcher | undefined
const start = { name: undefined, path: '/', params: {}, matched: [], meta: {} } satisfies Partial<RouteLocation>

/**
 * Every request has a router of its own; made of all pages it was a tenth of what a request allocates. It is made of the
 * page asked for, and `links.server.ts` adds what that page leads to by name.
 */
export default {
  routes: import.meta.server && !import.meta.dev
    ? (routes) => {
        pages ??= createRouterMatcher(routes, {})
        const path = useNuxtApp().ssrContext!.url.split(/[?#]/, 1)[0]!
        const [asked] = pages.resolve({ path }, start).matched
        return routes.filter(route => route.path === asked?.path)
      }
    : undefined,
} satisfies RouterConfig
