import { describe, expect, it } from 'vitest'
import type { KeyActor } from '#server/access/access'
import { announceChange } from '#shared/schemas/change'
import { endpointInput } from '../../../support/endpoint'
import { createTestRegistry, newest, refusalOf } from '../../../support/registry'

const key = (services: string[] | null = null): KeyActor => ({ kind: 'key', id: 'key-1', name: 'ci', scopes: ['changes'], services, permissions: new Set() })
const always = { from: new Date(0), to: new Date(9e12) }
const list = (room: ReturnType<typeof createTestRegistry>) => room.registry.changes.list({ window: always, limit: 50 })

describe('changes', () => {
  it('are announced with what they were, and sent twice they are one', () => {
    const room = createTestRegistry()
    const input = announceChange.parse({ kind: 'configuration', service: 'Business-Service', key: 'external.timeout', oldValue: '3 s', newValue: '8 s', at: '2026-11-23T05:16:52Z', author: 'ops-01' })
    const first = room.registry.changes.announce(key(), input)
    expect(room.registry.changes.announce(key(), input).id).toBe(first.id)
    expect(list(room)).toEqual([expect.objectContaining({ service: 'business-service', key: 'external.timeout', oldValue: '3 s', newValue: '8 s', author: 'ops-01', at: '2026-11-23T05:16:52.000Z' })])
  })

  it('never keep the value of a secret, neither here nor in the audit trail', () => {
    const room = createTestRegistry()
    room.registry.changes.announce(key(), announceChange.parse({ kind: 'configuration', service: 's', key: 'db.adminPassword', oldValue: 'hunter2', newValue: 'hunter3' }))
    expect(list(room)).toMatchObject([{ key: 'db.adminPassword', oldValue: '[masked]', newValue: '[masked]' }])
    const rows = room.db.$client.prepare('select * from audit_entries').all()
    expect(JSON.stringify([rows, room.db.$client.prepare('select * from changes').all()])).not.toContain('hunter')
  })

  it('are refused for a service that the key does not speak for', () => {
    const { registry } = createTestRegistry()
    const input = announceChange.parse({ kind: 'deployment', service: 'auth-service', version: '2' })
    expect(refusalOf(() => registry.changes.announce(key(['api-gateway']), input)).code).toBe('change.service_refused')
  })

  it.each([
    { kind: 'deployment', service: 'x' }, { kind: 'configuration', service: 'x' }, { kind: 'deployment', service: 'x', version: '1', key: 'k' },
    { kind: 'party', service: 'x' }, { kind: 'deployment', service: '', version: '1' }, { kind: 'deployment', service: 'x', version: '1', at: 'yesterday' },
  ])('are refused as %j', (input) => {
    expect(announceChange.safeParse(input).success).toBe(false)
  })

  it('are also found by the first sight of a version, but not of the one a service came with', async () => {
    const room = createTestRegistry()
    const { registry, metrics, clock } = room
    const start = clock.now()
    const later = new Date(start.getTime() + 3_600_000)
    metrics.held.push({ service: 'api-gateway', firstSeen: start, lastSeen: later, instances: 1, versions: [{ version: '1.0', firstSeen: start, lastSeen: start }, { version: '1.1', firstSeen: later, lastSeen: later }] })
    await registry.discover()
    await registry.discover()
    expect(list(room)).toMatchObject([{ kind: 'deployment', version: '1.1', source: 'seen', at: later.toISOString() }])
  })

  it('of one deployment are one, whether telemetry or the announcement is first', () => {
    const room = createTestRegistry()
    const { registry, clock } = room
    const announce = (version: string) => registry.changes.announce(key(), announceChange.parse({ kind: 'deployment', service: 's', version, author: 'ci' }))
    registry.changes.noteVersion({ service: 's', version: '2', at: clock.now() })
    clock.advance(60_000)
    announce('2')
    clock.advance(1_000)
    announce('3')
    registry.changes.noteVersion({ service: 's', version: '3', at: clock.now() })
    expect(list(room).map(change => [change.version, change.source, change.author])).toEqual([['3', 'announced', 'ci'], ['2', 'announced', 'ci']])
  })

  it('include the revisions of endpoints, newest first, within the window', () => {
    const room = createTestRegistry()
    const { registry, admin, clock } = room
    const { id } = registry.endpoints.create(admin, endpointInput())
    clock.advance(60_000)
    registry.endpoints.activate(admin, id, newest(registry, id))
    registry.changes.announce(key(), announceChange.parse({ kind: 'deployment', service: 'other', version: '1', at: clock.now().toISOString() }))
    expect(registry.changes.list({ window: always, service: 'api-gateway', limit: 50 })).toMatchObject([
      { kind: 'endpoint', source: 'registry', author: 'admin-01', endpoint: { id, revision: 2, what: 'activated', fields: [] } },
      { kind: 'endpoint', endpoint: { revision: 1, what: 'created' } },
    ])
    expect(registry.changes.list({ window: { from: clock.now(), to: always.to }, limit: 50 })).toHaveLength(2)
    expect(registry.changes.list({ window: always, endpointId: id, limit: 1 })).toHaveLength(1)
  })
})
