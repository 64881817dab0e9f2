import { randomBytes, randomUUIDv7 } from 'node:crypto'
import { and, asc, count, eq, isNull, ne } from 'drizzle-orm'
import { recordAudit, type UserActor } from '#server/access/access'
import type { Clock } from '#server/clock'
import type { Database, Transaction } from '#server/db/client'
import { notificationChannels, notificationDeliveries } from '#server/db/control/schema'
import { AppError } from '#shared/errors'
import type { ChannelView, CreateChannel, UpdateChannel } from '#shared/schemas/notification'
import { DAY, type Millis } from '#shared/units'
import { healthOf } from './channel-health'
import type { ReceiverRules } from './receiver-rules'

export type ChannelRow = typeof notificationChannels.$inferSelect

const permission = 'settings:manage' as const
/** How long the secret that was replaced still signs, so that a receiver can be changed without losing anything. */
const overlap: Millis = DAY
const fields = ['name', 'recipients', 'language', 'zone', 'wording', 'enabled'] as const

export interface SavedChannel {
  channel: ChannelView
  /** What signs from now on, where that is new. */
  secret: string | null
}

/** Where notifications go. Addresses and secrets come in and are never given out again. */
export function createChannels({ db, clock, rules }: { db: Database, clock: Clock, rules: ReceiverRules }) {
  return {
    list: (): ChannelView[] => db.select().from(notificationChannels).orderBy(asc(notificationChannels.name)).all().map(view),

    create(actor: UserActor, input: CreateChannel): SavedChannel {
      if (input.url !== null) refuseAddress(input.url)
      const at = clock.now()
      const secret = input.kind === 'webhook' ? createSigningSecret() : null
      return db.transaction((tx) => {
        refuseTaken(tx, input.name)
        const row = tx.insert(notificationChannels).values({ ...input, url: input.kind === 'email' ? null : input.url, recipients: input.kind === 'email' ? input.recipients : [], secret, id: randomUUIDv7(), createdAt: at, updatedAt: at }).returning().get()
        recordAudit(tx, { actor, action: 'channel.create', permission, params: { channel: row.name }, subject: subject(row), after: shown(row), at })
        return { channel: view(row), secret }
      }, { behavior: 'immediate' })
    },

    /** Another address gets another secret: the one that was there is not sent elsewhere. A stopped channel begins anew. */
    update(actor: UserActor, id: string, input: UpdateChannel): SavedChannel {
      if (input.url !== undefined) refuseAddress(input.url)
      const at = clock.now()
      return db.transaction((tx) => {
        const row = find(tx, id)
        if (input.name !== undefined) refuseTaken(tx, input.name, id)
        if (row.kind === 'email' ? input.url !== undefined : input.recipients?.length) throw new AppError('notification.wrong_target')
        if (row.kind === 'email' && input.recipients?.length === 0) throw new AppError('notification.wrong_target')
        const moved = input.url !== undefined && input.url !== row.url
        const secret = moved && row.kind === 'webhook' ? createSigningSecret() : null
        const next = tx.update(notificationChannels).set({
          ...Object.fromEntries(fields.filter(field => input[field] !== undefined).map(field => [field, input[field]])),
          ...(moved && { url: input.url, secret, previousSecret: null, previousSecretUntil: null }),
          goneAt: null, updatedAt: at,
        }).where(eq(notificationChannels.id, id)).returning().get()
        const [before, after] = differing(shown(row), { ...shown(next), ...(moved && { address: 'changed' }) })
        recordAudit(tx, { actor, action: 'channel.update', permission, params: { channel: next.name }, subject: subject(next), before, after, at })
        return { channel: view(next), secret }
      }, { behavior: 'immediate' })
    },

    /** Both sign for a day. */
    renewSecret(actor: UserActor, id: string): { secret: string, previousUntil: string } {
      const at = clock.now()
      const until = new Date(at.getTime() + overlap)
      const secret = createSigningSecret()
      db.transaction((tx) => {
        const row = find(tx, id)
        if (row.kind !== 'webhook') throw new AppError('notification.not_signed')
        tx.update(notificationChannels).set({ secret, previousSecret: row.secret, previousSecretUntil: until, updatedAt: at }).where(eq(notificationChannels.id, id)).run()
        recordAudit(tx, { actor, action: 'channel.renew_secret', permission, params: { channel: row.name }, subject: subject(row), at })
      }, { behavior: 'immediate' })
      return { secret, previousUntil: until.toISOString() }
    },

    /** Its routes go with it, and what is owed to it; the trail says how much that was. */
    remove(actor: UserActor, id: string): void {
      db.transaction((tx) => {
        const row = find(tx, id)
        const { owed } = tx.select({ owed: count() }).from(notificationDeliveries).where(and(eq(notificationDeliveries.channelId, id), isNull(notificationDeliveries.messageId))).get()!
        tx.delete(notificationChannels).where(eq(notificationChannels.id, id)).run()
        recordAudit(tx, { actor, action: 'channel.delete', permission, params: { channel: row.name, owed }, subject: subject(row), before: shown(row), at: clock.now() })
      }, { behavior: 'immediate' })
    },

    find: (id: string): ChannelRow => db.transaction(tx => find(tx, id)),
  }

  function refuseAddress(url: string): void {
    const fault = rules.findFault(url)
    if (fault) throw new AppError(`notification.address_${fault}`)
  }

  function view(row: ChannelRow): ChannelView {
    return {
      ...shown(row), id: row.id, recipients: row.recipients, target: targetOf(row), signed: row.secret !== null,
      rotatingUntil: row.previousSecretUntil !== null && row.previousSecretUntil > clock.now() ? row.previousSecretUntil.toISOString() : null,
      goneAt: row.goneAt?.toISOString() ?? null, health: healthOf(db, `channel:${row.id}`), updatedAt: row.updatedAt.toISOString(),
    }
  }
}

function find(tx: Transaction, id: string): ChannelRow {
  const row = tx.select().from(notificationChannels).where(eq(notificationChannels.id, id)).get()
  if (!row) throw new AppError('notification.channel_not_found')
  return row
}

function refuseTaken(tx: Transaction, name: string, by?: string): void {
  const taken = tx.select({ id: notificationChannels.id }).from(notificationChannels).where(and(eq(notificationChannels.name, name), ...by === undefined ? [] : [ne(notificationChannels.id, by)])).get()
  if (taken) throw new AppError('notification.name_taken', { name })
}

/** 256 random bits, in the form of Standard Webhooks. */
function createSigningSecret(): string {
  return `whsec_${randomBytes(32).toString('base64')}`
}

const subject = ({ id }: ChannelRow) => ({ kind: 'channel', id })

/** What may be seen of a channel, here and in the trail: not its address, which in a chat is its key. */
function shown({ name, kind, recipients, language, zone, wording, enabled }: ChannelRow) {
  return { name, kind, recipients, language, zone, wording, enabled }
}

function targetOf({ kind, url, recipients }: ChannelRow): string {
  return kind === 'email' ? recipients.join(', ') : new URL(url!).host
}

function differing(before: Record<string, unknown>, after: Record<string, unknown>): [Record<string, unknown>, Record<string, unknown>] {
  const names = Object.keys(after).filter(name => JSON.stringify(before[name]) !== JSON.stringify(after[name]))
  const only = (from: Record<string, unknown>) => Object.fromEntries(names.filter(name => name in from).map(name => [name, from[name]]))
  return [only(before), only(after)]
}
