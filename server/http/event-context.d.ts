import type { Services } from '../services'

declare module 'h3' {
  interface H3EventContext {
    services: Services
    /** Blesses this page's own scripts and styles. */
    nonce: string
  }
}
