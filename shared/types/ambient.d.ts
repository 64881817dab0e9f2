// Modules that only bundlers know. No import or export at top level here: that would turn these into augmentations.

declare module '*?worker' {
  const url: string
  export default url
}

declare module '#lucide' {
  const bodies: Record<string, string>
  export default bodies
}

declare module '#migrations' {
  const folder: string
  export default folder
}

declare module '#api-routes' {
  const routes: { path: string, method: string, handler: unknown }[]
  export default routes
}

declare module '#nitro-internal-pollyfills'

declare module 'nitropack/runtime/internal' {
  export function trapUnhandledNodeErrors(): void
}

interface ImportMetaEnv {
  /** Stylesheet of both families whole. */
  readonly WHOLE_FACES: string
}
