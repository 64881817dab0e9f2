import { changedFields, isSame, type FieldName } from '#shared/registry/revision-diff'
import type { EndpointFields } from '#shared/schemas/endpoint'

export interface Merge {
  /** Mine where I changed something, theirs elsewhere; what nobody has to choose is decided. */
  fields: EndpointFields
  /** Changed by both, differently: a person has to choose. */
  conflicts: FieldName[]
  /** Changed by the other only. */
  theirs: FieldName[]
}

/** Fields that mean one thing together: half of mine and half of theirs would be what nobody wrote. */
const coupled: FieldName[][] = [['service', 'method', 'template'], ['errorDegraded', 'errorCritical']]

/** Three-way merge by field of two edits that began at the same revision. */
export function mergeEdits(base: EndpointFields, theirs: EndpointFields, mine: EndpointFields): Merge {
  const changedByThem = new Set(changedFields(base, theirs))
  const changedByMe = new Set(changedFields(base, mine))
  const fields = { ...theirs }
  for (const field of changedByMe) Object.assign(fields, { [field]: mine[field] })

  const together = coupled.filter(group => group.some(field => changedByThem.has(field)) && group.some(field => changedByMe.has(field))).flat()
  const conflicts = (Object.keys(base) as FieldName[]).filter(field =>
    !isSame(theirs[field], mine[field]) && ((changedByThem.has(field) && changedByMe.has(field)) || together.includes(field)))
  return { fields, conflicts, theirs: [...changedByThem].filter(field => !changedByMe.has(field) && !conflicts.includes(field)) }
}
