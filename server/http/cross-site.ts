/**
 * May this request change something? A browser says where it comes from: `Sec-Fetch-Site` (which scripts cannot set)
 * or at least `Origin`, always on writing methods. What carries neither was not sent by a page of another site, so
 * scripts with a token or a cookie of their own pass.
 */
export function isFromOurselves({ fetchSite, origin, ours }: { fetchSite?: string, origin?: string, ours: string }): boolean {
  if (fetchSite !== undefined && fetchSite !== 'same-origin') return false
  // A page opened through the other loopback name is still a page of ours, and says so with `same-origin`.
  if (origin !== undefined && origin !== ours) return fetchSite === 'same-origin' && isLoopback(origin) && isLoopback(ours)
  return true
}

function isLoopback(origin: string): boolean {
  return /^http:\/\/(?:localhost|127\.0\.0\.1|\[::1\])(?::\d+)?$/.test(origin)
}

/** Without parameters or variants: what a form can send without asking first never gets further, whatever it holds. */
export function isExactly(contentType: string, sent: string | undefined): boolean {
  return sent?.trim().toLowerCase() === contentType
}
