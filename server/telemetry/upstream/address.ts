import { lookup, type LookupAddress, type LookupAllOptions } from 'node:dns'
import { BlockList, isIP, type LookupFunction } from 'node:net'

/**
 * Where no backend lives, whatever a setting or a name server says: link-local addresses (the clouds' metadata, which
 * gives credentials to whoever asks), "this host", multicast. Private and loopback addresses are where backends live.
 */
const forbidden = new BlockList()
for (const [network, prefix] of [['0.0.0.0', 8], ['169.254.0.0', 16], ['224.0.0.0', 3]] as const) forbidden.addSubnet(network, prefix, 'ipv4')
for (const [network, prefix] of [['::', 128], ['fe80::', 10], ['ff00::', 8]] as const) forbidden.addSubnet(network, prefix, 'ipv6')
for (const metadata of ['100.100.100.200', '192.0.0.192']) forbidden.addAddress(metadata, 'ipv4')
forbidden.addAddress('fd00:ec2::254', 'ipv6')

export function isForbidden(address: string): boolean {
  const family = isIP(address)
  return family !== 0 && forbidden.check(address, family === 6 ? 'ipv6' : 'ipv4')
}

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

/** The system's look-up; a name that leads to an address where no backend lives leads nowhere. */
export const checkedLookup: LookupFunction = (hostname, options, callback) => {
  lookup(hostname, { ...options, all: true } as LookupAllOptions, (error, addresses) => {
    if (error) return callback(error, '')
    if (addresses.some(({ address }) => isForbidden(address))) return callback(Object.assign(new Error('not an address a backend may have'), { code: 'EADDRDENIED' }), '')
    // Declared for one address; asked for all, it is given all.
    if (options.all) return (callback as unknown as (error: null, addresses: LookupAddress[]) => void)(null, addresses)
    callback(null, addresses[0]!.address, addresses[0]!.family)
  })
}
