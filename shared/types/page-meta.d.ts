import type { Requirement } from '../permissions'

declare module '#app' {
  interface PageMeta {
    /** Who may open the page; a page that names nothing is refused. */
    permission?: Requirement
    /** Opens to a screen on a wall as well. */
    displays?: boolean
    /** Draws the side bar as icons only. */
    narrow?: boolean
  }
  interface NuxtApp {
    $text: import('../text/text').Text
  }
}

