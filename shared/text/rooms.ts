/**
 * Rooms whose messages a browser has on every page: the shell's, what goes wrong, states and figures, and sources.
 * The build makes one file of them (`nuxt.config.ts`), `useCatalogue` loads it before a page is taken over.
 */
export const everywhere = ['app', 'error', 'monitoring', 'source'] as const
