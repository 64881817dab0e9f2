import { describe, expect, it } from 'vitest'
import { createStateKeeper } from '#server/monitoring/state-keeper'
import { MINUTE, SECOND } from '#shared/units'
import { createFakeClock } from '../../../support/fake-clock'
import { createRegisterOf, knownEndpoint, knownService } from '../../../support/register'
import { createMetricsOf, traffic, type Call } from '../../../support/sources'

const clockAt = createFakeClock().now()
const ago = (ms: number) => new Date(clockAt.getTime() - ms)

function keeperOver(calls: Call[], register = createRegisterOf({})) {
  const clock = createFakeClock()
  const metrics = createMetricsOf(calls)
  return { clock, metrics, keeper: createStateKeeper({ clock, metrics, register }) }
}

describe('state keeper', () => {
  it('judges services nobody registered, and registered ones nobody called', async () => {
    const { keeper } = keeperOver(traffic({ service: 'shop', from: ago(10 * MINUTE), to: clockAt }), createRegisterOf({ services: [knownService('idle')] }))
    expect(await keeper.poll()).toEqual(['service:idle'])
    expect(keeper.service('shop')).toMatchObject({ state: 'healthy', reason: { code: 'monitoring.reason.within' } })
    expect(keeper.service('idle')).toMatchObject({ state: 'unknown', reason: { code: 'monitoring.reason.never' } })
  })

  it('says what changed since the last round', async () => {
    const calls = traffic({ service: 'shop', from: ago(10 * MINUTE), to: clockAt })
    const { keeper, clock } = keeperOver(calls)
    await keeper.poll()
    calls.push(...traffic({ service: 'shop', from: clockAt, to: new Date(clockAt.getTime() + 5_000), perMinute: 600, failed: true, failing: 1 }))
    clock.advance(5 * SECOND)
    expect(await keeper.poll()).toEqual(['service:shop'])
    expect(keeper.service('shop')!.state).toBe('critical')
    clock.advance(5 * SECOND)
    expect(await keeper.poll()).toEqual([])
  })

  it('knows after a start since when there was trouble before it', async () => {
    const { keeper } = keeperOver([
      ...traffic({ service: 'shop', from: ago(40 * MINUTE), to: ago(13 * MINUTE + 10 * SECOND) }),
      ...traffic({ service: 'shop', from: ago(13 * MINUTE + 10 * SECOND), to: clockAt, took: 11_000 }),
    ])
    await keeper.poll()
    expect(keeper.service('shop')).toMatchObject({
      state: 'critical',
      reason: { code: 'monitoring.reason.latency', params: { limit: { micros: 2_000_000 }, for: { params: { count: 12 } } } },
    })
    const strip = keeper.strip('shop')!
    expect(strip).toHaveLength(60)
    // Nothing, then green, then three fires to the end.
    expect(strip.map(state => state[0]).join('')).toMatch(/^u{18,20}h{26,28}c{13,15}$/)
  })

  it('says since when nothing comes, and not that all is well', async () => {
    const { keeper } = keeperOver(traffic({ service: 'worker', from: ago(40 * MINUTE), to: ago(7 * MINUTE) }))
    await keeper.poll()
    expect(keeper.service('worker')).toMatchObject({ state: 'unknown', since: ago(7 * MINUTE + SECOND), reason: { code: 'monitoring.reason.silent', params: { for: { params: { count: 7 } } } } })
  })

  it('tells a service that runs without requests from one that is gone', async () => {
    const { keeper } = keeperOver([
      ...traffic({ service: 'cron', kind: 'internal', from: ago(10 * MINUTE), to: clockAt }),
      ...traffic({ service: 'cron', from: ago(40 * MINUTE), to: ago(30 * MINUTE) }),
    ])
    await keeper.poll()
    expect(keeper.service('cron')!.reason.code).toBe('monitoring.reason.idle')
  })

  it('judges an endpoint by its own limits', async () => {
    const { keeper } = keeperOver(
      traffic({ service: 'api-gateway', method: 'POST', routeKey: '/pay', from: ago(10 * MINUTE), to: clockAt, took: 1_500 }),
      createRegisterOf({ services: [knownService('api-gateway')], endpoints: [knownEndpoint('e1', 'POST', '/pay', { latencyObjective: 1_000 }), knownEndpoint('e2', 'POST', '/draft', { lifecycle: 'draft' })] }),
    )
    await keeper.poll()
    expect(keeper.service('api-gateway')!.state).toBe('healthy')
    expect(keeper.endpoint('e1')!.state).toBe('degraded')
    expect(keeper.endpoint('e2')).toBeUndefined()
  })

  it('names the endpoint that has the failures, or the callee they come with', async () => {
    const span = { from: ago(10 * MINUTE), to: clockAt }
    const { keeper } = keeperOver([
      ...traffic({ service: 'api-gateway', method: 'POST', routeKey: '/process', failing: 0.6, ...span }),
      ...traffic({ service: 'api-gateway', method: 'GET', routeKey: '/orders', perMinute: 600, ...span }),
      ...traffic({ service: 'business', failing: 0.1, perMinute: 600, ...span }),
      ...traffic({ service: 'business', kind: 'client', remote: 'external', failing: 0.6, perMinute: 99, ...span }),
    ], createRegisterOf({ services: [knownService('api-gateway')], endpoints: [knownEndpoint('e1', 'POST', '/process')] }))
    await keeper.poll()
    expect(keeper.service('api-gateway')!.reason).toEqual({ code: 'monitoring.reason.errors_route', params: { limit: '1%', share: '100%', method: 'POST', route: '/process' } })
    expect(keeper.service('business')!.reason).toEqual({ code: 'monitoring.reason.errors_remote', params: { limit: '1%', share: '99%', remote: 'external' } })
  })

  it('says that the figures could not be read rather than keep an old state for good', async () => {
    const { keeper, metrics, clock } = keeperOver(traffic({ service: 'shop', from: ago(10 * MINUTE), to: clockAt }))
    await keeper.poll()
    metrics.broken = new Error('gone')
    clock.advance(30 * SECOND)
    await expect(keeper.poll()).rejects.toThrow('gone')
    expect(keeper.service('shop')!.state).toBe('healthy')
    clock.advance(30 * SECOND)
    expect(keeper.service('shop')).toMatchObject({ state: 'unknown', reason: { code: 'monitoring.reason.source' } })
  })

  it('asks the same few questions however many services there are', async () => {
    const asked = async (services: number) => {
      const { keeper, metrics, clock } = keeperOver(Array.from({ length: services }, (_, i) => traffic({ service: `s${i}`, from: ago(6 * MINUTE), to: clockAt })).flat())
      await keeper.poll()
      metrics.asked = 0
      clock.advance(SECOND)
      await keeper.poll()
      return metrics.asked
    }
    expect(await asked(20)).toBe(await asked(1))
  })
})
