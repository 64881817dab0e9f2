import type { Permission } from '#shared/permissions'

/** Who is signed in, as the server said for this page; `can` decides what is shown, never what is allowed. */
export function useAccount() {
  const session = useState<SessionAnswer>('session')
  return {
    session,
    user: computed(() => session.value.user),
    environment: computed(() => session.value.environment),
    can: (permission: Permission) => session.value.user?.permissions.includes(permission) ?? false,
  }
}

type SessionAnswer = Awaited<ReturnType<typeof fetchSession>>

/** Asked once a page on the server, and again after signing in or out. */
export function fetchSession() {
  return useRequestFetch()('/api/session')
}
