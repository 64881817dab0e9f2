import type { DurationClass } from '#server/telemetry/ports'
import type { Micros } from '#shared/units'

/** Where one duration lies among many; a share counts only what is surely faster or slower, never its own class. */
export function placeAmong(classes: readonly DurationClass[], duration: Micros): { calls: number, slowerThan: number, fasterThan: number } {
  let calls = 0
  let faster = 0
  let slower = 0
  for (const { from, to, requests } of classes) {
    calls += requests
    if (to < duration) faster += requests
    else if (from >= duration && to > duration) slower += requests
  }
  return { calls, slowerThan: calls ? faster / calls : 0, fasterThan: calls ? slower / calls : 0 }
}

/** The duration that a class stands for is off by the same share at both of its ends. */
export function quantileOf(classes: readonly DurationClass[], share: number): Micros {
  const wanted = share * classes.reduce((sum, { requests }) => sum + requests, 0)
  let passed = 0
  const found = classes.find(({ requests }) => (passed += requests) >= wanted * (1 - 1e-9))
  return found && found.to > 0 ? Math.round(2 * found.from * found.to / (found.from + found.to)) : 0
}

/** At most so many, cut where a logarithm is cut evenly: a picture has no room for more. */
export function mergeClasses(classes: readonly DurationClass[], most: number): DurationClass[] {
  const first = classes[0]
  if (!first || classes.length <= most) return [...classes]
  const low = Math.log1p(first.from)
  const width = (Math.log1p(classes.at(-1)!.to) - low) / most
  const cells = new Map<number, DurationClass>()
  for (const { from, to, requests } of classes) {
    const place = Math.min(most - 1, Math.floor(((Math.log1p(from) + Math.log1p(to)) / 2 - low) / width))
    const cell = cells.get(place)
    cells.set(place, cell ? { from: cell.from, to, requests: cell.requests + requests } : { from, to, requests })
  }
  return [...cells.values()]
}
