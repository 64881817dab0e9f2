import { isIP, type LookupFunction } from 'node:net'
import { createCheckedLookup, createNetworkList, isForbidden, isPublic } from '#server/outgoing/addresses'

export type AddressFault = 'not_url' | 'scheme' | 'login' | 'port' | 'denied'

export interface ReceiverRules {
  /** What is wrong with an address somebody typed; undefined where nothing is. A name is judged when it is looked up. */
  findFault: (address: string) => AddressFault | undefined
  /** Looks names up for a scheme, and refuses those that lead where that scheme may not go. */
  lookups: Record<'http:' | 'https:', LookupFunction>
}

/**
 * Where a notification may go: over https to any public address, over either scheme into networks that the installation
 * allows, to ports it allows. Whoever may set a channel up could otherwise reach what only this machine reaches.
 */
export function createReceiverRules({ networks, ports }: { networks: readonly string[], ports: readonly (readonly [first: number, last: number])[] }): ReceiverRules {
  const isOwn = createNetworkList(networks)
  const isDenied = {
    'http:': (address: string) => isForbidden(address) || !isOwn(address),
    'https:': (address: string) => isForbidden(address) || !(isPublic(address) || isOwn(address)),
  }

  return {
    findFault(address) {
      if (!URL.canParse(address)) return 'not_url'
      const url = new URL(address)
      if (url.protocol !== 'http:' && url.protocol !== 'https:') return 'scheme'
      if (url.username || url.password) return 'login'
      const host = url.hostname.replace(/^\[|\]$/g, '')
      // Without a network of one's own there is no name that http could lead to.
      if (url.protocol === 'http:' && networks.length === 0 && !isIP(host)) return 'scheme'
      const port = Number(url.port) || (url.protocol === 'https:' ? 443 : 80)
      if (!ports.some(([first, last]) => port >= first && port <= last)) return 'port'
      return isIP(host) && isDenied[url.protocol](host) ? 'denied' : undefined
    },
    lookups: { 'http:': createCheckedLookup(isDenied['http:']), 'https:': createCheckedLookup(isDenied['https:']) },
  }
}
