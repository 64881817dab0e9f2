import { describe, expect, it } from 'vitest'
import { createTrustedAddress } from '#server/http/trusted-address'

describe('CA-03 the caller\'s address', () => {
  const address = createTrustedAddress(['10.0.0.0/8', '::1'])

  it.each([
    ['a peer we do not know is the caller, whatever it claims', '203.0.113.9', '198.51.100.1', '203.0.113.9'],
    ['behind a proxy it is the nearest hop the proxy saw', '10.0.0.1', '198.51.100.1, 203.0.113.9', '203.0.113.9'],
    ['a chain of proxies is walked from the right', '10.0.0.1', '203.0.113.9, 10.1.1.1, 10.2.2.2', '203.0.113.9'],
    ['what is not an address ends the walk', '10.0.0.1', 'spoofed, 10.0.0.7', '10.0.0.7'],
    ['a mapped address is the one it maps', '::ffff:10.0.0.1', '203.0.113.9', '203.0.113.9'],
    ['a port is not part of it', '10.0.0.1', '203.0.113.9:4711', '203.0.113.9'],
    ['a proxy that says nothing is the caller', '10.0.0.1', undefined, '10.0.0.1'],
  ])('%s', (_, peer, forwarded, expected) => {
    expect(address(peer, forwarded)).toBe(expected)
  })

  it('is unknown for calls the server makes to itself, header or not', () => {
    expect(address(undefined, '10.0.0.1')).toBeUndefined()
  })

  it('refuses a proxy list it cannot read', () => {
    expect(() => createTrustedAddress(['proxy.local'])).toThrow('NUXT_TRUSTED_PROXIES')
  })
})
