import type { NitroConfig } from 'nitropack/types'

// Nuxt knows a few of Nitro's options only; all of them are type-checked with this.
declare module '@nuxt/schema' {
  interface NitroTypes {
    config: NitroConfig
  }
}
