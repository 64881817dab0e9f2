/**
 * Links are plain anchors: a link component costs the server a tenth of a millisecond each and the browser as much
 * again (docs/decisions/0006). What the component did is done here, once for the document.
 */
export default defineNuxtPlugin((nuxtApp) => {
  const router = useRouter()

  /** The page within the app that following an anchor leads to; nothing for all that the browser does better. */
  function pageOf(event: Event): string | undefined {
    const anchor = event.target instanceof Element ? event.target.closest('a') : null
    if (!anchor || anchor.origin !== location.origin || anchor.hasAttribute('download') || (anchor.target && anchor.target !== '_self')) return undefined
    if (anchor.hash && anchor.pathname === location.pathname && anchor.search === location.search) return undefined
    const path = anchor.pathname + anchor.search + anchor.hash
    return router.resolve(path).matched.length ? path : undefined
  }

  function follow(event: MouseEvent) {
    if (event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return
    const page = pageOf(event)
    if (!page) return
    event.preventDefault()
    void router.push(page)
  }

  /** The scripts of the page a reader is about to open; its data is asked for when it is opened. */
  function prepare(event: Event) {
    const page = pageOf(event)
    if (page) void preloadRouteComponents(page)
  }

  // Before that a click is the browser's: the answer is a page either way.
  nuxtApp.hooks.hookOnce('app:suspense:resolve', () => {
    document.addEventListener('click', follow)
    document.addEventListener('pointerover', prepare, { passive: true })
    document.addEventListener('focusin', prepare)
  })
})
