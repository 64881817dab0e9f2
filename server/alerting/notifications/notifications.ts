import type { Clock } from '#server/clock'
import { createOutbox } from './outbox'

export type { Notice } from './notice'

export type Notifications = ReturnType<typeof createNotifications>

/** Tells people and machines outside what happens to incidents. */
export function createNotifications({ clock }: { clock: Clock }) {
  return {
    /**
     * `enqueue(tx, notice)`: synchronous, inside the caller's transaction. A kill after it loses nothing; what was on its
     * way to a destination at that moment may arrive there twice, under the same id.
     */
    ...createOutbox({ clock }),
  }
}
