import type { Clock } from '#server/clock'
import type { SentSourceHealth } from '#shared/schemas/status'
import { DAY, HOUR, MINUTE, type Millis } from '#shared/units'

const minutes = 60
const mostTroubles = 50

/** A time in which a source did not answer, or had nothing new. */
export interface PastTrouble extends Pick<SentSourceHealth, 'signal' | 'source' | 'trouble'> {
  state: 'failed' | 'late'
  from: Date
  /** Undefined while it lasts. */
  to?: Date
}

interface Answered { at: Date, latency: Millis }

/** What checks of the sources found since the start: how fast they answered for an hour, what was wrong for a day. */
export function createSourceHistory({ clock }: { clock: Clock }) {
  const since = clock.now()
  const answered = new Map<string, Answered[]>()
  let troubles: PastTrouble[] = []

  function noteTrouble({ signal, source, state, trouble }: SentSourceHealth, now: Date) {
    const last = troubles.find(each => each.signal === signal && !each.to)
    if (last?.state === state) {
      // Better said now than at first, when nothing was known but that no answer came.
      if (trouble?.reason !== 'slow') last.trouble = trouble
      return
    }
    if (last) last.to = now
    if (state === 'failed' || state === 'late') troubles = [{ signal, source, state, ...(trouble && { trouble }), from: now }, ...troubles].slice(0, mostTroubles)
  }

  return {
    since,

    note(health: SentSourceHealth): void {
      const now = clock.now()
      if (health.state !== 'failed') {
        const recent = (answered.get(health.signal) ?? []).filter(({ at }) => now.getTime() - at.getTime() < HOUR)
        answered.set(health.signal, [...recent, { at: now, latency: health.latency }])
      }
      noteTrouble(health, now)
    },

    /** The last 60 minutes, each with its slowest answer or null, and what nineteen of twenty answers were faster than. */
    latencies(signal: string): { course: (Millis | null)[], p95: Millis | null } {
      const end = Math.floor(clock.now().getTime() / MINUTE) + 1
      const course: (Millis | null)[] = Array.from({ length: minutes }, () => null)
      const all: Millis[] = []
      for (const { at, latency } of answered.get(signal) ?? []) {
        const i = Math.floor(at.getTime() / MINUTE) - (end - minutes)
        if (i < 0) continue
        course[i] = Math.max(course[i] ?? 0, latency)
        all.push(latency)
      }
      all.sort((a, b) => a - b)
      return { course, p95: all[Math.ceil(all.length * 0.95) - 1] ?? null }
    },

    /** Newest first, of a day. */
    troubles: (): PastTrouble[] => troubles.filter(({ to }) => !to || clock.now().getTime() - to.getTime() < DAY),
  }
}
