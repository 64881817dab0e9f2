import type { Permission } from '../permissions'

interface Role { id: string, permissions: readonly Permission[] }

/** What each role is to have. */
export type RoleDraft = Readonly<Record<string, readonly Permission[]>>

export interface RoleChange {
  roleId: string
  permission: Permission
  added: boolean
}

/** The cells in which the draft differs, role by role. */
export function roleChanges(roles: readonly Role[], draft: RoleDraft): RoleChange[] {
  return roles.flatMap(({ id, permissions }) => {
    const wanted = draft[id] ?? permissions
    return [
      ...wanted.filter(permission => !permissions.includes(permission)).map(permission => ({ roleId: id, permission, added: true })),
      ...permissions.filter(permission => !wanted.includes(permission)).map(permission => ({ roleId: id, permission, added: false })),
    ]
  })
}

/** The draft with one cell the other way round; a role that is as it was leaves the draft. */
export function toggleCell(roles: readonly Role[], draft: RoleDraft, roleId: string, permission: Permission): RoleDraft {
  const role = roles.find(({ id }) => id === roleId)
  if (!role) return draft
  const wanted = draft[roleId] ?? role.permissions
  const next = wanted.includes(permission) ? wanted.filter(item => item !== permission) : [...wanted, permission]
  const { [roleId]: _, ...others } = draft
  return roleChanges([role], { [roleId]: next }).length ? { ...others, [roleId]: next } : others
}
