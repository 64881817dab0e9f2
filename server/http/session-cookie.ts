import type { Config } from '#server/config'

type Where = Pick<Config, 'secure'>

/** Decided by configuration, never by the request. */
export function sessionCookieName({ secure }: Where): string {
  return secure ? '__Host-bongsu' : 'bongsu'
}

export function sessionCookie(config: Where, token: string): string {
  return `${sessionCookieName(config)}=${token}; Path=/; HttpOnly; SameSite=Strict${config.secure ? '; Secure' : ''}`
}

export function expiredSessionCookie(config: Where): string {
  return `${sessionCookie(config, '')}; Max-Age=0`
}
