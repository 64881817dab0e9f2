import { displayPermissions, type Permission } from '#shared/permissions'

/** Who is signed in, as the server said for this page; `can` decides what is shown, never what is allowed. */
export function useAccount() {
  const session = useState<SessionAnswer>('session')
  const can = (permission: Permission) => (session.value.user ? session.value.user.permissions.includes(permission) : Boolean(session.value.display) && displayPermissions.includes(permission))
  return {
    session,
    user: computed(() => session.value.user),
    environment: computed(() => session.value.environment),
    can,
    /** Where the day begins: who answers partners and looks into no trace reads incidents first. */
    home: () => (can('incidents:update') && !can('traces:read') ? '/incidents' : '/'),
  }
}

type SessionAnswer = Awaited<ReturnType<typeof fetchSession>>

/** Asked once a page on the server, and again after signing in or out. Frozen: changed as a whole, and read in many places. */
export async function fetchSession() {
  return Object.freeze(await useRequestFetch()('/api/session'))
}
