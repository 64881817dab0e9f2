import { DAY, HOUR, MINUTE, SECOND, type Millis, type TimeWindow } from '../units'

const steps: Millis[] = [
  SECOND, 2 * SECOND, 5 * SECOND, 10 * SECOND, 15 * SECOND, 30 * SECOND,
  MINUTE, 2 * MINUTE, 5 * MINUTE, 10 * MINUTE, 15 * MINUTE, 30 * MINUTE,
  HOUR, 2 * HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR, DAY, 2 * DAY, 7 * DAY, 30 * DAY,
]

/** The smallest round step of which at most `most` fit into the window. */
export function roundStep({ from, to }: TimeWindow, most: number): Millis {
  const wanted = (to.getTime() - from.getTime()) / most
  return steps.find(step => step >= wanted) ?? steps.at(-1)!
}

/** Round times inside the window, round in the reader's zone: `offset` is the zone's distance from UTC. */
export function timeTicks(window: TimeWindow, most: number, offset: Millis = 0): { at: Date, position: number }[] {
  const step = roundStep(window, most)
  const [from, to] = [window.from.getTime(), window.to.getTime()]
  const ticks: { at: Date, position: number }[] = []
  for (let at = Math.ceil((from + offset) / step) * step - offset; at < to; at += step) ticks.push({ at: new Date(at), position: (at - from) / (to - from) })
  return ticks
}

/** Distance of a zone from UTC at a moment. */
export function zoneOffset(zone: string, at: Date): Millis {
  const name = new Intl.DateTimeFormat('en', { timeZone: zone, timeZoneName: 'longOffset' }).formatToParts(at).find(part => part.type === 'timeZoneName')?.value ?? ''
  const [, sign, hours, minutes] = /GMT([+-])(\d\d):(\d\d)/.exec(name) ?? []
  return sign ? (sign === '-' ? -1 : 1) * (Number(hours) * HOUR + Number(minutes) * MINUTE) : 0
}
