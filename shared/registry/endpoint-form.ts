import type { z } from 'zod'
import { fieldNames, usualAvailability, type EndpointFields } from '../schemas/endpoint'
import { fieldIssues } from '../schemas/issue'
import type { Sentence, TextKey } from '../text/text'

/** What stands in the form: text as typed, shares in percent, tags on one line. */
export type EndpointForm = Omit<EndpointFields, 'tags' | NumberField> & { tags: string } & Record<NumberField, string>
type NumberField = 'latencyObjective' | 'availabilityObjective' | 'errorDegraded' | 'errorCritical'

export function toForm(fields: EndpointFields): EndpointForm {
  return {
    ...fields,
    tags: fields.tags.join(', '),
    latencyObjective: fields.latencyObjective === null ? '' : String(fields.latencyObjective),
    availabilityObjective: percent(fields.availabilityObjective),
    errorDegraded: percent(fields.errorDegraded),
    errorCritical: percent(fields.errorCritical),
  }
}

/** To be checked by the schema: what is no number stays what it is, and is refused there. */
export function fromForm(form: EndpointForm): Record<keyof EndpointFields, unknown> {
  return {
    ...Object.fromEntries(fieldNames.map(name => [name, form[name]])) as Record<keyof EndpointFields, unknown>,
    tags: [...new Set(form.tags.split(',').map(tag => tag.trim()).filter(Boolean))],
    latencyObjective: number(form.latencyObjective, 1),
    // Left empty it is what stands in the empty field.
    availabilityObjective: number(form.availabilityObjective, 100) ?? usualAvailability,
    errorDegraded: number(form.errorDegraded, 100),
    errorCritical: number(form.errorCritical, 100),
  }
}

const shares: Record<string, TextKey | undefined> = { availabilityObjective: 'registry.form.invalid.availabilityObjective', errorDegraded: 'registry.form.invalid.ratio', errorCritical: 'registry.form.invalid.ratio' }

/** What is wrong, by field, as the form says it: the limits of a share in percent, as it is typed. */
export function formIssues(error: z.core.$ZodError): Record<string, Sentence> {
  return Object.fromEntries(fieldIssues('body', error).map(({ field, code, params }) => {
    const [name] = field.split('.') as [string]
    const share = shares[name]
    return [name, share && /\.(?:small|big)$/.test(code) ? { code: share } : { code: code as TextKey, params }]
  }))
}

export const emptyForm: EndpointForm = {
  service: '', method: 'GET', template: '', version: 'v1', nameKo: '', nameEn: '', description: '', ownerTeam: '', contact: '', tags: '',
  repeatSafe: 'unknown', latencyObjective: '', availabilityObjective: '99.9', errorDegraded: '', errorCritical: '',
}

function percent(share: number | null): string {
  return share === null ? '' : String(rounded(share * 100))
}

function number(text: string, divisor: number): number | string | null {
  const trimmed = String(text).trim().replace(/\s|,(?=\d{3}\b)/g, '')
  if (!trimmed) return null
  const value = Number(trimmed)
  return Number.isNaN(value) ? trimmed : rounded(value / divisor)
}

/** 99.9 / 100 is 0.9990000000000001 to a computer. */
function rounded(value: number): number {
  return Number(value.toPrecision(10))
}
