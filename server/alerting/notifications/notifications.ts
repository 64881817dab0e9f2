import { eq } from 'drizzle-orm'
import type { UserActor } from '#server/access/access'
import type { Clock } from '#server/clock'
import type { Database } from '#server/db/client'
import { notificationChannels, users } from '#server/db/control/schema'
import type { NotificationSettings } from '#server/notification-settings'
import type { NotificationSetup, OwnNotifications, TestAnswer } from '#shared/schemas/notification'
import { defaultLanguage } from '#shared/text/languages'
import { DAY, HOUR } from '#shared/units'
import { createChannels } from './channels'
import { createDeliveryLog } from './delivery-log'
import { createDrain } from './drain'
import { createMailer } from './mailer'
import { createOutbox } from './outbox'
import { createPost } from './post'
import { createQueue } from './queue'
import { createReceiverRules } from './receiver-rules'
import { createRoutes } from './routes'
import { createSend } from './send'
import { createTargets } from './targets'
import { createTenure, type Tenure } from './tenure'
import { createTest } from './test-message'

export type { Notice } from './notice'

export type Notifications = ReturnType<typeof createNotifications>

export interface NotificationOptions {
  db: Database
  clock: Clock
  settings: NotificationSettings
  /** The installation: its name, its address without a slash at its end, its zone. */
  environment: string
  origin: string
  zone: string
  /** Which of several processes sends; by a lease, unless a test says otherwise. */
  tenure?: Tenure
  /** Told after every try. */
  onTried?: () => void
  onTrouble: (error: unknown) => void
}

/** Tells people and machines outside what happens to incidents. */
export function createNotifications({ db, clock, settings, environment, origin, zone, tenure = createTenure({ db, clock }), onTried = () => {}, onTrouble }: NotificationOptions) {
  const rules = createReceiverRules(settings)
  const post = createPost({ rules, now: clock.now })
  const mailer = settings.mail && createMailer(settings.mail)
  const queue = createQueue({ db, clock, random: Math.random, nameOf })
  const drain = createDrain({
    clock, queue, onTried, onTrouble, mayRun: tenure.holds,
    findTarget: createTargets({ db, defaults: { language: defaultLanguage, zone } }),
    send: createSend({ clock, post, mailer, environment, origin }),
  })
  const test = createTest({ db, clock, attempt: drain.attempt })
  const channels = createChannels({ db, clock, rules })
  const routes = createRoutes({ db, clock })
  const log = createDeliveryLog({ db, clock, retention: settings.retentionDays * DAY })

  function nameOf({ channelId, userId }: { channelId: string | null, userId: string | null }): string {
    const row = channelId === null
      ? db.select({ name: users.name }).from(users).where(eq(users.id, userId!)).get()
      : db.select({ name: notificationChannels.name }).from(notificationChannels).where(eq(notificationChannels.id, channelId)).get()
    return row?.name ?? ''
  }

  return {
    /**
     * `enqueue(tx, notice)`: synchronous, inside the caller's transaction. A kill after it loses nothing; what was on its
     * way to a destination at that moment may arrive there twice, under the same id.
     */
    ...createOutbox({ clock }),
    channels: { ...channels, test: (actor: UserActor, id: string): Promise<TestAnswer> => test(actor, { channelId: id, userId: null, name: channels.find(id).name }) },
    routes,
    log,

    setup: (): NotificationSetup => ({
      channels: channels.list(), routes: routes.ofChannels(), personal: routes.ofPeople(), teams: routes.teams(), mailFrom: settings.mail?.from.address ?? null, ...log.counts(),
      at: clock.now().toISOString(),
    }),

    own: (actor: UserActor): OwnNotifications => ({ routes: routes.own(actor), teams: routes.teams(), email: actor.email, mail: mailer !== undefined }),

    testOwn: (actor: UserActor): Promise<TestAnswer> => test(actor, { channelId: null, userId: actor.id, name: actor.name }),

    /** Sends what is owed from now on, and forgets what is old; the answer ends it. */
    start(): () => void {
      const stops = [drain.start(), clock.every(HOUR, () => {
        try {
          if (tenure.holds()) log.forgetOld()
        }
        catch (error) {
          onTrouble(error)
        }
      })]
      return () => stops.forEach(stop => stop())
    },

    /** Waits for what is on its way. */
    async close(): Promise<void> {
      await drain.close()
      tenure.release()
      await post.close()
    },
  }
}
