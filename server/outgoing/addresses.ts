import { lookup, type LookupAddress, type LookupAllOptions } from 'node:dns'
import { BlockList, isIP, type LookupFunction } from 'node:net'

type Family = 'ipv4' | 'ipv6'
type Network = readonly [address: string, prefix: number, family: Family]

/**
 * Where nothing of ours ever goes, whatever a setting or a name server says: link-local addresses (the clouds' metadata,
 * which gives credentials to whoever asks), "this host", multicast.
 */
const forbidden = listOf([
  ['0.0.0.0', 8, 'ipv4'], ['169.254.0.0', 16, 'ipv4'], ['224.0.0.0', 3, 'ipv4'], ['100.100.100.200', 32, 'ipv4'], ['192.0.0.192', 32, 'ipv4'],
  ['::', 128, 'ipv6'], ['fe80::', 10, 'ipv6'], ['ff00::', 8, 'ipv6'], ['fd00:ec2::254', 128, 'ipv6'],
])

/** Loopback, a company's own networks, and ranges that lead back to either. */
const notPublic = listOf([
  ['127.0.0.0', 8, 'ipv4'], ['10.0.0.0', 8, 'ipv4'], ['172.16.0.0', 12, 'ipv4'], ['192.168.0.0', 16, 'ipv4'], ['100.64.0.0', 10, 'ipv4'],
  ['192.0.0.0', 24, 'ipv4'], ['192.0.2.0', 24, 'ipv4'], ['198.18.0.0', 15, 'ipv4'], ['198.51.100.0', 24, 'ipv4'], ['203.0.113.0', 24, 'ipv4'], ['192.88.99.0', 24, 'ipv4'],
  ['::1', 128, 'ipv6'], ['fc00::', 7, 'ipv6'], ['fec0::', 10, 'ipv6'], ['2001::', 23, 'ipv6'], ['2001:db8::', 32, 'ipv6'],
  // Each holds an IPv4 address, which may be any of those above.
  ['::', 96, 'ipv6'], ['64:ff9b::', 96, 'ipv6'], ['64:ff9b:1::', 48, 'ipv6'], ['2002::', 16, 'ipv6'],
])

/** Of an address in figures; a name is judged when it is looked up. */
export function isForbidden(address: string): boolean {
  return holds(forbidden, address)
}

export function isPublic(address: string): boolean {
  return !holds(forbidden, address) && !holds(notPublic, address)
}

/** Networks as `10.20.0.0/16`; throws what is none. */
export function createNetworkList(networks: readonly string[]): (address: string) => boolean {
  const list = listOf(networks.map((network) => {
    const [address = '', prefix = '', ...rest] = network.split('/')
    const family = isIP(address)
    const bits = Number(prefix || (family === 6 ? 128 : 32))
    if (family === 0 || rest.length || !/^\d*$/.test(prefix) || bits > (family === 6 ? 128 : 32)) throw new RangeError('not a network')
    return [address, bits, family === 6 ? 'ipv6' : 'ipv4'] as const
  }))
  return address => holds(list, address)
}

/** The system's look-up; a name that leads to an address that is denied, even among others, leads nowhere. */
export function createCheckedLookup(isDenied: (address: string) => boolean): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true } as LookupAllOptions, (error, addresses) => {
      if (error) return callback(error, '')
      if (addresses.some(({ address }) => isDenied(address))) return callback(Object.assign(new Error('not an address to go to'), { code: 'EADDRDENIED' }), '')
      // Declared for one address; asked for all, it is given all.
      if (options.all) return (callback as unknown as (error: null, addresses: LookupAddress[]) => void)(null, addresses)
      callback(null, addresses[0]!.address, addresses[0]!.family)
    })
  }
}

function listOf(networks: readonly Network[]): BlockList {
  const list = new BlockList()
  for (const [address, prefix, family] of networks) list.addSubnet(address, prefix, family)
  return list
}

function holds(list: BlockList, address: string): boolean {
  const family = isIP(address)
  return family !== 0 && list.check(address, family === 6 ? 'ipv6' : 'ipv4')
}
