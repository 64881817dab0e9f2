/**
 * Whether values under a name are secrets: one of its dotted parts is a masked name or ends in one, however it is
 * written. `db.adminPassword` and `X_API_KEY` are; `passwordless` is not.
 */
export function createKeyMask(names: readonly string[]): (name: string) => boolean {
  const masked = names.map(dashed)
  return name => name.split('.').some((part) => {
    const plain = dashed(part)
    return masked.some(secret => plain === secret || plain.endsWith(`-${secret}`))
  })
}

export const maskedValue = '[masked]'

/** Attributes that are a URL, or a part of one, whose query may carry a secret. */
export const urlKeys: ReadonlySet<string> = new Set(['url.full', 'url.query', 'http.url', 'http.target'])

/** `?token=abc&page=2` keeps its names. */
export function maskQuery(url: string, isMasked: (name: string) => boolean, isQuery = false): string {
  const at = isQuery ? 0 : url.indexOf('?') + 1
  if (at === 0 && !isQuery) return url
  return url.slice(0, at) + url.slice(at).replace(/([^&;=?#]+)=([^&;#]*)/g, (pair, name: string) => (isMasked(name) ? `${name}=${maskedValue}` : pair))
}

function dashed(name: string): string {
  return name.replace(/([a-z\d])([A-Z])/g, '$1-$2').replaceAll('_', '-').toLowerCase()
}
