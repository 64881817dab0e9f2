import { createAccess } from '#server/access/access'
import { builtInRoles } from '#shared/permissions'
import { createControlDb } from './control-db'
import { createFakeClock } from './fake-clock'

export const goodPassword = 'correct horse battery'

/** The access room over a fresh database; the first account is made through the set-up link, as in a new installation. */
export async function createTestAccess({ setUp = true, db = createControlDb() } = {}) {
  const clock = createFakeClock()
  const access = createAccess({ db, clock })
  const signIn = async (email: string, password = goodPassword) => actorOf(await access.sessions.signIn({ email, password }, { address: '192.0.2.1' }))
  const actorOf = (session: string) => access.identifySession(session)!

  /** A person with a password of their own, as if they had followed their link. */
  async function addUser(email: string, roles: string[], by = admin!) {
    const { user, link } = access.users.create(by, { email, name: email.split('@')[0]!.slice(0, 3), roles })
    await access.links.resetPassword({ token: link.token, password: goodPassword })
    return user
  }

  const admin = setUp
    ? actorOf(await access.links.setUp({ token: access.links.openSetup()!.token, email: 'root@example.com', name: 'Ada', password: goodPassword }, {}))
    : undefined
  return { db, clock, access, admin: admin!, addUser, signIn, actorOf }
}

export const roleNames = Object.keys(builtInRoles)
