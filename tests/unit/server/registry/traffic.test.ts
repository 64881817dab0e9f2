import { describe, expect, it } from 'vitest'
import { listEndpoints } from '#shared/schemas/endpoint-list'
import { endpointInput } from '../../../support/endpoint'
import { createTestRegistry, person, refusalOf } from '../../../support/registry'

describe('traffic nobody registered', () => {
  it('is listed with a template to begin with, inner services apart', async () => {
    const { registry, admin, call } = createTestRegistry()
    registry.endpoints.create(admin, endpointInput())
    call({ routeKey: '/api/v1/orders/{}' }, 5)
    call({ routeKey: '/api/v1/orders/{}/receipt', consumer: 'partner-shop', path: '/api/v1/orders/7/receipt' }, 3)
    call({ service: 'inner', routeKey: '/deep' }, 50)
    call({ routeKey: '(no route)' })
    call({ method: '', routeKey: 'notifications' })
    const { routes, counts } = await registry.unregistered.list(admin, { show: 'open' })
    expect(counts).toEqual({ open: 1, inner: 1, ignored: 0 })
    expect(routes).toMatchObject([
      { service: 'api-gateway', routeKey: '/api/v1/orders/{}/receipt', template: '/api/v1/orders/{orderId}/receipt', samplePath: '/api/v1/orders/7/receipt', requests: 3, consumers: ['partner-shop'] },
    ])
    expect(await registry.unregistered.list(admin, { show: 'inner' })).toMatchObject({ routes: [{ service: 'inner', requests: 50 }] })
  })

  it('leaves the list when it is registered, also as a draft', async () => {
    const { registry, admin, call } = createTestRegistry()
    call({ routeKey: '/x/{}' })
    expect(await registry.unregistered.list(admin, { show: 'open' })).toMatchObject({ counts: { open: 1 } })
    registry.endpoints.create(admin, endpointInput({ template: '/x/:any' }))
    expect(await registry.unregistered.list(admin, { show: 'open' })).toMatchObject({ counts: { open: 0 } })
  })

  it('can be ignored and taken back, once, with an audit row each', async () => {
    const { registry, admin, call, db } = createTestRegistry()
    call({ routeKey: '/health' })
    const route = { service: 'api-gateway', method: 'GET', routeKey: '/health' }
    registry.unregistered.ignore(admin, { ...route, ignored: true })
    registry.unregistered.ignore(admin, { ...route, ignored: true })
    expect(await registry.unregistered.list(admin, { show: 'open' })).toMatchObject({ counts: { open: 0, ignored: 1 } })
    expect(await registry.unregistered.list(admin, { show: 'ignored' })).toMatchObject({ routes: [{ ignored: { by: 'admin-01' } }] })
    registry.unregistered.ignore(admin, { ...route, ignored: false })
    expect(await registry.unregistered.list(admin, { show: 'open' })).toMatchObject({ counts: { open: 1 } })
    expect(db.$client.prepare('select action from audit_entries').pluck().all()).toEqual(['route.ignore', 'route.unignore'])
  })

  it('keeps its consumers from who may not read them', async () => {
    const { registry, call } = createTestRegistry()
    call({ routeKey: '/x', consumer: 'partner-shop' })
    expect((await registry.unregistered.list(person('viewer', ['endpoints:read']), { show: 'open' })).routes[0]!.consumers).toBeNull()
  })
})

