import { BlockList, isIP } from 'node:net'

/**
 * The caller's address: the right-most hop of the chain that is not one of our proxies. What stands left of it was
 * written by the caller and says nothing. Undefined for calls the server makes to itself.
 *
 *   x-forwarded-for: spoofed, 203.0.113.9, 10.0.0.2     socket: 10.0.0.1     trusted: 10.0.0.0/8
 *                             ^ this one
 */
export function createTrustedAddress(trustedProxies: string[]) {
  const trusted = readList(trustedProxies)
  const isTrusted = (address: string) => trusted.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4')

  return (peer: string | undefined, forwardedFor: string | undefined): string | undefined => {
    const direct = plain(peer)
    if (!direct || !isTrusted(direct)) return direct
    let nearest = direct
    for (const hop of (forwardedFor ?? '').split(',').reverse()) {
      const address = plain(hop.trim())
      if (!address) break
      nearest = address
      if (!isTrusted(address)) break
    }
    return nearest
  }
}

function readList(entries: string[]): BlockList {
  const list = new BlockList()
  for (const entry of entries) {
    const [address = '', prefix] = entry.split('/')
    const family = isIP(address)
    if (!family) throw new RangeError(`NUXT_TRUSTED_PROXIES: ${entry} is neither an address nor a network`)
    const type = family === 6 ? 'ipv6' : 'ipv4'
    if (prefix === undefined) list.addAddress(address, type)
    else list.addSubnet(address, Number(prefix), type)
  }
  return list
}

/** One spelling: `::ffff:10.0.0.1` is 10.0.0.1, ports and brackets are dropped; anything else is no address. */
function plain(address: string | undefined): string | undefined {
  if (!address) return undefined
  const bare = address.replace(/^\[([^\]]+)\](?::\d+)?$/, '$1').replace(/^(\d+\.\d+\.\d+\.\d+):\d+$/, '$1').replace(/^::ffff:(?=\d+\.)/i, '')
  return isIP(bare) ? bare : undefined
}
