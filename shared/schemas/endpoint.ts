import { z } from 'zod'
import { parseTemplate } from '../route/template'
import { states } from '../status/state'

export const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const
export const lifecycles = ['draft', 'active', 'deprecated', 'retired'] as const
export type Lifecycle = (typeof lifecycles)[number]
export const repeatAnswers = ['yes', 'no', 'unknown'] as const

const line = (longest: number) => z.string().trim().max(longest).regex(/^[^\p{Cc}]*$/u)
const paragraph = (longest: number) => z.string().trim().max(longest).regex(/^(?:[^\p{Cc}]|[\n\r\t])*$/u)

export const serviceName = line(200).min(1).toLowerCase()
export const milliseconds = z.int().min(1).max(600_000)
const ratio = z.number().gt(0).max(1)
/** Of one that says nothing else. */
export const usualAvailability = 0.999

const fields = {
  service: serviceName,
  method: z.enum(methods),
  template: z.string().trim().min(1).max(512).superRefine((template, issues) => {
    const { problem } = parseTemplate(template)
    if (problem) issues.addIssue({ code: 'custom', params: { code: `registry.form.problem.${problem}` } })
  }),
  version: line(40),
  nameKo: line(120),
  nameEn: line(120),
  description: paragraph(4_000),
  ownerTeam: line(80),
  contact: line(200),
  tags: z.array(line(40).min(1)).max(20),
  /** Whether a consumer may send a failed request once more without doing it twice. */
  repeatSafe: z.enum(repeatAnswers),
  /** p95 in ms; without one the service's threshold holds, then 2 s. */
  latencyObjective: milliseconds.nullable(),
  /** Error ratios from which the endpoint is degraded and critical; without them 1 % and 20 %. */
  errorDegraded: ratio.nullable(),
  errorCritical: ratio.nullable(),
  availabilityObjective: z.number().min(0.5).lt(1),
}

const ordered = (value: { errorDegraded: number | null, errorCritical: number | null }) =>
  (value.errorDegraded ?? 0.01) <= (value.errorCritical ?? Math.max(0.2, value.errorDegraded ?? 0))
const disordered = { path: ['errorCritical'], params: { code: 'registry.form.invalid.errorCritical' } }

/** What an endpoint says about itself; each change of it is a revision. */
export const endpointFields = z.strictObject(fields)
export type EndpointFields = z.infer<typeof endpointFields>
export const fieldNames = Object.keys(fields) as (keyof EndpointFields)[]

export const createEndpoint = z.strictObject({
  ...fields,
  version: fields.version.default('v1'),
  nameKo: fields.nameKo.default(''),
  nameEn: fields.nameEn.default(''),
  description: fields.description.default(''),
  ownerTeam: fields.ownerTeam.default(''),
  contact: fields.contact.default(''),
  tags: fields.tags.default([]),
  repeatSafe: fields.repeatSafe.default('unknown'),
  latencyObjective: fields.latencyObjective.default(null),
  errorDegraded: fields.errorDegraded.default(null),
  errorCritical: fields.errorCritical.default(null),
  availabilityObjective: fields.availabilityObjective.default(usualAvailability),
  lifecycle: z.enum(['draft', 'active']).default('draft'),
}).refine(ordered, disordered)
export type CreateEndpoint = z.infer<typeof createEndpoint>

/** `revision` is the one that was open while editing: what others changed since is merged, or told. */
export const updateEndpoint = z.strictObject({ revision: z.int().min(1), fields: endpointFields.refine(ordered, disordered) })
export type UpdateEndpoint = z.infer<typeof updateEndpoint>

/** Like an edit, a step says on which revision it was decided: what others did since is not run over. */
export const stepEndpoint = z.strictObject({ revision: z.int().min(1) })
export type StepEndpoint = z.infer<typeof stepEndpoint>
export const deprecateEndpoint = stepEndpoint.extend({ sunset: z.iso.date() })
export const endpointParams = z.strictObject({ id: z.uuid() })
export const revisionParams = z.strictObject({ id: z.uuid(), n: z.coerce.number().int().min(1) })

export const endpoint = z.object({
  id: z.uuid(),
  ...endpointFields.shape,
  routeKey: z.string(),
  lifecycle: z.enum(lifecycles),
  /** The day after which calls may stop being answered. */
  sunset: z.iso.date().nullable(),
  revision: z.int(),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
}).meta({ id: 'Endpoint' })
export type Endpoint = z.infer<typeof endpoint>

export const revisionKinds = ['created', 'edited', 'restored', 'activated', 'deprecated', 'retired', 'reinstated'] as const
export type RevisionKind = (typeof revisionKinds)[number]

export const revision = z.object({
  number: z.int(),
  kind: z.enum(revisionKinds),
  /** Of a restored one: the revision whose content came back. */
  restoredFrom: z.int().nullable(),
  lifecycle: z.enum(lifecycles),
  sunset: z.iso.date().nullable(),
  fields: endpointFields,
  /** What differs from the revision before. */
  changed: z.array(z.string()),
  author: z.string(),
  at: z.iso.datetime(),
}).meta({ id: 'Revision' })
export type Revision = z.infer<typeof revision>

/** What somebody else saved between opening and saving. */
export const meanwhile = z.object({
  revision: z.int(),
  author: z.string(),
  at: z.iso.datetime(),
  fields: z.array(z.string()),
})
export type Meanwhile = z.infer<typeof meanwhile>

export const savedEndpoint = z.object({ endpoint, merged: meanwhile.nullable() })

/** Details of `endpoint.stale`: all that is needed to choose field by field. */
export interface StaleDetails {
  base: { revision: number, fields: EndpointFields }
  theirs: { revision: number, fields: EndpointFields, author: string, at: string, changed: (keyof EndpointFields)[] }
  conflicts: (keyof EndpointFields)[]
}

/** Details of `endpoint.conflict`: who holds the route. */
export interface ConflictDetails {
  holder: { id: string, method: string, template: string, version: string, nameKo: string, nameEn: string, ownerTeam: string, lifecycle: Lifecycle, revision: number }
}

export const restoreRevision = z.strictObject({
  /** The newest one on the restorer's screen: whoever saved after it is not run over. */
  revision: z.int().min(1),
})
export const revisions = z.object({ revisions: z.array(revision) })

export const endpointDetail = z.object({
  endpoint,
  /** Palette number of its service. */
  colour: z.int(),
  /** p95 limit in ms its service sets for endpoints without an objective. */
  serviceThreshold: z.int().nullable(),
  lastCall: z.iso.datetime().nullable(),
  /** How it is doing and why; null while it is not live. */
  health: z.object({ state: z.enum(states), reason: z.object({ code: z.string(), params: z.record(z.string(), z.unknown()).optional() }) }).nullable(),
  /** A draft that was never called may be deleted. */
  deletable: z.boolean(),
})
export type EndpointDetail = z.infer<typeof endpointDetail>
