import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { endpointSorts, listEndpoints } from '#shared/schemas/endpoint-list'
import { endpointInput } from '../../../support/endpoint'
import { createTestRegistry, newest, person } from '../../../support/registry'

const query = (input: Record<string, unknown> = {}) => listEndpoints.parse(input)

function filled() {
  const room = createTestRegistry()
  const { registry, admin, call } = room
  const orders = registry.endpoints.create(admin, endpointInput({ lifecycle: 'active', nameKo: '주문 조회', ownerTeam: '주문팀', tags: ['core'] }))
  const process = registry.endpoints.create(admin, endpointInput({ lifecycle: 'active', method: 'POST', template: '/api/v1/process', ownerTeam: '연동플랫폼팀' }))
  const draft = registry.endpoints.create(admin, endpointInput({ template: '/api/v2/process', method: 'POST' }))
  call({ routeKey: '/api/v1/orders/{}', consumer: 'partner-shop', duration: 100_000 }, 30)
  call({ routeKey: '/api/v1/orders/{}', consumer: 'partner-pay', duration: 120_000 }, 30)
  call({ routeKey: '/api/v1/process', method: 'POST', consumer: 'partner-shop', duration: 8_000_000, status: 502 }, 6)
  call({ routeKey: '/api/v1/process', method: 'POST', duration: 300_000 }, 4, 100)
  return { ...room, orders, process, draft }
}

