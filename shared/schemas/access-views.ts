import { z } from 'zod'
import { permissions } from '../permissions'
import { languages } from '../text/languages'
import { ingestScopes } from './ingest-scope'
import { themes } from './theme'

// What the access room's routes answer: exactly this, whatever the rows hold.

const time = z.iso.datetime()
const permission = z.enum(permissions)
const roleName = z.object({ id: z.string(), name: z.string(), builtIn: z.boolean() })
const preferences = { language: z.enum(languages).nullable(), zone: z.string().nullable(), theme: z.enum(themes).nullable() }

export const sessionView = z.object({
  user: z.object({
    id: z.string(), name: z.string(), email: z.string(), roles: z.array(roleName), permissions: z.array(permission), ...preferences,
  }).nullable(),
  /** Where no person is signed in but a screen by its link. */
  display: z.object({ name: z.string(), language: z.enum(languages).nullable(), expiresAt: time }).nullable(),
  /** The installation. */
  environment: z.object({ name: z.string(), zone: z.string() }),
  /** What this reader gets: own choice, cookie, browser, installation. */
  language: z.enum(languages),
  zone: z.string(),
  /** Nobody has an account yet: the set-up link is the way in. */
  setup: z.boolean(),
}).meta({ id: 'Session' })

export const userView = z.object({
  id: z.string(), name: z.string(), email: z.string(), roles: z.array(roleName),
  /** `invited` has not chosen a password yet. */
  state: z.enum(['active', 'invited', 'disabled']),
  lastSeenAt: time.nullable(), createdAt: time,
}).meta({ id: 'User' })
export const userList = z.object({ users: z.array(userView) })

/** Shown once: whoever opens it within 30 minutes chooses that person's password. */
export const resetLinkView = z.object({ url: z.string(), token: z.string(), expiresAt: time }).meta({ id: 'ResetLink' })
export const resetView = z.object({ email: z.string() })
export const createdUser = z.object({ user: userView, link: resetLinkView })

export const roleView = z.object({
  id: z.string(), name: z.string(), builtIn: z.boolean(), version: z.int(), users: z.int(),
  permissions: z.array(permission),
  /** Also for permissions it no longer has. */
  lastUsed: z.partialRecord(permission, time),
}).meta({ id: 'Role' })
export const roleNameList = z.object({ roles: z.array(roleName) })
export const roleList = z.object({ roles: z.array(roleView) })

export const ownSession = z.object({
  id: z.string(), current: z.boolean(), address: z.string().nullable(), userAgent: z.string().nullable(), createdAt: time, lastSeenAt: time, endsAt: time,
})
export const tokenView = z.object({
  id: z.string(), name: z.string(), permissions: z.array(permission), createdAt: time, lastUsedAt: time.nullable(), expiresAt: time.nullable(),
}).meta({ id: 'ApiToken' })
export const accountView = z.object({
  name: z.string(), email: z.string(), roles: z.array(roleName), permissions: z.array(permission), ...preferences,
  sessions: z.array(ownSession), tokens: z.array(tokenView),
}).meta({ id: 'Account' })
export const tokenList = z.object({ tokens: z.array(tokenView) })
export const createdToken = z.object({ token: tokenView, secret: z.string() })

export const ingestKeyView = z.object({
  id: z.string(), name: z.string(), hint: z.string(), scopes: z.array(z.enum(ingestScopes)), services: z.array(z.string()).nullable(),
  samplingRatio: z.number(), createdBy: z.string().nullable(), createdAt: time, lastUsedAt: time.nullable(), revokedAt: time.nullable(),
}).meta({ id: 'IngestKey' })
export const ingestKeyList = z.object({ keys: z.array(ingestKeyView) })
/** `secret` is null where the admin brought the value. */
export const createdIngestKey = z.object({ key: ingestKeyView, secret: z.string().nullable() })

/** A link for a screen on a wall. */
export const displayLinkView = z.object({
  id: z.string(), name: z.string(), language: z.enum(languages).nullable(), createdBy: z.string().nullable(), createdAt: time,
  expiresAt: time, lastUsedAt: time.nullable(), revokedAt: time.nullable(),
}).meta({ id: 'DisplayLink' })
export const displayLinkList = z.object({ links: z.array(displayLinkView) })
/** The address is shown this once. */
export const createdDisplayLink = z.object({ link: displayLinkView, path: z.string() })

const fields = z.record(z.string(), z.unknown()).nullable()
/** From where somebody acted. */
export const auditOrigin = z.object({
  address: z.string().optional(),
  userAgent: z.string().optional(),
  /** What showed who it was. */
  via: z.enum(['session', 'token', 'key', 'password', 'link']).optional(),
  /** Of the session, token or key, as lists name it. */
  id: z.string().optional(),
})
export type AuditOrigin = z.infer<typeof auditOrigin>
export const auditEntryView = z.object({
  number: z.int(), at: time,
  actor: z.object({ kind: z.enum(['user', 'token', 'key', 'anonymous', 'app']), id: z.string().nullable(), name: z.string() }),
  action: z.string(), params: z.record(z.string(), z.unknown()), outcome: z.enum(['done', 'refused']), permission: z.string().nullable(),
  subject: z.object({ kind: z.string(), id: z.string() }).nullable(),
  before: fields, after: fields, requestId: z.string().nullable(), origin: auditOrigin.nullable(), previousHash: z.string(), hash: z.string(),
}).meta({ id: 'AuditEntry' })
export const auditPage = z.object({
  entries: z.array(auditEntryView),
  /** Send as `before` for the next page. */
  next: z.int().nullable(),
  /** Of all rows of these days and this person, whatever else was asked for. */
  counts: z.object({
    done: z.int(), refused: z.int(),
    /** Of callers who were not signed in, over 24 h. */
    anonymous: z.int(),
  }),
})
export const chainView = z.object({
  holds: z.boolean(), checked: z.int(), brokenAt: z.int().nullable(), head: z.object({ number: z.int(), hash: z.string() }).nullable(), at: time,
}).meta({ id: 'AuditChain' })

export type SessionView = z.output<typeof sessionView>
export type ResetLinkView = z.output<typeof resetLinkView>
export type UserView = z.output<typeof userView>
export type RoleView = z.output<typeof roleView>
export type AccountView = z.output<typeof accountView>
export type TokenView = z.output<typeof tokenView>
export type DisplayLinkView = z.output<typeof displayLinkView>
export type IngestKeyView = z.output<typeof ingestKeyView>
export type AuditEntryView = z.output<typeof auditEntryView>
export type AuditPage = z.output<typeof auditPage>
export type ChainView = z.output<typeof chainView>
