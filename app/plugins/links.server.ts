import routes from '#build/routes'
import type { RouteLocationRaw, Router, RouteRecordRaw } from 'vue-router'

const pages = routes as RouteRecordRaw[]

/** The router of a request knows the page asked for (`router.options.ts`), and learns another when a link names it. */
export default defineNuxtPlugin(() => {
  if (import.meta.dev) return
  const router: Router = useRouter()
  const { resolve } = router
  router.resolve = ((to: RouteLocationRaw, from?: Parameters<typeof resolve>[1]) => {
    const named = typeof to === 'object' && 'name' in to && to.name && !router.hasRoute(to.name) && pages.find(page => isOrHolds(page, to.name))
    if (named) router.addRoute(named)
    return resolve(to, from)
  }) as typeof resolve
})

function isOrHolds(page: RouteRecordRaw, name: RouteRecordRaw['name']): boolean {
  return page.name === name || Boolean(page.children?.some(child => isOrHolds(child, name)))
}
