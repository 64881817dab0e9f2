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

function dashed(name: string): string {
  return name.replace(/([a-z\d])([A-Z])/g, '$1-$2').replaceAll('_', '-').toLowerCase()
}
