import type { ServerResponse } from 'node:http'
import { can, type Actor } from '#server/access/access'
import type { Clock } from '#server/clock'
import type { Live, LiveEvent } from '#server/live/live'
import { AppError } from '#shared/errors'
import { MINUTE, SECOND, type Millis } from '#shared/units'
import { onDrain } from './drain'

export interface LiveLimits {
  perUser: number
  inAll: number
  /** A reader that does not read is cut at so many bytes, or after so long. */
  backlogBytes: number
  backlogAge: Millis
  lifetime: Millis
}

export const liveLimits: LiveLimits = { perUser: 5, inAll: 500, backlogBytes: 256 * 1024, backlogAge: 10 * SECOND, lifetime: 15 * MINUTE }

const heartbeat = 15 * SECOND
/** Who lost a right, or the session, stops hearing of it within this time. */
const check = 5 * SECOND

interface Listener {
  response: Pick<ServerResponse, 'write' | 'end' | 'destroy' | 'writableLength' | 'writableEnded' | 'destroyed' | 'writeHead' | 'once'>
  actor: { id: string }
  /** Who that is now: asked again for every event. */
  currentActor: () => Actor
  /** The last event it heard, from the header or from the tab that led before. */
  last?: string
}

/** Server-sent events to those who are signed in, each filtered by the rights of the moment it is sent. */
export function createLiveStreams({ live, clock, limits = liveLimits, random = Math.random }: {
  live: Live, clock: Clock, limits?: LiveLimits, random?: () => number,
}) {
  const open = new Map<string, number>()
  let all = 0

  return {
    open({ response, actor, currentActor, last }: Listener): Promise<void> {
      const mine = open.get(actor.id) ?? 0
      if (mine >= limits.perUser || all >= limits.inAll) throw new AppError('request.too_many', { seconds: 30 })
      open.set(actor.id, mine + 1)
      all++

      return new Promise((done) => {
        let stuckSince: number | undefined
        const endings: (() => void)[] = []

        function write(text: string) {
          if (response.writableEnded || response.destroyed) return
          // The socket's queue is the only queue.
          if (response.writableLength > limits.backlogBytes) return void response.destroy()
          response.write(text)
        }

        function send(event: LiveEvent) {
          const reader = currentActor()
          if (reader.kind === 'anonymous') return void response.end()
          if (can(reader, event.permission)) write(`id: ${event.id}\nevent: ${event.topic}\ndata: ${JSON.stringify(event.data)}\n\n`)
        }

        function look() {
          if (currentActor().kind === 'anonymous') return void response.end()
          if (!response.writableLength) stuckSince = undefined
          else if (clock.monotonic() - (stuckSince ??= clock.monotonic()) >= limits.backlogAge) response.destroy()
        }

        response.once('close', () => {
          for (const end of endings) end()
          open.set(actor.id, open.get(actor.id)! - 1)
          if (!open.get(actor.id)) open.delete(actor.id)
          all--
          done()
        })
        response.writeHead(200, { 'content-type': 'text/event-stream', 'x-accel-buffering': 'no' })

        // Spread over five seconds, so that a restart does not bring everybody back at once.
        const missed = last === undefined ? [] : live.since(last)
        write(`retry: ${Math.round(500 + 4_500 * random())}\n\n`)
        write(`id: ${missed?.length ? last : live.lastId()}\nevent: ${missed ? 'hello' : 'resync'}\ndata: {}\n\n`)
        for (const event of missed ?? []) send(event)

        endings.push(
          live.subscribe(send),
          clock.every(heartbeat, () => write(': \n\n')),
          clock.every(check, look),
          clock.at(new Date(clock.now().getTime() + limits.lifetime), () => response.end()),
          onDrain(() => void response.end()),
        )
      })
    },
    count: () => all,
  }
}

export type LiveStreams = ReturnType<typeof createLiveStreams>
