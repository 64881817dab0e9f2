import type { State } from '#shared/status/state'
import { MINUTE } from '#shared/units'
import { worse } from './state-rules'

/** Minutes of the beacon strip, the one that is running included. */
export const stripMinutes = 60

/** Of what was never judged. */
export const noStrip: readonly State[] = Array.from({ length: stripMinutes }, () => 'unknown')

/** The worst state of each of the last sixty minutes; a minute nobody judged is unknown. */
export interface StateStrip {
  note: (state: State, at: Date) => void
  read: (now: Date) => State[]
}

export function createStateStrip(): StateStrip {
  const minutes = new Map<number, State>()
  return {
    note(state, at) {
      const minute = Math.floor(at.getTime() / MINUTE)
      const held = minutes.get(minute)
      minutes.set(minute, held ? worse(held, state) : state)
      if (minutes.size > stripMinutes) minutes.delete(Math.min(...minutes.keys()))
    },
    read(now) {
      const last = Math.floor(now.getTime() / MINUTE)
      return Array.from({ length: stripMinutes }, (_, i) => minutes.get(last - stripMinutes + 1 + i) ?? 'unknown')
    },
  }
}
