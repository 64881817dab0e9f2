/**
 * May this request change something? A browser says where a writing request comes from, by `Sec-Fetch-Site` (which
 * scripts cannot set) or at least by `Origin`. A cookie is sent along without being asked for, so with one the request
 * has to say that it is ours; a token or a password in the request itself was put there on purpose and needs no more
 * than that nothing speaks against it.
 */
export function isFromOurselves({ fetchSite, origin, ours, byCookie }: { fetchSite?: string, origin?: string, ours: string, byCookie: boolean }): boolean {
  if (fetchSite !== undefined && fetchSite !== 'same-origin') return false
  // A page opened through the other loopback name is still a page of ours, and says so with `same-origin`.
  if (origin !== undefined && origin !== ours) return fetchSite === 'same-origin' && isLoopback(origin) && isLoopback(ours)
  return !byCookie || fetchSite !== undefined || origin !== undefined
}

function isLoopback(origin: string): boolean {
  return /^http:\/\/(?:localhost|127\.0\.0\.1|\[::1\])(?::\d+)?$/.test(origin)
}

/** Without parameters or variants: what a form can send without asking first never gets further, whatever it holds. */
export function isExactly(contentType: string, sent: string | undefined): boolean {
  return sent?.trim().toLowerCase() === contentType
}
