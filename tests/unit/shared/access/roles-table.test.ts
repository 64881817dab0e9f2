import { describe, expect, it } from 'vitest'
import { lastUse } from '#shared/access/last-use'
import { permissionGroups } from '#shared/access/permission-groups'
import { roleChanges, toggleCell } from '#shared/access/role-changes'
import { permissions, type Permission } from '#shared/permissions'

const roles = [
  { id: 'a', permissions: ['status:read', 'logs:read'] as Permission[] },
  { id: 'b', permissions: [] as Permission[] },
]

describe('the table of roles and rights', () => {
  it('shows every permission of the product once', () => {
    expect(Object.values(permissionGroups).flat().sort()).toEqual([...permissions].sort())
  })

  it('collects cells that differ and forgets those turned back', () => {
    let draft = toggleCell(roles, {}, 'a', 'logs:read')
    draft = toggleCell(roles, draft, 'b', 'traces:read')
    expect(roleChanges(roles, draft)).toEqual([
      { roleId: 'a', permission: 'logs:read', added: false },
      { roleId: 'b', permission: 'traces:read', added: true },
    ])
    draft = toggleCell(roles, draft, 'a', 'logs:read')
    expect(draft).toEqual({ b: ['traces:read'] })
    expect(toggleCell(roles, draft, 'gone', 'logs:read')).toBe(draft)
  })

  const now = new Date('2026-11-23T05:32:10Z')
  it.each([
    [undefined, { text: 'access.roles.use.never' }],
    ['2026-11-23T05:31:00Z', { text: 'access.roles.use.now' }],
    ['2026-11-23T05:20:00Z', { words: '12분 전' }],
    ['2026-11-23T01:22:00Z', { words: '10:22' }],
    ['2026-11-22T05:00:00Z', { text: 'access.roles.use.yesterday' }],
    ['2026-11-12T05:00:00Z', { words: '11월 12일' }],
    ['2026-08-25T05:00:00Z', { text: 'access.roles.use.unused' }],
  ])('says of a use at %s %o', (at, expected) => {
    expect(lastUse(at, now, { zone: 'Asia/Seoul', language: 'ko' })).toEqual(expected)
  })
})
