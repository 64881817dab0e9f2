import pages from '#build/routes'
import type { RouteLocationRaw, Router, RouteRecordRaw } from 'vue-router'

/** The router of a request knows the page asked for (`router.options.ts`), and learns another when a link names it. */
export default defineNuxtPlugin(() => {
  if (import.meta.dev) return
  const router: Router = useRouter()
  const { resolve } = router
  router.resolve = ((to: RouteLocationRaw, from?: Parameters<typeof resolve>[1]) => {
    const named = typeof to === 'object' && 'name' in to && to.name && !router.hasRoute(to.name) && pageOf(to.name)
    if (named) router.addRoute(named)
    return resolve(to, from)
  }) as typeof resolve
})

function pageOf(name: RouteRecordRaw['name']): RouteRecordRaw | undefined {
  return (pages as RouteRecordRaw[]).find(page => page.name === name || page.children?.some(child => child.name === name))
}
