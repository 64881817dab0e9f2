import { describe, expect, it } from 'vitest'
import { auditEntries, endpointRevisions, endpoints } from '#server/db/control/schema'
import type { ConflictDetails, EndpointFields, StaleDetails } from '#shared/schemas/endpoint'
import { endpointFields, endpointInput } from '../../../support/endpoint'
import { createTestRegistry, newest, refusalOf } from '../../../support/registry'

const fieldsOf = (endpoint: EndpointFields) => endpointFields(Object.fromEntries(Object.keys(endpointFields()).map(name => [name, endpoint[name as keyof EndpointFields]])))

describe('registering', () => {
  it('writes the endpoint, its first revision, its service and an audit row', () => {
    const { registry, admin, db } = createTestRegistry()
    const created = registry.endpoints.create(admin, endpointInput({ nameKo: '주문 조회' }))
    expect(created).toMatchObject({ lifecycle: 'draft', revision: 1, routeKey: '/api/v1/orders/{}', availabilityObjective: 0.999 })
    expect(registry.revisions.list(created.id)).toMatchObject([{ number: 1, kind: 'created', author: 'admin-01', changed: [] }])
    expect(registry.services.list()).toMatchObject([{ name: 'api-gateway', colour: 1, endpoints: 1 }])
    expect(db.select().from(auditEntries).all()).toMatchObject([{ action: 'endpoint.create', actorName: 'admin-01', subjectId: created.id, permission: 'endpoints:write' }])
  })

  it('refuses a second live endpoint on the same route, whatever its parameters are called, and says who holds it', () => {
    const { registry, admin } = createTestRegistry()
    const first = registry.endpoints.create(admin, endpointInput({ lifecycle: 'active', ownerTeam: '주문팀' }))
    const refused = refusalOf(() => registry.endpoints.create(admin, endpointInput({ lifecycle: 'active', template: '/api/v1/orders/:id/' })))
    expect(refused.code).toBe('endpoint.conflict')
    expect((refused.details as ConflictDetails).holder).toMatchObject({ id: first.id, ownerTeam: '주문팀', lifecycle: 'active' })
    registry.endpoints.deprecate(admin, first.id, { sunset: '2026-12-31', ...newest(registry, first.id) })
    expect(refusalOf(() => registry.endpoints.create(admin, endpointInput({ lifecycle: 'active' }))).code).toBe('endpoint.conflict')
  })

  it('leaves nothing behind when it is refused', () => {
    const { registry, admin, db } = createTestRegistry()
    registry.endpoints.create(admin, endpointInput({ lifecycle: 'active' }))
    refusalOf(() => registry.endpoints.create(admin, endpointInput({ lifecycle: 'active' })))
    expect(db.select().from(endpoints).all()).toHaveLength(1)
    expect(db.select().from(endpointRevisions).all()).toHaveLength(1)
    expect(db.select().from(auditEntries).all()).toHaveLength(1)
  })

  it('lets drafts share a route, and other methods, services and spellings of text be', () => {
    const { registry, admin } = createTestRegistry()
    registry.endpoints.create(admin, endpointInput({ lifecycle: 'active' }))
    registry.endpoints.create(admin, endpointInput())
    for (const other of [{ method: 'DELETE' as const }, { service: 'back-office' }, { template: '/api/v1/Orders/{id}' }]) {
      registry.endpoints.create(admin, endpointInput({ lifecycle: 'active', ...other }))
    }
    expect(registry.known.endpoints()).toHaveLength(5)
  })

  it('holds the route also against what writes past the rules', () => {
    const { registry, admin, db } = createTestRegistry()
    registry.endpoints.create(admin, endpointInput({ lifecycle: 'active' }))
    const draft = registry.endpoints.create(admin, endpointInput())
    expect(() => db.update(endpoints).set({ lifecycle: 'active' }).run()).toThrow(/UNIQUE/)
    expect(registry.endpoints.find(draft.id).lifecycle).toBe('draft')
  })
})