describe('list of endpoints', () => {
  it('shows each with its figures, the worst first and what nobody called last', async () => {
    const { registry, admin, orders, process, draft } = filled()
    const { endpoints, sum, total } = await registry.endpoints.list(admin, query())
    expect(endpoints.map(row => row.id)).toEqual([process.id, orders.id, draft.id])
    expect(endpoints[0]!.live).toMatchObject({ requests: 10, failed: 6, errorRatio: 0.6, perSecond: 10 / 300, p95: 8_000_000, consumers: 1 })
    expect(endpoints[1]!.live).toMatchObject({ requests: 60, errorRatio: 0, consumers: 2 })
    expect(endpoints[2]).toMatchObject({ live: null, lastCall: null, neverSeen: true })
    expect(total).toBe(3)
    expect(sum).toMatchObject({ requests: 70, failed: 6, errorRatio: 6 / 70 })
  })

  it('says from which figures on each is in trouble: its own limit, else its service’s', async () => {
    const { registry, admin, orders } = filled()
    registry.services.update(admin, orders.service, { latencyThreshold: 700 })
    const own = registry.endpoints.create(admin, endpointInput({ template: '/own', latencyObjective: 150, errorDegraded: 0.05 }))
    const limits = new Map((await registry.endpoints.list(admin, query())).endpoints.map(row => [row.id, row.limits]))
    expect(limits.get(orders.id)).toEqual({ latency: 700, errorDegraded: 0.01 })
    expect(limits.get(own.id)).toEqual({ latency: 150, errorDegraded: 0.05 })
  })

  it('draws the course from the start of the window, with nothing where nobody called', async () => {
    const { registry, admin, process } = filled()
    const row = (await registry.endpoints.list(admin, query())).endpoints.find(({ id }) => id === process.id)!
    const { perSecond, errorRatio, p95 } = row.live!.course
    expect(perSecond).toHaveLength(30)
    expect(perSecond.filter(value => value !== null)).toEqual([0.4, 0.6])
    expect(errorRatio.filter(value => value !== null)).toEqual([0, 1])
    expect(p95.filter(value => value !== null)).toEqual([300_000, 8_000_000])
  })

  it('asks the source the same few questions however many endpoints there are', async () => {
    const { registry, admin, metrics } = filled()
    for (let i = 0; i < 60; i++) registry.endpoints.create(admin, endpointInput({ template: `/many/${i}` }))
    await registry.endpoints.list(admin, query({ perPage: 200 }))
    expect(metrics.asked).toEqual({ requests: 3, seen: 1 })
  })

  it('takes states from who judges them, for live endpoints', async () => {
    const { registry, admin, orders, draft } = filled()
    const critical = { state: 'critical' as const, reason: { code: 'app.state.critical' as const } }
    const health = (id: string) => id === orders.id || id === draft.id ? critical : undefined
    const { endpoints } = await registry.endpoints.list(admin, query(), health)
    expect(endpoints[0]).toMatchObject({ id: orders.id, health: 'critical' })
    expect(endpoints.find(row => row.id === draft.id)!.health).toBeNull()
  })

  it('gives a shared route its calls once: to the live endpoint', async () => {
    const { registry, admin, orders } = filled()
    const twin = registry.endpoints.create(admin, endpointInput({ template: '/api/v1/orders/:id' }))
    const { endpoints, sum } = await registry.endpoints.list(admin, query())
    expect(endpoints.find(row => row.id === twin.id)).toMatchObject({ live: null, neverSeen: false, lastCall: null })
    expect(endpoints.find(row => row.id === orders.id)!.live!.requests).toBe(60)
    expect(sum.requests).toBe(70)
  })

  it('marks what is deprecated or retired and still called, and by whom', async () => {
    const { registry, admin, orders, process } = filled()
    registry.endpoints.deprecate(admin, orders.id, { sunset: '2026-12-31', ...newest(registry, orders.id) })
    registry.endpoints.retire(admin, process.id, newest(registry, process.id))
    const { endpoints } = await registry.endpoints.list(admin, query({ flag: 'still-called', sort: 'requests' }))
    expect(endpoints.map(row => [row.lifecycle, row.stillCalled])).toEqual([
      ['deprecated', { consumers: ['partner-shop', 'partner-pay'] }],
      ['retired', { consumers: ['partner-shop'] }],
    ])
  })

  it.each([
    [{ q: '주문' }, 1], [{ q: 'PROCESS' }, 2], [{ lifecycle: 'draft' }, 1], [{ method: 'POST' }, 2], [{ team: '주문팀' }, 1],
    [{ tag: 'core' }, 1], [{ tag: 'cor' }, 0], [{ service: 'API-Gateway' }, 3], [{ service: 'other' }, 0], [{ consumer: 'partner-pay' }, 1],
    [{ flag: 'never-seen' }, 1], [{ q: 'api/v1', method: 'POST' }, 1],
  ])('is narrowed by %j to %i', async (filter, count) => {
    const { registry, admin } = filled()
    expect(await registry.endpoints.list(admin, query(filter))).toMatchObject({ total: count })
  })

  it('pages without losing or repeating a row', async () => {
    const { registry, admin } = filled()
    for (let i = 0; i < 25; i++) registry.endpoints.create(admin, endpointInput({ template: `/many/${i}` }))
    for (const sort of endpointSorts) {
      const pages = await Promise.all([1, 2, 3, 4].map(page => registry.endpoints.list(admin, query({ sort, page, perPage: 10 }))))
      const ids = pages.flatMap(page => page.endpoints.map(row => row.id))
      expect(ids).toHaveLength(28)
      expect(new Set(ids).size).toBe(28)
    }
  })

  it('keeps consumers from who may not read them, also as a filter', async () => {
    const { registry, admin, orders } = filled()
    registry.endpoints.retire(admin, orders.id, newest(registry, orders.id))
    const viewer = person('viewer', ['endpoints:read'])
    const answer = await registry.endpoints.list(viewer, query())
    expect(JSON.stringify(answer)).not.toContain('partner-')
    expect(answer.endpoints.map(row => row.live?.consumers ?? null)).toEqual([null, null, null])
    await expect(registry.endpoints.list(viewer, query({ consumer: 'partner-shop' }))).rejects.toMatchObject({ code: 'access.forbidden', params: { permission: 'consumers:read' } })
  })

  it('IN-05: takes what is searched literally, whatever it means to SQL', async () => {
    const { registry, admin } = filled()
    const names = ['50% off', 'a_b', 'it\'s', '"quoted"', 'semi;--', '[x]', 'back\\slash', '%', '_', '* or 1=1']
    for (const [i, nameEn] of names.entries()) registry.endpoints.create(admin, endpointInput({ template: `/fuzz/${i}`, nameEn, ownerTeam: nameEn, tags: [nameEn] }))
    const rows = (await registry.endpoints.list(admin, query({ perPage: 200 }))).endpoints
    const text = fc.oneof(fc.constantFrom(...names), fc.string({ unit: fc.constantFrom('%', '_', '\'', '"', '\\', ';', '-', '*', '[', 'a', 'b', ' '), maxLength: 6 }))
    await fc.assert(fc.asyncProperty(text, fc.constantFrom(...endpointSorts), fc.constantFrom('asc', 'desc'), async (q, sort, order) => {
      const found = await registry.endpoints.list(admin, query({ q, sort, order, perPage: 200 }))
      const wanted = q.trim().toLowerCase()
      const expected = rows.filter(row => [row.template, row.nameKo, row.nameEn, row.service, row.ownerTeam, row.version].some(value => value.toLowerCase().includes(wanted)))
      expect(found.endpoints.map(row => row.id).sort()).toEqual(expected.map(row => row.id).sort())
      for (const filter of [{ team: q }, { tag: q }, { service: q }]) {
        const filtered = await registry.endpoints.list(admin, query({ ...filter, perPage: 200 }))
        const [key] = Object.keys(filter)
        const value = (row: (typeof rows)[number]) => key === 'team' ? row.ownerTeam === q : key === 'tag' ? row.tags.includes(q) : row.service === q.toLowerCase()
        expect(filtered.total).toBe(q ? rows.filter(value).length : rows.length)
      }
    }), { numRuns: 60 })
  })

  it('IN-05: sorts and filters by what is on the list, and by nothing else', () => {
    for (const input of [{ sort: 'id; drop table endpoints' }, { order: 'asc, id' }, { method: 'GET\' or 1=1' }, { perPage: '1000' }, { page: '-1' }, { unknown: 'x' }]) {
      expect(listEndpoints.safeParse(input).success).toBe(false)
    }
  })
})
