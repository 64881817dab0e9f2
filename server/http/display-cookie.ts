import { getQuery, sendRedirect, type H3Event } from 'h3'
import { withQuery } from 'ufo'
import type { Config } from '#server/config'
import type { Services } from '#server/services'

type Where = Pick<Config, 'secure'>

export function displayCookieName({ secure }: Where): string {
  return secure ? '__Host-bongsu-display' : 'bongsu-display'
}

/**
 * A screen opens `/wall?key=…`: the key moves into a cookie, so that neither the address bar nor the stream's requests
 * carry it. Lax, because such links are opened from chats; what it opens only reads. A key that does not count takes
 * the cookie away, and the page says so.
 */
export function takeDisplayKey(event: H3Event, { access, config, clock }: Services) {
  const { key, ...rest } = getQuery(event)
  if (event.path.split('?', 1)[0] !== '/wall' || typeof key !== 'string' || event.method !== 'GET') return undefined
  const display = access.identifyDisplay(key)
  const seconds = display ? Math.ceil((display.expiresAt.getTime() - clock.now().getTime()) / 1_000) : 0
  event.node.res.setHeader('set-cookie', `${displayCookieName(config)}=${display ? key : ''}; Path=/; HttpOnly; SameSite=Lax; Max-Age=${seconds}${config.secure ? '; Secure' : ''}`)
  if (!display) return undefined
  event.node.res.setHeader('cache-control', 'no-store')
  return sendRedirect(event, withQuery('/wall', rest))
}
