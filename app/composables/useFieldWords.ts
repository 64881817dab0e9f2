import type { FieldName } from '#shared/registry/revision-diff'
import type { EndpointFields } from '#shared/schemas/endpoint'
import { formatDuration, formatRatio } from '#shared/text/format'

/** Values of an endpoint's fields as people read them. */
export function useFieldWords() {
  const text = useText()

  function value(field: FieldName, fields: EndpointFields): string {
    if (field === 'repeatSafe') return text(`registry.form.repeat.${fields.repeatSafe}`)
    if (field === 'latencyObjective') return fields.latencyObjective === null ? '–' : formatDuration(fields.latencyObjective * 1_000)
    if (field === 'tags') return fields.tags.join(', ') || '–'
    if (field === 'errorDegraded' || field === 'errorCritical') {
      const share = fields[field]
      const bound = field === 'errorDegraded' ? 'registry.form.over' : 'registry.form.atLeast'
      return share === null ? '–' : formatRatio(share).replace('%', text(bound))
    }
    if (field === 'availabilityObjective') return `${Number((fields.availabilityObjective * 100).toPrecision(8))}%`
    return fields[field] || '–'
  }
  const name = (field: FieldName) => text(`registry.form.field.${field}`)
  const isCode = (field: FieldName) => ['template', 'method', 'version', 'service', 'contact'].includes(field)

  return { name, value, isCode }
}
