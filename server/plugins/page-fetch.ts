import type { H3Event } from 'h3'
import { defineNitroPlugin, useRuntimeConfig } from 'nitropack/runtime'
import { createPageFetch } from '#server/http/page-fetch'

/** Spares pages what a request of their own would cost them. */
export default defineNitroPlugin((nitro) => {
  const config = useRuntimeConfig()
  const ready = import('#api-routes').then(({ default: routes }) => createPageFetch(routes))

  nitro.hooks.hook('request', async (event) => {
    if (event.path.startsWith('/api/')) return
    event.$fetch = (await ready)(event) as H3Event['$fetch']
    // Else it is copied, and the environment read again, for every page.
    event.context.nitro = { ...event.context.nitro, errors: event.context.nitro?.errors ?? [], runtimeConfig: config }
  })
})
