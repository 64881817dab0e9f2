import { isPermission, type Requirement } from '#shared/permissions'

/**
 * Decides by the matched route record, never by the path as typed. A page that names no permission is refused like
 * one that does not exist. On the client this only spares a round trip: every API call is judged again.
 */
export default defineNuxtRouteMiddleware((to) => {
  // The server has refused already, and this browser is only taking over the page that says so.
  if (import.meta.client && useNuxtApp().isHydrating && useError().value) return
  // In the browser only a fatal error shows its page; on the server it would be written to the log as a fault of ours.
  const requirement = to.matched.at(-1)?.meta.permission as Requirement | undefined
  if (!to.matched.length || !requirement) throw createError({ status: 404, statusText: 'Not Found', fatal: import.meta.client })
  if (requirement === 'public') return

  const { user, session, can } = useAccount()
  if (!user.value && to.meta.displays) {
    if (session.value.display) return
    if (to.query.key) throw createError({ status: 403, statusText: 'Forbidden', fatal: import.meta.client, data: { code: 'access.display_ended' } })
  }
  // On the server another request will answer it: the router of this one knows its own page alone.
  if (!user.value) return navigateTo({ path: '/login', query: to.fullPath === '/' ? {} : { next: to.fullPath } }, { external: import.meta.server })
  if (isPermission(requirement) && !can(requirement)) {
    throw createError({ status: 403, statusText: 'Forbidden', fatal: import.meta.client, data: { code: 'access.forbidden', params: { permission: requirement } } })
  }
})
