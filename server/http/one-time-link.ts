import type { Services } from '#server/services'

/** The token stands behind `#`, so that no server, proxy or log ever sees it in an address. */
export function linkView({ config }: Pick<Services, 'config'>, path: '/setup' | '/reset', { token, expiresAt }: { token: string, expiresAt: Date }) {
  return { url: `${config.origin}${path}#${token}`, token, expiresAt: expiresAt.toISOString() }
}
