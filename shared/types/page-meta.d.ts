import type { Requirement } from '../permissions'

declare module '#app' {
  interface PageMeta {
    /** Who may open the page; a page that names nothing is refused. */
    permission?: Requirement
    /** Draws the side bar as icons only. */
    narrow?: boolean
  }
  interface NuxtApp {
    $text: import('../text/text').Text
  }
}