describe('consumers', () => {
  it('appear from traffic, once, and keep the name that people give them', async () => {
    const { registry, admin, call } = createTestRegistry()
    call({ routeKey: '/x', consumer: 'partner-shop' })
    call({ routeKey: '/x' })
    await registry.discover()
    registry.consumers.update(admin, 'partner-shop', { name: '파트너샵', contact: 'shop@bongsu.example' })
    await registry.discover()
    const { consumers } = await registry.consumers.list({})
    expect(consumers).toMatchObject([{ id: 'partner-shop', name: '파트너샵', contact: 'shop@bongsu.example' }])
    expect(refusalOf(() => registry.consumers.update(admin, 'nobody', { name: 'x' })).code).toBe('consumer.not_found')
  })

  it('are noted at the next look where they could not be written down', async () => {
    const { registry, call, db, metrics, clock } = createTestRegistry()
    metrics.held.push({ service: 'api-gateway', firstSeen: clock.now(), lastSeen: clock.now(), versions: [], instances: 1 })
    call({ routeKey: '/x', consumer: 'partner-shop' })
    expect(registry.known.service('api-gateway')).toBeUndefined()
    db.$client.exec(`create temp trigger locked before insert on consumers begin select raise(abort, 'database is locked'); end`)
    await expect(registry.discover()).rejects.toThrow('locked')
    expect(registry.known.service('api-gateway'), 'found before that').toBeDefined()
    db.$client.exec('drop trigger locked')
    await registry.discover()
    expect((await registry.consumers.list({})).consumers).toMatchObject([{ id: 'partner-shop' }])
  })

  it('count what they called of the registered endpoints, and what nobody is known to have called', async () => {
    const { registry, admin, call } = createTestRegistry()
    const { id } = registry.endpoints.create(admin, endpointInput({ lifecycle: 'active', template: '/x' }))
    call({ routeKey: '/x', consumer: 'partner-shop', status: 502 }, 2)
    call({ routeKey: '/x', consumer: 'partner-shop', status: 404 })
    call({ routeKey: '/x' }, 4)
    call({ service: 'inner', routeKey: '/deep', consumer: 'partner-shop' }, 7)
    await registry.discover()
    expect(await registry.consumers.list({})).toMatchObject({ consumers: [{ requests: 3, failed: 2, clientErrors: 1, endpoints: 1 }], unknown: { requests: 4 } })
    expect((await registry.consumers.detail('partner-shop', {})).calls).toMatchObject([
      { routeKey: '/x', requests: 3, failed: 2, endpoint: { template: '/x' } },
      { routeKey: '/deep', requests: 7, endpoint: null },
    ])
    expect(await registry.consumers.ofEndpoint(id, {})).toMatchObject({ consumers: [{ id: 'partner-shop', requests: 3, failed: 2 }], unknown: { requests: 4 } })
  })
})

describe('services', () => {
  it('get their colour in the order they were first seen in, and keep it', async () => {
    const { registry, metrics, clock } = createTestRegistry()
    const seen = (service: string, minutesAgo: number) => ({
      service, firstSeen: new Date(clock.now().getTime() - minutesAgo * 60_000), lastSeen: clock.now(), versions: [], instances: 1,
    })
    metrics.held.push(seen('b', 5), seen('a', 9))
    await registry.discover()
    metrics.held.unshift(...Array.from({ length: 11 }, (_, i) => seen(`later-${String(i).padStart(2, '0')}`, 1)))
    await registry.discover()
    expect(registry.known.service('a')?.colour).toBe(1)
    expect(registry.known.service('b')?.colour).toBe(2)
    expect(registry.known.service('later-10')?.colour).toBe(1)
  })

  it('may set a limit of their own', () => {
    const { registry, admin } = createTestRegistry()
    registry.endpoints.create(admin, endpointInput())
    const limit = () => registry.known.service('api-gateway')!.latencyThreshold
    expect(limit()).toBeNull()
    registry.services.update(admin, 'api-gateway', { latencyThreshold: 800 })
    expect(limit()).toBe(800)
    registry.services.update(admin, 'api-gateway', { latencyThreshold: null })
    expect(limit()).toBeNull()
  })
})

describe('while telemetry does not answer', () => {
  it('lists still stand, say so, and claim nothing', async () => {
    const { registry, admin, metrics } = createTestRegistry()
    const { id } = registry.endpoints.create(admin, endpointInput())
    metrics.down = true
    const listed = await registry.endpoints.list(admin, listEndpoints.parse({}))
    expect(listed).toMatchObject({ total: 1, endpoints: [{ id, live: null, neverSeen: false }], warnings: [{ source: 'embedded', code: 'unavailable' }] })
    expect(await registry.unregistered.list(admin, { show: 'open' })).toMatchObject({ counts: { open: 0 }, warnings: [{ code: 'unavailable' }] })
    expect(await registry.consumers.ofEndpoint(id, {})).toMatchObject({ warnings: [{ code: 'unavailable' }] })
    expect(await registry.endpoints.detail(id)).toMatchObject({ lastCall: null, deletable: false })
    await expect(registry.endpoints.remove(admin, id)).rejects.toMatchObject({ code: 'source.unavailable' })
  })
})
