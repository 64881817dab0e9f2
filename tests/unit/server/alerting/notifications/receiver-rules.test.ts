import * as dns from 'node:dns'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { createPost } from '#server/alerting/notifications/post'
import { createReceiverRules } from '#server/alerting/notifications/receiver-rules'
import { createNetworkList, isPublic } from '#server/outgoing/addresses'

vi.mock('node:dns', { spy: true })

const usual = createReceiverRules({ networks: [], ports: [[80, 80], [443, 443], [8000, 8100]] })
const inside = createReceiverRules({ networks: ['10.20.0.0/16', '127.0.0.1'], ports: [[1, 65_535]] })

describe('SF-01 where a notification may go', () => {
  it.each(['https://hooks.example/services/T0/B0/x', 'https://hooks.example:8080/?token=1', 'https://8.8.8.8/', 'https://[2606:4700::1111]/'])('%s', (address) => {
    expect(usual.findFault(address)).toBeUndefined()
  })

  it.each([
    ['not_url', ['hooks.example', '', 'https://', '/relative']],
    ['scheme', ['ftp://hooks.example', 'file:///etc/passwd', 'javascript:alert(1)', 'http://hooks.example', 'data:text/plain,x']],
    ['login', ['https://user:secret@hooks.example', 'https://hooks.example@10.0.0.1/']],
    ['port', ['https://hooks.example:22', 'https://hooks.example:6379', 'https://hooks.example:7999']],
    ['denied', [
      'https://127.0.0.1', 'https://127.1', 'https://0x7f.1', 'https://2130706433', 'https://0177.0.0.1', 'https://0x7f000001', 'https://127.0.0.1./', 'https://１２７.０.０.１', 'https://[::1]', 'https://[::ffff:127.0.0.1]', 'https://[::ffff:7f00:1]', 'https://[::127.0.0.1]',
      'https://0.0.0.0', 'https://0', 'https://[::]', 'https://10.0.0.1', 'https://172.16.0.1', 'https://192.168.1.1', 'https://100.64.0.1', 'https://198.18.0.1', 'https://192.0.2.1',
      'https://169.254.169.254', 'https://0xA9FEA9FE', 'https://[::ffff:169.254.169.254]', 'https://100.100.100.200', 'https://[fd00:ec2::254]', 'https://[fd12::1]', 'https://[fe80::1]', 'https://[ff02::1]', 'https://224.0.0.1', 'https://255.255.255.255',
      'https://[64:ff9b::7f00:1]', 'https://[2002:7f00:1::]', 'https://[64:ff9b::a9fe:a9fe]',
    ]],
  ] as const)('not where it is refused as %s', (fault, addresses) => {
    for (const address of addresses) expect(usual.findFault(address), address).toBe(fault)
  })

  it('also into networks that the installation allows, over http too, and nowhere near them', () => {
    expect(inside.findFault('http://10.20.3.4:8065/hooks/x')).toBeUndefined()
    expect(inside.findFault('http://127.0.0.1:8080')).toBeUndefined()
    expect(inside.findFault('http://mattermost.internal:8065')).toBeUndefined()
    expect(inside.findFault('http://10.21.0.1')).toBe('denied')
    expect(inside.findFault('http://127.0.0.2')).toBe('denied')
    expect(inside.findFault('http://8.8.8.8')).toBe('denied')
  })

  it('SF-04 never to the clouds’ metadata, whatever is allowed', () => {
    const all = createReceiverRules({ networks: ['0.0.0.0/0', '::/0'], ports: [[1, 65_535]] })
    for (const address of ['http://169.254.169.254', 'https://169.254.169.254', 'http://[fd00:ec2::254]', 'http://0.0.0.0']) expect(all.findFault(address), address).toBe('denied')
  })

  it.each(['10.0.0.0/33', 'example', '10.0.0.0/8/8', '10.0.0.0/x', '::/129'])('a network is not %s', (network) => {
    expect(() => createNetworkList([network])).toThrow(RangeError)
  })

  it.each([['8.8.8.8', true], ['2606:4700::1111', true], ['172.32.0.1', true], ['172.31.255.255', false], ['::ffff:10.0.0.1', false]])('%s is public: %s', (address, expected) => {
    expect(isPublic(address)).toBe(expected)
  })
})

describe('names', () => {
  async function canary() {
    let hits = 0
    const server = createServer((_, response) => {
      hits++
      response.end()
    })
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => new Promise<void>(resolve => server.close(() => resolve())))
    return { port: (server.address() as AddressInfo).port, hits: () => hits }
  }

  function resolving(...addresses: string[]) {
    let n = 0
    vi.mocked(dns.lookup).mockImplementation(((_: string, __: unknown, callback: (error: null, found: { address: string, family: number }[]) => void) => {
      callback(null, [{ address: addresses[n++ % addresses.length]!, family: 4 }])
    }) as unknown as typeof dns.lookup)
  }

  it('SF-02 that lead to another address at every look-up reach none that is denied', async () => {
    const { port, hits } = await canary()
    // 127.0.0.9 stands for an address that is allowed; nobody listens there.
    resolving('127.0.0.9', '127.0.0.1')
    const post = createPost({ rules: createReceiverRules({ networks: ['127.0.0.9'], ports: [[1, 65_535]] }), now: () => new Date() })
    onTestFinished(() => post.close())
    const results: string[] = []
    for (let i = 0; i < 100; i++) results.push((await post(`http://rebinding.example:${port}/`, '{}')).answer.code)
    expect(hits()).toBe(0)
    expect(results.filter(code => code === 'notifications.answer.refused')).toHaveLength(50)
    expect(results.filter(code => code === 'notifications.answer.forbidden_address')).toHaveLength(50)
  })

  it.each(['127.0.0.1', '10.0.0.1', '169.254.169.254', '::ffff:127.0.0.1', '::1'])('that lead to %s lead nowhere', async (address) => {
    resolving(address)
    const post = createPost({ rules: usual, now: () => new Date() })
    onTestFinished(() => post.close())
    expect(await post('https://hooks.example/', '{}')).toEqual({ result: 'never', answer: { code: 'notifications.answer.forbidden_address' } })
  })

  it('that nobody knows lead nowhere, and are asked for again later', async () => {
    vi.mocked(dns.lookup).mockImplementation(((_: string, __: unknown, callback: (error: Error) => void) => callback(Object.assign(new Error(), { code: 'ENOTFOUND' }))) as unknown as typeof dns.lookup)
    const post = createPost({ rules: usual, now: () => new Date() })
    onTestFinished(() => post.close())
    expect(await post('https://hooks.example/', '{}')).toEqual({ result: 'later', answer: { code: 'notifications.answer.unknown_host' } })
  })
})
