import { auditLabel, auditValue } from '#shared/access/audit-words'
import type { FieldName } from '#shared/registry/revision-diff'
import type { AuditEntryView } from '#shared/schemas/access-views'
import { fieldNames, type EndpointFields } from '#shared/schemas/endpoint'
import { formatDuration } from '#shared/text/format'
import type { TextKey } from '#shared/text/text'

/** Names and values of what changed, as the page that changes it writes them. */
export function useAuditWords(entry: () => AuditEntryView) {
  const text = useText()
  const fields = useFieldWords()
  const isEndpoint = () => entry().subject?.kind === 'endpoint'
  const known = (field: string): field is FieldName => isEndpoint() && (fieldNames as string[]).includes(field)

  function nameOf(field: string): string {
    if (known(field)) return fields.name(field)
    return isEndpoint() && field === 'sunset' ? text('registry.form.field.sunset') : auditLabel(text, 'field', field)
  }

  function valueOf(field: string, value: unknown): string {
    if (field === 'latencyThreshold' && typeof value === 'number') return formatDuration(value * 1_000)
    if (isEndpoint() && field === 'lifecycle' && typeof value === 'string') return text(`registry.lifecycle.${value}` as TextKey)
    return known(field) && fits(field, value) ? fields.value(field, { [field]: value } as unknown as EndpointFields) : auditValue(text, value)
  }

  return { nameOf, valueOf }
}

/** Rows outlive releases: what is of another kind than today's fields is written as it stands. */
function fits(field: FieldName, value: unknown): boolean {
  if (field === 'tags') return Array.isArray(value)
  return typeof value === (/Objective$|^error/.test(field) ? 'number' : 'string')
}
