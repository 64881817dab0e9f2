import { describe, expect, it } from 'vitest'
import { auditEntries } from '#server/db/control/schema'
import { endpointInput } from '../../../support/endpoint'
import { createTestRegistry, refusalOf } from '../../../support/registry'

describe('lifecycle of an endpoint', () => {
  it('goes from draft to retired and back, a revision and an audit row for each step', () => {
    const { registry, admin, db } = createTestRegistry()
    const { id } = registry.endpoints.create(admin, endpointInput())
    registry.endpoints.activate(admin, id)
    expect(registry.endpoints.deprecate(admin, id, { sunset: '2026-12-31' })).toMatchObject({ lifecycle: 'deprecated', sunset: '2026-12-31' })
    expect(registry.endpoints.retire(admin, id)).toMatchObject({ lifecycle: 'retired', sunset: '2026-12-31' })
    expect(registry.endpoints.restore(admin, id)).toMatchObject({ lifecycle: 'active', sunset: null, revision: 5 })
    expect(registry.revisions.list(id).map(revision => revision.kind)).toEqual(['reinstated', 'retired', 'deprecated', 'activated', 'created'])
    expect(db.select().from(auditEntries).all().map(entry => entry.action)).toEqual(['endpoint.create', 'endpoint.activate', 'endpoint.deprecate', 'endpoint.retire', 'endpoint.restore'])
  })

  it('refuses a step that does not lead on, and says from where to where', () => {
    const { registry, admin } = createTestRegistry()
    const { id } = registry.endpoints.create(admin, endpointInput())
    expect(refusalOf(() => registry.endpoints.deprecate(admin, id, { sunset: '2026-12-31' }))).toMatchObject({ code: 'endpoint.transition', params: { from: 'draft', to: 'deprecated' } })
    registry.endpoints.activate(admin, id)
    expect(refusalOf(() => registry.endpoints.activate(admin, id)).code).toBe('endpoint.transition')
  })

  it('refuses a last day that has passed', () => {
    const { registry, admin } = createTestRegistry()
    const { id } = registry.endpoints.create(admin, endpointInput({ lifecycle: 'active' }))
    expect(refusalOf(() => registry.endpoints.deprecate(admin, id, { sunset: '2026-11-01' })).code).toBe('endpoint.sunset_past')
  })

  it('does not let a draft or a retired one come alive on a route that is taken', () => {
    const { registry, admin } = createTestRegistry()
    const first = registry.endpoints.create(admin, endpointInput({ lifecycle: 'active' }))
    registry.endpoints.retire(admin, first.id)
    const second = registry.endpoints.create(admin, endpointInput({ lifecycle: 'active' }))
    const draft = registry.endpoints.create(admin, endpointInput())
    expect(refusalOf(() => registry.endpoints.restore(admin, first.id)).code).toBe('endpoint.conflict')
    expect(refusalOf(() => registry.endpoints.activate(admin, draft.id)).code).toBe('endpoint.conflict')
    registry.endpoints.retire(admin, second.id)
    expect(registry.endpoints.activate(admin, draft.id).lifecycle).toBe('active')
  })

  it('lets only a draft go that was never called', async () => {
    const { registry, admin, call } = createTestRegistry()
    const draft = registry.endpoints.create(admin, endpointInput())
    const called = registry.endpoints.create(admin, endpointInput({ template: '/called' }))
    const active = registry.endpoints.create(admin, endpointInput({ lifecycle: 'active', template: '/active' }))
    const wasActive = registry.endpoints.create(admin, endpointInput({ lifecycle: 'active', template: '/was' }))
    registry.endpoints.retire(admin, wasActive.id)
    call({ routeKey: '/called' })

    await registry.endpoints.remove(admin, draft.id)
    expect(refusalOf(() => registry.endpoints.find(draft.id)).code).toBe('endpoint.not_found')
    for (const { id } of [called, active, wasActive]) {
      await expect(registry.endpoints.remove(admin, id)).rejects.toMatchObject({ code: 'endpoint.not_deletable' })
    }
  })

  it('lets a draft go whose route is called for the sake of a live endpoint', async () => {
    const { registry, admin, call } = createTestRegistry()
    registry.endpoints.create(admin, endpointInput({ lifecycle: 'active' }))
    const draft = registry.endpoints.create(admin, endpointInput())
    call({ routeKey: '/api/v1/orders/{}' })
    await registry.endpoints.remove(admin, draft.id)
    expect(registry.known.endpoints()).toHaveLength(1)
  })
})

describe('restoring a revision', () => {
  function edited() {
    const room = createTestRegistry()
    const { id } = room.registry.endpoints.create(room.admin, endpointInput({ description: 'one' }))
    const { createdAt: _c, updatedAt: _u, id: _i, routeKey: _r, lifecycle: _l, sunset: _s, revision: _n, ...fields } = room.registry.endpoints.find(id)
    room.registry.endpoints.update(room.admin, id, { revision: 1, fields: { ...fields, description: 'two', template: '/two' } })
    return { ...room, id }
  }

  it('makes a new one with the old content, and keeps all others', () => {
    const { registry, other, id } = edited()
    expect(registry.revisions.restore(other, id, 1, 2)).toMatchObject({ revision: 3, description: 'one', routeKey: '/api/v1/orders/{}' })
    expect(registry.revisions.list(id)).toMatchObject([
      { number: 3, kind: 'restored', restoredFrom: 1, author: 'admin-02', changed: ['template', 'description'] },
      { number: 2, kind: 'edited' }, { number: 1, kind: 'created' },
    ])
  })

  it('is refused when somebody saved meanwhile, and when the old route is taken by now', () => {
    const { registry, admin, id } = edited()
    expect(refusalOf(() => registry.revisions.restore(admin, id, 1, 1)).code).toBe('endpoint.stale')
    registry.endpoints.activate(admin, id)
    registry.endpoints.create(admin, endpointInput({ lifecycle: 'active' }))
    expect(refusalOf(() => registry.revisions.restore(admin, id, 1, 3)).code).toBe('endpoint.conflict')
    expect(refusalOf(() => registry.revisions.restore(admin, id, 8, 3)).code).toBe('endpoint.revision_not_found')
  })
})
