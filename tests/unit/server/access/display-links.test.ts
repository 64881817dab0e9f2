import { describe, expect, it } from 'vitest'
import { can } from '#server/access/access'
import { auditEntries } from '#server/db/control/audit'
import { displayLinks } from '#server/db/control/credentials'
import { permissions } from '#shared/permissions'
import { DAY } from '#shared/units'
import { createTestAccess } from '../../../support/access'

const keyOf = (path: string) => new URL(path, 'http://x').searchParams.get('key')!

describe('AZ-14 a display link', () => {
  it('reads the board and incidents, and nothing else', async () => {
    const { access, admin } = await createTestAccess()
    const { path } = access.displayLinks.create(admin, { name: 'Seoul, 3rd floor', language: 'ko', days: 7 })
    const screen = access.identifyDisplay(keyOf(path))!
    expect(permissions.filter(permission => can(screen, permission))).toEqual(['status:read', 'incidents:read'])
    expect(screen).toMatchObject({ kind: 'display', name: 'Seoul, 3rd floor', language: 'ko' })
  })

  it('is kept as a digest only', async () => {
    const { access, admin, db } = await createTestAccess()
    const { link, path } = access.displayLinks.create(admin, { name: 'Seoul', language: null, days: 7 })
    expect(JSON.stringify(db.select().from(displayLinks).all())).not.toContain(keyOf(path))
    expect(JSON.stringify([link, access.displayLinks.list(), db.select().from(auditEntries).all()])).not.toContain(keyOf(path))
  })

  it('ends when it is revoked and when its days are over', async () => {
    const { access, admin, clock } = await createTestAccess()
    const revoked = access.displayLinks.create(admin, { name: 'one', language: null, days: 7 })
    const expiring = access.displayLinks.create(admin, { name: 'two', language: null, days: 7 })
    access.displayLinks.revoke(admin, revoked.link.id)
    expect(access.identifyDisplay(keyOf(revoked.path))).toBeUndefined()
    expect(access.identifyDisplay(keyOf(expiring.path))).toBeDefined()
    clock.advance(7 * DAY)
    expect(access.identifyDisplay(keyOf(expiring.path))).toBeUndefined()
  })

  it('is neither a token nor a session', async () => {
    const { access, admin } = await createTestAccess()
    const key = keyOf(access.displayLinks.create(admin, { name: 'one', language: null, days: 7 }).path)
    expect([access.identifyToken(key), access.identifySession(key), access.identifyKey(key)]).toEqual([undefined, undefined, undefined])
  })
})
