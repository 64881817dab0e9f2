import { randomUUID } from 'node:crypto'
import type { Clock } from '#server/clock'
import { MINUTE } from '#shared/units'
import { path, type Upstream } from '../upstream/upstream'
import type { Product } from './product'
import { explained } from './refusal'
import { closed, opened } from './wire'

/** How long a reader may stay on a page before the index forgets what it looked like. */
const keepAlive = 2 * MINUTE
/** Each holds memory in the cluster; the one that was unused longest makes room. */
const mostOpen = 30

/**
 * What an index looked like when somebody turned the first page, so that lines that are sent again meanwhile neither
 * leave the list nor come into it twice. Ids are long and stay here; a cursor names one by a short key.
 */
export function createPointsInTime({ upstream, clock, indices, product }: { upstream: Upstream, clock: Clock, indices: string, product: (signal?: AbortSignal) => Promise<Product> }) {
  const held = new Map<string, { id: string, usedAt: number }>()

  async function open(signal?: AbortSignal): Promise<string | undefined> {
    const { name } = await product(signal)
    const query = { keep_alive: `${keepAlive}ms`, ignore_unavailable: true }
    const answer = await upstream.post(name === 'opensearch' ? path`/${indices}/_search/point_in_time` : path`/${indices}/_pit`, '', opened, {
      query: name === 'opensearch' ? { keep_alive: query.keep_alive } : query, signal, accept: explained, repeatable: false,
    })
    if (!('id' in answer)) return undefined
    for (const [key, { usedAt }] of held) if (clock.monotonic() - usedAt > keepAlive) held.delete(key)
    const oldest = held.keys().next().value
    if (held.size >= mostOpen && oldest !== undefined) close(oldest)
    const key = randomUUID()
    held.set(key, { id: answer.id, usedAt: clock.monotonic() })
    return key
  }

  /** Nobody waits for it: what is not closed runs out by itself. */
  function close(key: string): void {
    const point = held.get(key)
    held.delete(key)
    if (!point) return
    void product().then(({ name }) => (name === 'opensearch'
      ? upstream.remove('/_search/point_in_time', { pit_id: [point.id] }, closed, { accept: [404] })
      : upstream.remove('/_pit', { id: point.id }, closed, { accept: [404] }))).catch(() => {})
  }

  return {
    /** The key of the one that was named, else of a new one; undefined where none can be had, which is no trouble. */
    async hold(key: string | undefined, signal?: AbortSignal): Promise<string | undefined> {
      if (key !== undefined && held.has(key)) return key
      return open(signal).catch(() => {
        signal?.throwIfAborted()
        return undefined
      })
    },

    /** To be sent with a search. */
    bodyOf(key: string): { id: string, keep_alive: string } | undefined {
      const point = held.get(key)
      return point && { id: point.id, keep_alive: `${keepAlive}ms` }
    },

    /** An answer may name the point anew. */
    used(key: string, id: string | undefined): void {
      const point = held.get(key)
      if (!point) return
      held.delete(key)
      held.set(key, { id: id ?? point.id, usedAt: clock.monotonic() })
    },

    close,

    /** It ran out, or the cluster was started anew. */
    forget(key: string): void {
      held.delete(key)
    },
  }
}

export type PointsInTime = ReturnType<typeof createPointsInTime>
