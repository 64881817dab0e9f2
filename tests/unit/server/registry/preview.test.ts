import { describe, expect, it } from 'vitest'
import { compareRoutes } from '#server/registry/nearest'
import { previewQuery } from '#shared/schemas/endpoint-list'
import { endpointInput } from '../../../support/endpoint'
import { createTestRegistry, person } from '../../../support/registry'

describe('two routes', () => {
  it.each([
    ['GET /orders/{id}', 'GET /orders/:x', 'same-route', 0],
    ['GET /orders/{id}', 'POST /orders/{id}', 'method', 0],
    ['GET /orders/{id}/receipt', 'GET /orders/{id}', 'shorter', 1],
    ['GET /orders/{id}/receipt', 'GET /orders', 'shorter', 2],
    ['GET /orders', 'GET /orders/{id}', 'longer', 1],
    ['GET /orders/{id}', 'GET /orders/export', 'narrower', 0],
    ['GET /orders/export', 'GET /orders/{id}', 'wider', 0],
    ['GET /files/{id}', 'GET /files/**', 'wider', 0],
    ['GET /orders/{id}', 'GET /payments/{id}', 'text', 0],
  ] as const)('%s, %s: %s', (mine, other, reason, by) => {
    const route = (text: string) => ({ method: text.split(' ')[0] as 'GET', template: text.split(' ')[1]! })
    expect(compareRoutes(route(mine), route(other))).toMatchObject({ reason, by })
  })
})

describe('preview of a route', () => {
  it('says what matches now, with real paths, and who holds it', async () => {
    const { registry, admin, call } = createTestRegistry()
    const holder = registry.endpoints.create(admin, endpointInput({ lifecycle: 'active' }))
    registry.endpoints.create(admin, endpointInput({ lifecycle: 'active', template: '/api/v1/orders' }))
    call({ routeKey: '/api/v1/orders/{}', consumer: 'partner-shop', path: '/api/v1/orders/4821907' }, 9)
    call({ routeKey: '/api/v1/orders/{}', consumer: 'partner-shop', path: '/api/v1/orders/4821907', status: 500 }, 1, 7_200)
    call({ routeKey: '/api/v1/orders/ord_7Kf2m', path: '/api/v1/orders/ord_7Kf2m?lang=en' }, 1, 60)

    const preview = await registry.endpoints.preview(admin, previewQuery.parse({ service: 'Api-Gateway', method: 'GET', template: '/api/v1/orders/{id}' }))
    expect(preview).toMatchObject({ routeKey: '/api/v1/orders/{}', problem: null, holder: { id: holder.id } })
    expect(preview.near).toMatchObject([{ endpoint: { template: '/api/v1/orders' }, reason: 'shorter', by: 1 }])
    expect(preview.traffic).toMatchObject({ requests: 10, errorRatio: 0.1, consumers: ['partner-shop'] })
    expect(preview.traffic.hours.filter(Boolean)).toEqual([1, 9])
    expect(preview.traffic.paths.map(path => path.parts.filter(part => part.variable).map(part => part.text))).toEqual([['4821907'], ['ord_7Kf2m']])
  })

  it('does not collide with the endpoint that is being edited', async () => {
    const { registry, admin } = createTestRegistry()
    const { id } = registry.endpoints.create(admin, endpointInput({ lifecycle: 'active' }))
    const preview = await registry.endpoints.preview(admin, previewQuery.parse({ service: 'api-gateway', template: '/api/v1/orders/{x}', except: id }))
    expect(preview).toMatchObject({ holder: null, near: [] })
  })

  it('names what is wrong with a template half typed, and asks telemetry nothing', async () => {
    const { registry, metrics } = createTestRegistry()
    const viewer = person('viewer', ['endpoints:read'])
    expect(await registry.endpoints.preview(viewer, previewQuery.parse({ template: '/orders/{id' }))).toMatchObject({ problem: 'unbalanced', traffic: { requests: 0, consumers: null } })
    expect(metrics.asked).toEqual({})
  })
})