describe('two admins editing at once', () => {
  function open() {
    const room = createTestRegistry()
    const endpoint = room.registry.endpoints.create(room.admin, endpointInput({ description: 'old', contact: 'link@bongsu.example', latencyObjective: 1_000 }))
    return { ...room, endpoint, fields: fieldsOf(endpoint) }
  }

  it('are merged where they touch different fields, and the second is told what the first changed', () => {
    const { registry, admin, other, endpoint, fields } = open()
    registry.endpoints.update(other, endpoint.id, { revision: 1, fields: { ...fields, contact: 'oncall@bongsu.example' } })
    const saved = registry.endpoints.update(admin, endpoint.id, { revision: 1, fields: { ...fields, description: 'new' } })
    expect(saved.merged).toMatchObject({ revision: 2, author: 'admin-02', fields: ['contact'] })
    expect(saved.endpoint).toMatchObject({ revision: 3, contact: 'oncall@bongsu.example', description: 'new' })
    expect(registry.revisions.list(endpoint.id)[0]).toMatchObject({ number: 3, author: 'admin-01', changed: ['description'] })
  })

  it('conflict where they change the same field: nothing is saved, both values are told, and choosing saves', () => {
    const { registry, admin, other, endpoint, fields } = open()
    registry.endpoints.update(other, endpoint.id, { revision: 1, fields: { ...fields, latencyObjective: 800, contact: 'oncall@bongsu.example' } })
    const mine = { ...fields, latencyObjective: 600, description: 'new' }
    const refused = refusalOf(() => registry.endpoints.update(admin, endpoint.id, { revision: 1, fields: mine }))
    expect(refused.code).toBe('endpoint.stale')
    const details = refused.details as StaleDetails
    expect(details).toMatchObject({
      base: { revision: 1, fields: { latencyObjective: 1_000 } },
      theirs: { revision: 2, author: 'admin-02', changed: ['contact', 'latencyObjective'], fields: { latencyObjective: 800 } },
      conflicts: ['latencyObjective'],
    })
    expect(registry.endpoints.find(endpoint.id)).toMatchObject({ revision: 2, latencyObjective: 800, description: 'old' })

    const chosen = registry.endpoints.update(admin, endpoint.id, { revision: 2, fields: { ...details.theirs.fields, description: 'new', latencyObjective: 600 } })
    expect(chosen).toMatchObject({ merged: null, endpoint: { revision: 3, latencyObjective: 600, contact: 'oncall@bongsu.example', description: 'new' } })
  })

  it('do not disturb each other when one only moves it along', () => {
    const { registry, admin, other, endpoint, fields } = open()
    registry.endpoints.activate(other, endpoint.id, newest(registry, endpoint.id))
    const saved = registry.endpoints.update(admin, endpoint.id, { revision: 1, fields: { ...fields, description: 'new' } })
    expect(saved.endpoint).toMatchObject({ lifecycle: 'active', description: 'new', revision: 3 })
  })

  it('make no revision when nothing differs', () => {
    const { registry, admin, endpoint, fields } = open()
    expect(registry.endpoints.update(admin, endpoint.id, { revision: 1, fields }).endpoint.revision).toBe(1)
  })

  it('are refused a revision that never was', () => {
    const { registry, admin, endpoint, fields } = open()
    expect(refusalOf(() => registry.endpoints.update(admin, endpoint.id, { revision: 9, fields })).code).toBe('endpoint.revision_not_found')
  })
})

describe('editing', () => {
  it('cannot move a live endpoint onto a route that is taken', () => {
    const { registry, admin } = createTestRegistry()
    registry.endpoints.create(admin, endpointInput({ lifecycle: 'active' }))
    const second = registry.endpoints.create(admin, endpointInput({ lifecycle: 'active', template: '/x' }))
    const refused = refusalOf(() => registry.endpoints.update(admin, second.id, { revision: 1, fields: { ...fieldsOf(second), template: '/api/v1/orders/{x}' } }))
    expect(refused.code).toBe('endpoint.conflict')
    expect(registry.endpoints.find(second.id)).toMatchObject({ template: '/x', revision: 1 })
  })

  it('writes only what changed into the audit trail', () => {
    const { registry, admin, db } = createTestRegistry()
    const endpoint = registry.endpoints.create(admin, endpointInput())
    registry.endpoints.update(admin, endpoint.id, { revision: 1, fields: { ...fieldsOf(endpoint), ownerTeam: '주문팀' } })
    expect(db.select().from(auditEntries).all()[1]).toMatchObject({ action: 'endpoint.update', before: { ownerTeam: '' }, after: { ownerTeam: '주문팀' } })
  })

  it('tells who listens, so that matching follows at once', () => {
    const { registry, admin } = createTestRegistry()
    let told = 0
    const end = registry.onChange(() => told++)
    const endpoint = registry.endpoints.create(admin, endpointInput())
    registry.endpoints.activate(admin, endpoint.id, newest(registry, endpoint.id))
    expect(registry.known.endpoints()).toMatchObject([{ lifecycle: 'active' }])
    expect(told).toBe(2)
    end()
    registry.endpoints.retire(admin, endpoint.id, newest(registry, endpoint.id))
    expect(told).toBe(2)
    expect(registry.known.endpoints()).toEqual([])
  })
})
