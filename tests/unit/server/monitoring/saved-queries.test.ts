import { describe, expect, it } from 'vitest'
import { createSavedQueries } from '#server/monitoring/saved-queries'
import { createTestAccess } from '../../../support/access'

async function setUp() {
  const { access, admin, db, clock } = await createTestAccess()
  const { user } = access.users.create(admin, { email: 'lee@example.com', name: 'Lee', roles: ['operator'] })
  const queries = createSavedQueries({ db, clock })
  return { access, admin, other: { ...admin, id: user.id, name: 'Lee' }, queries, clock }
}
const input = { name: 'p95', query: 'up', mode: 'range' as const, shared: false }

describe('saved queries', () => {
  it('are their owner\'s, until shared with all', async () => {
    const { admin, other, queries } = await setUp()
    const saved = queries.save(admin, input)
    expect(queries.list(admin)).toEqual([saved])
    expect(queries.list(other)).toEqual([])
    queries.update(admin, saved.id, { shared: true })
    expect(queries.list(other)).toMatchObject([{ id: saved.id, own: false, owner: admin.name, shared: true }])
  })

  it('are changed and deleted by nobody else', async () => {
    const { admin, other, queries } = await setUp()
    const { id } = queries.save(admin, { ...input, shared: true })
    for (const change of [() => queries.update(other, id, { name: 'mine' }), () => queries.remove(other, id)]) expect(change).toThrow(expect.objectContaining({ code: 'metrics.saved_not_found' }))
    queries.remove(admin, id)
    expect(queries.list(admin)).toEqual([])
  })

  it('write down each change with what it was', async () => {
    const { access, admin, queries } = await setUp()
    const { id } = queries.save(admin, input)
    queries.update(admin, id, { name: 'p95 of all', query: 'up' })
    queries.update(admin, id, { name: 'p95 of all' })
    queries.remove(admin, id)
    const { entries } = access.audit.page({ limit: 50 }, 'UTC')
    expect(entries.filter(({ action }) => action.startsWith('query.')).map(({ action, before, after }) => [action, before, after])).toEqual([
      ['query.delete', { name: 'p95 of all', query: 'up' }, null],
      ['query.update', { name: 'p95' }, { name: 'p95 of all' }],
      ['query.save', null, input],
    ])
  })
})
