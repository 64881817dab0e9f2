import { describe, expect, it } from 'vitest'
import { auditEntries } from '#server/db/control/schema'
import { endpointInput } from '../../../support/endpoint'
import { createTestRegistry, newest, refusalOf } from '../../../support/registry'

describe('lifecycle of an endpoint', () => {
  it('goes from draft to retired and back, a revision and an audit row for each step', () => {
    const { registry, admin, db } = createTestRegistry()
    const { id } = registry.endpoints.create(admin, endpointInput())
    registry.endpoints.activate(admin, id, newest(registry, id))
    expect(registry.endpoints.deprecate(admin, id, { sunset: '2026-12-31', ...newest(registry, id) })).toMatchObject({ lifecycle: 'deprecated', sunset: '2026-12-31' })
    expect(registry.endpoints.retire(admin, id, newest(registry, id))).toMatchObject({ lifecycle: 'retired', sunset: '2026-12-31' })
    expect(registry.endpoints.restore(admin, id, newest(registry, id))).toMatchObject({ lifecycle: 'active', sunset: null, revision: 5 })
    expect(registry.revisions.list(id).map(revision => revision.kind)).toEqual(['reinstated', 'retired', 'deprecated', 'activated', 'created'])
    expect(db.select().from(auditEntries).all().map(entry => entry.action)).toEqual(['endpoint.create', 'endpoint.activate', 'endpoint.deprecate', 'endpoint.retire', 'endpoint.restore'])
  })

  it('refuses a step that does not lead on, and says from where to where', () => {
    const { registry, admin } = createTestRegistry()
    const { id } = registry.endpoints.create(admin, endpointInput())
    expect(refusalOf(() => registry.endpoints.deprecate(admin, id, { sunset: '2026-12-31', ...newest(registry, id) }))).toMatchObject({ code: 'endpoint.transition', params: { from: 'draft', to: 'deprecated' } })
    registry.endpoints.activate(admin, id, newest(registry, id))
    expect(refusalOf(() => registry.endpoints.activate(admin, id, newest(registry, id))).code).toBe('endpoint.transition')
  })

  it('refuses a step that was decided on an older revision', () => {
    const { registry, admin } = createTestRegistry()
    const { id } = registry.endpoints.create(admin, endpointInput())
    const seen = newest(registry, id)
    registry.endpoints.activate(admin, id, seen)
    const late = [
      () => registry.endpoints.retire(admin, id, seen), () => registry.endpoints.restore(admin, id, seen),
      () => registry.endpoints.activate(admin, id, seen), () => registry.endpoints.deprecate(admin, id, { sunset: '2026-12-31', ...seen }),
    ]
    for (const step of late) expect(refusalOf(step)).toMatchObject({ code: 'endpoint.stale', params: { revision: 2 } })
    expect(registry.endpoints.find(id)).toMatchObject({ lifecycle: 'active', revision: 2 })
  })

  it('refuses a last day that has passed', () => {
    const { registry, admin } = createTestRegistry()
    const { id } = registry.endpoints.create(admin, endpointInput({ lifecycle: 'active' }))
    expect(refusalOf(() => registry.endpoints.deprecate(admin, id, { sunset: '2026-11-01', ...newest(registry, id) })).code).toBe('endpoint.sunset_past')
  })

  it('does not let a draft or a retired one come alive on a route that is taken', () => {
    const { registry, admin } = createTestRegistry()
    const first = registry.endpoints.create(admin, endpointInput({ lifecycle: 'active' }))
    registry.endpoints.retire(admin, first.id, newest(registry, first.id))
    const second = registry.endpoints.create(admin, endpointInput({ lifecycle: 'active' }))
    const draft = registry.endpoints.create(admin, endpointInput())
    expect(refusalOf(() => registry.endpoints.restore(admin, first.id, newest(registry, first.id))).code).toBe('endpoint.conflict')
    expect(refusalOf(() => registry.endpoints.activate(admin, draft.id, newest(registry, draft.id))).code).toBe('endpoint.conflict')
    registry.endpoints.retire(admin, second.id, newest(registry, second.id))
    expect(registry.endpoints.activate(admin, draft.id, newest(registry, draft.id)).lifecycle).toBe('active')
  })

  it('lets only a draft go that was never called', async () => {
    const { registry, admin, call } = createTestRegistry()
    const draft = registry.endpoints.create(admin, endpointInput())
    const called = registry.endpoints.create(admin, endpointInput({ template: '/called' }))
    const active = registry.endpoints.create(admin, endpointInput({ lifecycle: 'active', template: '/active' }))
    const wasActive = registry.endpoints.create(admin, endpointInput({ lifecycle: 'active', template: '/was' }))
    registry.endpoints.retire(admin, wasActive.id, newest(registry, wasActive.id))
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
    registry.endpoints.activate(admin, id, newest(registry, id))
    registry.endpoints.create(admin, endpointInput({ lifecycle: 'active' }))
    expect(refusalOf(() => registry.revisions.restore(admin, id, 1, 3)).code).toBe('endpoint.conflict')
    expect(refusalOf(() => registry.revisions.restore(admin, id, 8, 3)).code).toBe('endpoint.revision_not_found')
  })
})
