import { expect, vi } from 'vitest'
import { createNotifications, type Notice, type Notifications } from '#server/alerting/alerting'
import type { NotificationSettings } from '#server/notification-settings'
import type { CreateChannel, MessagePage, OwnRoute } from '#shared/schemas/notification'
import { createTestAccess } from './access'
import { startFaultServer } from './fault-server'
import { notice } from './notice'

/** Receivers of tests live on loopback, which an installation has to allow. */
export const onLoopback: NotificationSettings = { networks: ['127.0.0.0/8', '::1/128'], ports: [[1, 65_535]], retentionDays: 90 }

export const everything: OwnRoute = { severity: 'warning', teams: null, events: ['opened', 'updated', 'resolved', 'reopened'], quietFrom: null, quietTo: null, zone: 'Asia/Seoul', criticalPierces: true, enabled: true }

/**
 * The room over a fresh control file, with an admin, a clock that stands still and troubles that fail the test. Whether
 * it may send is asked every second: a test that lets days pass does not want that of the file. `'leased'` does.
 */
export async function createTestNotifications({ settings = onLoopback, mayRun = () => true }: { settings?: NotificationSettings, mayRun?: 'leased' | (() => boolean) } = {}) {
  const { db, clock, access, admin, addUser, actorOf, signIn } = await createTestAccess()
  const troubles: unknown[] = []
  const create = (): Notifications => createNotifications({
    db, clock, settings, environment: 'production', origin: 'https://bongsu.example', zone: 'Asia/Seoul', onTrouble: error => troubles.push(error),
    ...(mayRun !== 'leased' && { tenure: { holds: mayRun, release: () => {} } }),
  })
  const notifications = create()
  notifications.start()
  let number = 100

  const room = {
    db, clock, access, admin, addUser, actorOf, signIn, troubles, notifications, create,
    /** A channel with a route for everything, or for what is said. */
    channel(of: Partial<CreateChannel> & { name: string }, route: Partial<OwnRoute> | null = {}) {
      const saved = notifications.channels.create(admin, { kind: 'webhook', url: 'https://receiver.example/', recipients: [], language: 'en', zone: 'UTC', wording: 'full', enabled: true, ...of })
      if (route) notifications.routes.add(admin, { ...everything, ...route, channelId: saved.channel.id })
      return saved
    },
    enqueue: (of: Partial<Notice> = {}) => db.transaction(tx => notifications.enqueue(tx, notice(of))),
    /** Of an incident of its own. */
    another: (of: Partial<Notice> = {}) => {
      number++
      return room.enqueue({ incidentId: `incident-${number}`, number, ...of })
    },
    log: (): MessagePage => notifications.log.list({ limit: 200 }),
    /** Moves time on and waits until the log says what is expected of it. */
    async until(ms: number, expected: (page: MessagePage) => void) {
      clock.advance(ms)
      await vi.waitFor(() => expected(room.log()), { timeout: 5_000, interval: 10 })
      expect(troubles).toEqual([])
    },
    states: () => room.log().messages.map(({ state }) => state),
  }
  return room
}

/** A receiver that takes everything. */
export const accepting = () => startFaultServer((_, response) => response.writeHead(204).end())

/** For `until`: what became of each message, the newest first. */
export const states = (...expected: string[]) => ({ messages }: MessagePage) => expect(messages.map(({ state }) => state)).toEqual(expected)

/** For `until`: how often the newest was tried. */
export const attempts = (count: number) => ({ messages }: MessagePage) => expect(messages[0]!.attempts).toHaveLength(count)
