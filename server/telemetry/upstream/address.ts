import { createCheckedLookup, isForbidden } from '#server/outgoing/addresses'

/** Says what is wrong with an address that a setting names; the text never holds the address. */
export function findAddressFault(text: string): string | undefined {
  if (!URL.canParse(text)) return 'not a web address'
  const url = new URL(text)
  if (!['http:', 'https:'].includes(url.protocol)) return 'http or https only'
  if (url.username || url.password) return 'user and password have settings of their own'
  if (url.search || url.hash) return 'an address without query and fragment'
  if (isForbidden(url.hostname.replace(/^\[|\]$/g, ''))) return 'not an address a backend may have'
  return undefined
}

/** Private and loopback addresses are where backends live. */
export const checkedLookup = createCheckedLookup(isForbidden)
