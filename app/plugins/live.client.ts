import { createLiveConnection } from '~/composables/live-connection'

/** Outside of any page, so that the line outlives moving between them. Nothing opens before somebody listens. */
export default defineNuxtPlugin({
  name: 'live',
  dependsOn: ['session'],
  setup: () => ({ provide: { live: createLiveConnection() } }),
})
