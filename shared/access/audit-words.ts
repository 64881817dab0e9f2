import type { AuditEntryView } from '../schemas/access-views'
import type { Text, TextKey, TextParam } from '../text/text'

/** An entry as its sentence. What was written down may be anything; only what a sentence can hold goes into it. */
export function auditSentence(text: Text, { action, params }: Pick<AuditEntryView, 'action' | 'params'>): string {
  const values = Object.entries(params).map(([name, value]): [string, TextParam] => [name, isParam(value) ? value : JSON.stringify(value)])
  return text(`audit.${action}` as TextKey, Object.fromEntries(values))
}

/** A label, or the name itself where the catalogue has none. */
export function auditLabel(text: Text, kind: 'subject' | 'field', name: string): string {
  const key = `audit.${kind}.${name}`
  const label = text(key as TextKey)
  return label === key ? name : label
}

export function auditValue(text: Text, value: unknown): string {
  if (value === null || value === undefined || value === '') return text('app.none')
  if (typeof value === 'boolean') return text(value ? 'audit.value.yes' : 'audit.value.no')
  if (Array.isArray(value)) return value.length ? value.map(item => auditValue(text, item)).join(', ') : text('app.none')
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}

export interface FieldChange {
  field: string
  before: unknown
  after: unknown
}

/** The fields of both sides, those that are alike left out. */
export function auditFields({ before, after }: Pick<AuditEntryView, 'before' | 'after'>): FieldChange[] {
  const names = new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])
  return [...names]
    .map(field => ({ field, before: before?.[field], after: after?.[field] }))
    .filter(({ before, after }) => JSON.stringify(before ?? null) !== JSON.stringify(after ?? null))
}

function isParam(value: unknown): value is TextParam {
  return value === null || typeof value === 'string' || typeof value === 'number'
}
