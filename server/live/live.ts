import { randomBytes } from 'node:crypto'
import type { Permission } from '#shared/permissions'
import { livePermissions, type LiveData, type LiveTopic } from '#shared/live-topics'

export interface LiveEvent {
  id: string
  topic: LiveTopic
  /** What its reader must be allowed to, at the moment it is sent. */
  permission: Permission
  data: LiveData[LiveTopic]
}

export type Live = ReturnType<typeof createLive>

/** What is new, for all who listen. The last thousand events are kept for those whose line broke. */
export function createLive({ kept = 1_000 }: { kept?: number } = {}) {
  // Numbers start anew with each process; without its own mark the last one's would be taken for ours.
  const process = randomBytes(4).toString('hex')
  const ring: LiveEvent[] = []
  const listeners = new Set<(event: LiveEvent) => void>()
  let last = 0

  return {
    publish<T extends LiveTopic>(topic: T, data: LiveData[T]): void {
      const event: LiveEvent = { id: `${process}-${++last}`, topic, permission: livePermissions[topic], data }
      ring.push(event)
      if (ring.length > kept) ring.shift()
      for (const listener of listeners) listener(event)
    },

    lastId: () => `${process}-${last}`,

    /** What came after an event; undefined where that can no longer be told. */
    since(id: string): LiveEvent[] | undefined {
      const [of, text] = id.split('-')
      const number = Number(text)
      if (of !== process || !Number.isInteger(number) || number > last || number < last - ring.length) return undefined
      return ring.slice(ring.length - (last - number))
    },

    /** Whether anybody listens at all. */
    isHeard: () => listeners.size > 0,

    subscribe(listener: (event: LiveEvent) => void): () => void {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}
