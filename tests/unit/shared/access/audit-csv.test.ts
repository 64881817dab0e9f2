import { describe, expect, it } from 'vitest'
import { auditCsvHead, auditCsvRow } from '#shared/access/audit-csv'
import type { AuditEntryView } from '#shared/schemas/access-views'
import { en } from '#shared/text/en'
import { createText } from '#shared/text/text'

const text = createText(en, { language: 'en', zone: 'UTC' })
const entry: AuditEntryView = {
  number: 7, at: '2026-11-23T02:05:31.204Z', actor: { kind: 'user', id: 'u1', name: 'Ada' }, action: 'role.create', params: { role: 'night' },
  outcome: 'done', permission: 'roles:manage', subject: { kind: 'role', id: 'r1' }, before: null, after: { permissions: ['status:read'] },
  requestId: null, origin: null, previousHash: 'aa', hash: 'bb',
}

describe('the trail as a table', () => {
  it('has a head, and a line for every row with its sentence and its link in the chain', () => {
    expect(auditCsvHead).toMatch(/^\uFEFFnumber,at,.*,previous_hash,hash\r\n$/)
    expect(auditCsvRow(text, entry)).toBe('7,2026-11-23T02:05:31.204Z,user,u1,Ada,role.create,Added the role night,done,roles:manage,role,r1,,"{""permissions"":[""status:read""]}",,,aa,bb\r\n')
  })

  it.each([
    ['=cmd()', `'=cmd()`], ['+82 10', `'+82 10`], ['-1', `'-1`], ['@here', `'@here`], ['a, "b"\nc', '"a, ""b""\nc"'],
    ['\t=1', `'\t=1`], ['\r=1', `"'\r=1"`],
  ])('IN-13: lets no spreadsheet calculate with %j', (name, written) => {
    expect(auditCsvRow(text, { ...entry, actor: { kind: 'user', id: null, name } })).toContain(`,user,,${written},`)
  })
})
