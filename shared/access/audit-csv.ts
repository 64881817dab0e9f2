import { csvMark, csvRow } from '../csv'
import type { AuditEntryView } from '../schemas/access-views'
import type { Text } from '../text/text'
import { auditSentence } from './audit-words'

const columns = ['number', 'at', 'actor_kind', 'actor_id', 'actor', 'action', 'sentence', 'outcome', 'permission', 'subject_kind', 'subject_id', 'before', 'after', 'request_id', 'address', 'previous_hash', 'hash'] as const

export const auditCsvHead = csvMark + csvRow(columns)

/** One row of the trail for a spreadsheet: with it, whether the chain holds can be checked elsewhere. */
export function auditCsvRow(text: Text, entry: AuditEntryView): string {
  const cells: Record<(typeof columns)[number], unknown> = {
    number: entry.number, at: entry.at,
    actor_kind: entry.actor.kind, actor_id: entry.actor.id, actor: entry.actor.name,
    action: entry.action, sentence: auditSentence(text, entry), outcome: entry.outcome, permission: entry.permission,
    subject_kind: entry.subject?.kind, subject_id: entry.subject?.id,
    before: entry.before && JSON.stringify(entry.before), after: entry.after && JSON.stringify(entry.after),
    request_id: entry.requestId, address: entry.origin?.address,
    previous_hash: entry.previousHash, hash: entry.hash,
  }
  return csvRow(columns.map(column => cells[column]))
}
