import { z } from 'zod'
import { languages } from '../text/languages'
import { isZone } from '../text/time-zone'
import { sentence } from './sentence'

/** What happens that somebody may want to hear of, by routes: to an incident, or that support staff report something. */
export const noticeEvents = ['opened', 'updated', 'resolved', 'reopened', 'reported'] as const
export type NoticeEvent = (typeof noticeEvents)[number]

/** For who follows an incident, and for whom it was assigned to; over no route of others. */
export type PersonalEvent = 'news' | 'assigned'

export const noticeKinds = ['incident.opened', 'incident.updated', 'incident.resolved', 'incident.reopened', 'incident.reported', 'incident.news', 'incident.assigned', 'test'] as const
export const noticeSeverities = ['critical', 'warning'] as const
export type NoticeSeverity = (typeof noticeSeverities)[number]

/** `chat`: what Slack, Mattermost and others understand. */
export const channelKinds = ['webhook', 'chat', 'email'] as const
export type ChannelKind = (typeof channelKinds)[number]

/** `plain`: for people who have never seen a trace; names no service and no reason. */
export const wordings = ['full', 'plain'] as const
export type Wording = (typeof wordings)[number]

/** `dropped`: nobody waits for it, because it was a test or whom it was for is not there any more. */
export const messageStates = ['waiting', 'sent', 'dead', 'dropped'] as const
export type MessageState = (typeof messageStates)[number]

// What people type.

const format = { params: { code: 'error.issue.format' } }
const name = z.string().trim().min(1).max(80).refine(value => !/\p{Cc}/u.test(value), format)
const zone = z.string().max(64).refine(isZone, format)
/** Nothing that could end a header or a line. */
const url = z.string().trim().min(1).max(2_000).refine(value => URL.canParse(value) && !/[\p{Cc}\s]/u.test(value), { params: { code: 'error.issue.url' } })
const recipients = z.array(z.email().max(254)).max(50).transform(addresses => [...new Set(addresses.map(address => address.toLowerCase()))])
const common = { name, recipients, language: z.enum(languages), zone, wording: z.enum(wordings), enabled: z.boolean() }

/** Where it leads belongs to its kind: addresses to e-mail, a web address to everything else. */
export const createChannel = z.object({ ...common, kind: z.enum(channelKinds), url: url.nullable() })
  .refine(({ kind, url }) => kind === 'email' || url !== null, { path: ['url'], params: { code: 'error.issue.required' } })
  .refine(({ kind, recipients }) => kind !== 'email' || recipients.length > 0, { path: ['recipients'], params: { code: 'error.issue.required' } })
/** The web address of a channel is never shown again: left out, it stays. */
export const updateChannel = z.object({ ...common, url }).partial()

const clock = z.string().regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/)
const routeFields = {
  severity: z.enum(noticeSeverities),
  /** '' is what nobody owns; null is everything. */
  teams: z.array(z.string().trim().max(80)).min(1).max(50).nullable(),
  events: z.array(z.enum(noticeEvents)).min(1).max(noticeEvents.length),
  quietFrom: clock.nullable(),
  quietTo: clock.nullable(),
  zone,
  criticalPierces: z.boolean(),
  enabled: z.boolean(),
}
interface Quiet { quietFrom: string | null, quietTo: string | null }
const isWhole = ({ quietFrom, quietTo }: Quiet) => (quietFrom === null) === (quietTo === null)
const isNotEmpty = ({ quietFrom, quietTo }: Quiet) => quietFrom === null || quietFrom !== quietTo
const missing = { path: ['quietTo'], params: { code: 'error.issue.required' } }
const empty = { path: ['quietTo'], ...format }

/** One's own: it leads to one's own mail. */
export const ownRoute = z.object(routeFields).refine(isWhole, missing).refine(isNotEmpty, empty)
export const channelRoute = z.object({ ...routeFields, channelId: z.string().min(1).max(64) }).refine(isWhole, missing).refine(isNotEmpty, empty)

