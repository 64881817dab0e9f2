import { describe, expect, it } from 'vitest'
import { isExactly, isFromOurselves } from '#server/http/cross-site'

const ours = 'https://bongsu.example'
const origins = { foreign: 'https://evil.example', null: 'null', absent: undefined, ours }
const sites = { 'same-origin': 'same-origin', 'same-site': 'same-site', 'cross-site': 'cross-site', 'none': 'none', 'absent': undefined }

describe('AN-12: a writing request with a cookie', () => {
  it.each(Object.keys(sites).flatMap(site => Object.keys(origins).map(origin => [site, origin] as const)))('from site %s with origin %s passes only as ours', (site, origin) => {
    const passes = isFromOurselves({ fetchSite: sites[site as keyof typeof sites], origin: origins[origin as keyof typeof origins], ours, byCookie: true })
    const allowed = [['same-origin', 'ours'], ['same-origin', 'absent'], ['absent', 'ours']].some(([s, o]) => s === site && o === origin)
    expect(passes).toBe(allowed)
  })

  it.each(['application/json'])('may carry %s', type => expect(isExactly('application/json', type)).toBe(true))
  it.each([undefined, '', 'text/plain', 'application/json; charset=utf-8', 'application/xml', 'multipart/form-data; boundary=x', 'application/x-www-form-urlencoded'])('may not carry %s', type => expect(isExactly('application/json', type)).toBe(false))
})

it('a token in the request itself needs no origin, but may not come from elsewhere', () => {
  expect(isFromOurselves({ ours, byCookie: false })).toBe(true)
  expect(isFromOurselves({ ours, byCookie: false, origin: origins.foreign })).toBe(false)
  expect(isFromOurselves({ ours, byCookie: false, fetchSite: 'cross-site' })).toBe(false)
})

it('localhost and 127.0.0.1 are the same machine to a page of ours', () => {
  const local = 'http://127.0.0.1:3000'
  expect(isFromOurselves({ ours: local, byCookie: true, fetchSite: 'same-origin', origin: 'http://localhost:3000' })).toBe(true)
  expect(isFromOurselves({ ours: local, byCookie: true, origin: 'http://localhost:3000' })).toBe(false)
})
