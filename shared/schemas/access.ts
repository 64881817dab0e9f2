import { z } from 'zod'
import { permissions } from '../permissions'
import { languages } from '../text/languages'
import { isZone } from '../text/time-zone'
import { ingestScopes } from './ingest-scope'
import { themes } from './theme'

// What people type. Bounds are generous where only a database is behind them.

const email = z.email().max(254).transform(value => value.toLowerCase())
const personName = z.string().trim().min(1).max(80).refine(value => !/[\p{Cc}]/u.test(value), { params: { code: 'error.issue.format' } })
/** Judged and kept as typed; counted in characters, as people count them. */
const password = z.string()
  .refine(value => [...value].length >= 12, { params: { code: 'error.issue.short', minimum: 12 } })
  .refine(value => [...value].length <= 128, { params: { code: 'error.issue.long', maximum: 128 } })
const roleIds = z.array(z.string().min(1).max(64)).min(1).max(20)
const permission = z.enum(permissions)
const permissionList = z.array(permission).max(permissions.length)
const link = z.string().min(1).max(128)
const name = z.string().trim().min(1).max(80)

export const setUp = z.object({ token: link, email, name: personName, password })
export const resetPassword = z.object({ token: link, password })

export const createUser = z.object({ email, name: personName, roles: roleIds })
export const updateUser = z.object({ name: personName, email, roles: roleIds, disabled: z.boolean() }).partial()
export const createRole = z.object({ name, permissions: permissionList })
export const renameRole = z.object({ name })
/** Whole new sets, several roles at once, each from the version that was looked at. */
export const updateRolePermissions = z.object({
  roles: z.array(z.object({ id: z.string().max(64), version: z.int(), permissions: permissionList })).min(1).max(50),
})

export const changePassword = z.object({ current: z.string().min(1).max(512), password })
export const updateAccount = z.object({
  name: personName,
  language: z.enum(languages).nullable(),
  zone: z.string().max(64).refine(isZone, { params: { code: 'error.issue.format' } }).nullable(),
  theme: z.enum(themes).nullable(),
}).partial()
export const createToken = z.object({
  name,
  permissions: permissionList.min(1),
  /** Days until it ends by itself; null for never. */
  days: z.int().min(1).max(3_650).nullable().default(null),
})

const ownValue = z.string().regex(/^[\x21-\x7E]{32,128}$/)
export const createIngestKey = z.object({
  name,
  scopes: z.array(z.enum(ingestScopes)).min(1).max(ingestScopes.length).default(['telemetry']),
  services: z.array(z.string().trim().min(1).max(255)).min(1).max(200).nullable().default(null),
  samplingRatio: z.number().gt(0).lte(1).default(1),
  /** A value of one's own instead of a generated one; like that one it is never shown again. */
  value: ownValue.optional(),
})

/** A screen on a wall: what it reads, and for how many days. */
export const createDisplayLink = z.strictObject({
  name: z.string().trim().min(1).max(80),
  language: z.enum(languages).nullable().default(null),
  days: z.number().int().min(1).max(366).default(90),
})

export const idParams = z.object({ id: z.string().min(1).max(64) })
/** Which rows of the trail. */
export const auditFilter = z.object({
  outcome: z.enum(['done', 'refused']).optional(),
  actor: z.string().max(64).optional(),
  subjectKind: z.string().max(40).optional(),
  /** Words that must all occur: names, what happened, request ids. */
  text: z.string().trim().max(200).optional(),
  /** Whole days in the reader's zone, both included. */
  from: z.iso.date().optional(),
  to: z.iso.date().optional(),
  subject: z.string().max(64).optional(),
  /** Used, or lacking. */
  permission: z.enum(permissions).optional(),
})
export const auditQuery = auditFilter.extend({
  before: z.coerce.number().int().min(1).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
})

export type SetUp = z.output<typeof setUp>
export type ResetPassword = z.output<typeof resetPassword>
export type CreateUser = z.output<typeof createUser>
export type UpdateUser = z.output<typeof updateUser>
export type CreateRole = z.output<typeof createRole>
export type UpdateRolePermissions = z.output<typeof updateRolePermissions>
export type ChangePassword = z.output<typeof changePassword>
export type UpdateAccount = z.output<typeof updateAccount>
export type CreateToken = z.output<typeof createToken>
export type AuditFilter = z.output<typeof auditFilter>
export type AuditQuery = z.output<typeof auditQuery>
export type CreateDisplayLink = z.output<typeof createDisplayLink>
export type CreateIngestKey = z.output<typeof createIngestKey>
