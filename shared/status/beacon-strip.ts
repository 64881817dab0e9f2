import { unpackStates } from './packed-states'
import { firesOf } from './state'

/** Pixels of a minute, and of the strip. */
export const beaconStep = 3
export const beaconHeight = 17

/** Minutes of one height and colour: a dashed line as thick as the ticks are high. */
export interface BeaconTicks { d: string, height: number, colour: string }

const heights = [1.5, 5, 11, 17] as const
const colours = ['var(--fire-unlit)', 'var(--calm)', 'var(--fire-2)', 'var(--fire-3)'] as const

/** Of states as `packStates` wrote them: a tick a minute as high as the number of fires, a dash where nothing is known; drawn with `stroke-dasharray` 2 1. */
export function beaconTicks(packed: string): BeaconTicks[] {
  const strip = unpackStates(packed)
  const parts = ['', '', '', '']
  let from = 0
  for (let minute = 1; minute <= strip.length; minute++) {
    const fires = firesOf[strip[from]!]
    if (minute < strip.length && firesOf[strip[minute]!] === fires) continue
    parts[fires] += `M${from * beaconStep} ${beaconHeight - heights[fires] / 2}h${(minute - from) * beaconStep}`
    from = minute
  }
  return parts.map((d, fires) => ({ d, height: heights[fires]!, colour: colours[fires]! })).filter(ticks => ticks.d)
}
