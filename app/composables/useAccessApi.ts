import type { CreateDisplayLink, CreateIngestKey, CreateRole, CreateToken, CreateUser, ChangePassword, ResetPassword, SetUp, UpdateAccount, UpdateRolePermissions, UpdateUser } from '#shared/schemas/access'
import type { DisplayLinkView, ResetLinkView } from '#shared/schemas/access-views'

/** What the forms of accounts, roles and keys send. Reading is the pages' own. */
export function useAccessApi() {
  return {
    setUp: (body: SetUp) => $fetch('/api/setup', { method: 'POST', body }),
    resetPassword: (body: ResetPassword) => $fetch('/api/reset', { method: 'POST', body }),

    inviteUser: (body: CreateUser) => $fetch('/api/users', { method: 'POST', body }),
    updateUser: (id: string, body: UpdateUser) => $fetch(`/api/users/${id}`, { method: 'PATCH', body }),
    removeUser: (id: string) => $fetch(`/api/users/${id}`, { method: 'DELETE' }),
    createResetLink: (id: string) => $fetch<ResetLinkView>(`/api/users/${id}/reset-link`, { method: 'POST' }),

    createRole: (body: CreateRole) => $fetch('/api/roles', { method: 'POST', body }),
    renameRole: (id: string, name: string) => $fetch(`/api/roles/${id}`, { method: 'PATCH', body: { name } }),
    removeRole: (id: string) => $fetch(`/api/roles/${id}`, { method: 'DELETE' }),
    updateRolePermissions: (body: UpdateRolePermissions) => $fetch('/api/roles/permissions', { method: 'PUT', body }),

    createIngestKey: (body: CreateIngestKey) => $fetch('/api/ingest-keys', { method: 'POST', body }),
    revokeIngestKey: (id: string) => $fetch(`/api/ingest-keys/${id}`, { method: 'DELETE' }),

    createDisplayLink: (body: CreateDisplayLink) => send<{ link: DisplayLinkView, path: string }>('POST', '/api/display-links', body),
    revokeDisplayLink: (id: string) => send('DELETE', `/api/display-links/${id}`),

    updateAccount: (body: UpdateAccount) => $fetch('/api/account', { method: 'PATCH', body }),
    changePassword: (body: ChangePassword) => $fetch('/api/account/password', { method: 'POST', body }),
    endSession: (id: string) => $fetch(`/api/account/sessions/${id}`, { method: 'DELETE' }),
    endOtherSessions: () => $fetch('/api/account/sessions', { method: 'DELETE' }),
    createToken: (body: CreateToken) => $fetch('/api/tokens', { method: 'POST', body }),
    removeToken: (id: string) => $fetch(`/api/tokens/${id}`, { method: 'DELETE' }),
  }
}