export const messageQuery = z.object({
  state: z.enum(messageStates).optional(),
  /** `channel:<id>` or `user:<id>`. */
  destination: z.string().max(80).optional(),
  /** Id of a message: those before it. */
  before: z.string().max(64).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
})

// What is answered.

const time = z.iso.datetime()
/** How a channel has been doing lately. */
const health = z.object({
  /** Tries in a row that failed, since the last one that did not. */
  failures: z.int(),
  lastTriedAt: time.nullable(),
  lastSentAt: time.nullable(),
  /** Of the newest try. */
  answer: sentence.nullable(),
})
export const channelView = z.object({
  id: z.string(), name: z.string(), kind: z.enum(channelKinds),
  /** The host, or the addresses: what tells channels apart and opens nothing. */
  target: z.string(),
  recipients: z.array(z.string()),
  signed: z.boolean(),
  /** Until when the secret before this one still signs too. */
  rotatingUntil: time.nullable(),
  language: z.enum(languages), zone: z.string(), wording: z.enum(wordings), enabled: z.boolean(), goneAt: time.nullable(),
  health,
  updatedAt: time,
}).meta({ id: 'NotificationChannel' })
/** `secret` is shown once: when a webhook is made, moved or given another one. */
export const savedChannel = z.object({ channel: channelView, secret: z.string().nullable() })
export const newSecret = z.object({ secret: z.string(), previousUntil: time })

export const routeView = z.object({ id: z.string(), channelId: z.string().nullable(), ...routeFields }).meta({ id: 'NotificationRoute' })
export const personalRoutes = z.object({
  person: z.object({ id: z.string(), name: z.string() }),
  routes: z.array(routeView),
})
/** Everything that the page needs to know beside its log. */
export const notificationSetup = z.object({
  channels: z.array(channelView),
  routes: z.array(routeView),
  personal: z.array(personalRoutes),
  /** Owner teams that services and endpoints name. */
  teams: z.array(z.string()),
  /** The address mail is sent from; null where there is no mail server. */
  mailFrom: z.string().nullable(),
  dead: z.int(),
  waiting: z.int(),
  at: time,
})
export const ownNotifications = z.object({
  routes: z.array(routeView), teams: z.array(z.string()), email: z.string(),
  /** Whether the installation can send mail at all. */
  mail: z.boolean(),
})
export const testAnswer = z.object({ sent: z.boolean(), answer: sentence, took: z.int() })

export const attemptView = z.object({ number: z.int(), at: time, took: z.int(), succeeded: z.boolean(), answer: sentence })
export const messageView = z.object({
  id: z.string(), destination: z.string(), recipient: z.string(), state: z.enum(messageStates), createdAt: time,
  /** Of what waits; null while nothing is planned. */
  nextAt: time.nullable(),
  finishedAt: time.nullable(),
  notices: z.array(z.object({ kind: z.enum(noticeKinds), incidentId: z.string().nullable(), number: z.int().nullable(), severity: z.enum(noticeSeverities), title: sentence, at: time })),
  attempts: z.array(attemptView),
}).meta({ id: 'NotificationMessage' })
export const messagePage = z.object({
  messages: z.array(messageView),
  /** Send as `before` for the next page. */
  next: z.string().nullable(),
  /** Owed but held back, by quiet hours or by a storm. */
  held: z.int(),
})

export type CreateChannel = z.output<typeof createChannel>
export type UpdateChannel = z.output<typeof updateChannel>
export type OwnRoute = z.output<typeof ownRoute>
export type ChannelRoute = z.output<typeof channelRoute>
export type MessageQuery = z.output<typeof messageQuery>
export type ChannelView = z.output<typeof channelView>
export type RouteView = z.output<typeof routeView>
export type NotificationSetup = z.output<typeof notificationSetup>
export type OwnNotifications = z.output<typeof ownNotifications>
export type MessageView = z.output<typeof messageView>
export type MessagePage = z.output<typeof messagePage>
export type TestAnswer = z.output<typeof testAnswer>
