import { describe, expect, it } from 'vitest'
import { findCallRates } from '#server/alerting/detection/call-rates'
import { look, steps, type Thing } from '../../../support/series'

const route: Thing = { service: 'auth', method: 'POST', routeKey: '/validate' }
const keys: Thing = { service: 'auth', kind: 'call', operation: 'GET', remote: 'keys.example', remoteKind: 'address' }
const calls = (usual: number, now: number, count = 3): Pick<Thing, 'usual' | 'now'> => ({ usual: { calls: usual }, now: steps(count, { calls: now }) })

function found(things: Thing[], options?: Parameters<typeof look>[1]) {
  const { view, graph } = look(things, options)
  return findCallRates(view, graph)
}

describe('T3', () => {
  it.each<[string, Thing[], 'critical' | 'info' | undefined]>([
    ['a call for each request instead of one in twenty pages by itself', [route, { ...keys, ...calls(1, 20) }], 'critical'],
    ['four times as many are an insight', [route, { ...keys, ...calls(4, 16) }], 'info'],
    ['twice as many are none', [route, { ...keys, ...calls(10, 20) }], undefined],
    ['as many for each of four times the requests are none', [{ ...route, ...calls(20, 80) }, { ...keys, ...calls(10, 40) }], undefined],
    ['a few requests say nothing', [{ ...route, usual: { calls: 1 } }, { ...keys, ...calls(0.05, 1) }], undefined],
    ['a few requests for two minutes do', [{ ...route, usual: { calls: 2 } }, { ...keys, ...calls(0.05, 2, 12) }], 'critical'],
    ['an entry that hardly moved does not page for it', [{ ...route, usual: { time: 200 }, now: steps(12, { time: 242 }) }, { ...keys, ...calls(4, 16) }], 'info'],
    ['a remote that was never called is an insight', [route, { ...keys, usual: { calls: 0 }, now: steps(3, { calls: 10 }) }], 'info'],
    ['an address that was never called is none: it comes with a deployment', [route, { ...keys, remote: '10.1.2.3:8080', usual: { calls: 0 }, now: steps(3, { calls: 10 }) }], undefined],
    ['refused calls page: a quota is used up', [route, { ...keys, usual: { calls: 4 }, now: steps(3, { calls: 16, refused: 8 }) }], 'critical'],
    ['entries that are slower for it page', [{ ...route, usual: { time: 20 }, now: steps(3, { time: 260 }) }, { ...keys, ...calls(4, 16) }], 'critical'],
  ])('%s', (_, things, severity) => {
    expect(found(things)[0]?.severity).toBe(severity)
  })

  it('is not led astray by another mix of routes', () => {
    const rare: Thing = { service: 'auth', method: 'POST', routeKey: '/login', ...calls(2, 16) }
    // Each login makes two calls, and there are eight times as many logins.
    expect(found([route, rare, { ...keys, ...calls(4, 32) }])).toEqual([])
  })

  it('asks for a hundred requests of what is usual', () => {
    expect(found([{ ...route, usual: { calls: 0 }, now: steps(3, {}) }, { ...keys, usual: { calls: 0 }, now: steps(3, { calls: 20 }) }])).toEqual([])
  })

  it('goes on until less than half of it is left', () => {
    const less = [route, { ...keys, ...calls(2, 4, 6) }]
    expect(found(less)).toEqual([])
    expect(found(less, { firing: ['t3 auth'] })).toHaveLength(1)
  })

  it('says how often, and since when', () => {
    const [finding] = found([route, { ...keys, ...calls(1, 20) }])
    expect(finding).toMatchObject({ subject: { service: 'auth', operation: 'GET', remote: 'keys.example' }, reason: { code: 'alerting.call_rate.more', params: { now: '1.0', usual: '0.050' } } })
    expect(finding!.onset.toISOString()).toBe('2026-11-23T13:59:30.000Z')
  })
})
