import { describe, expect, it } from 'vitest'
import { isForbidden } from '#server/outgoing/addresses'
import { checkedLookup, findAddressFault } from '#server/telemetry/upstream/address'
import { isPath, path } from '#server/telemetry/upstream/path'

describe('SF-04 the address of a backend', () => {
  it.each([
    'http://127.0.0.1:9411', 'http://localhost:9411', 'http://10.0.0.7:9411', 'http://192.168.1.5', 'https://zipkin.example/base/', 'http://[::1]:9411', 'http://[fd12::5]', 'http://zipkin',
  ])('may be %s', address => expect(findAddressFault(address)).toBeUndefined())

  it.each([
    'zipkin:9411', 'ftp://zipkin', 'file:///etc/passwd', 'http://user:secret@zipkin', 'http://zipkin/?x=1', 'http://zipkin/#x', '', 'http://',
    // The clouds' metadata, in every spelling that is one.
    'http://169.254.169.254', 'http://169.254.169.254./', 'http://2852039166', 'http://0xA9FEA9FE', 'http://0xa9.0xfe.0xa9.0xfe', 'http://0251.0376.0251.0376', 'http://169.254.43518',
    'http://[::ffff:169.254.169.254]', 'http://[::ffff:a9fe:a9fe]', 'http://１６９.２５４.１６９.２５４', 'http://100.100.100.200', 'http://192.0.0.192', 'http://[fd00:ec2::254]',
    'http://0.0.0.0', 'http://0', 'http://[::]', 'http://[fe80::1]', 'http://224.0.0.1', 'http://255.255.255.255', 'http://[ff02::1]',
  ])('may not be %s', (address) => {
    const fault = findAddressFault(address)
    expect(fault).toBeTruthy()
    expect(fault).not.toMatch(/secret|169/)
  })

  it('is looked up again, so that a name leads nowhere else either', async () => {
    const found = (all: boolean) => new Promise((resolve, reject) => checkedLookup('localhost', { all }, (error, ...answer) => (error ? reject(error) : resolve(answer))))
    expect(await found(false)).toEqual([expect.any(String), expect.any(Number)])
    expect(await found(true)).toEqual([expect.arrayContaining([{ address: expect.any(String), family: expect.any(Number) }])])
    expect(['169.254.169.254', '::ffff:169.254.169.254', '0.0.0.0'].every(isForbidden)).toBe(true)
    await expect(new Promise((resolve, reject) => checkedLookup('169.254.169.254', { all: true }, (error, answer) => (error ? reject(error) : resolve(answer))))).rejects.toMatchObject({ code: 'EADDRDENIED' })
  })
})

describe('IN-04 a path', () => {
  it.each(['orders', '주문', 'a b', 'a;b', 'a%2e', 'x'.repeat(200), 'logs-*', '{x}'])('takes %s as one segment', (value) => {
    const made = path`/api/${value}/rest`
    expect(isPath(made)).toBe(true)
    expect(made.split('/').map(decodeURIComponent)).toEqual(['', 'api', value, 'rest'])
  })

  it.each(['', '.', '..', 'a/b', 'a\\b', 'a\0b', 'a\r\nb', '\uD800'])('refuses %j', (value) => {
    expect(() => path`/api/${value}`).toThrow(RangeError)
  })
})
