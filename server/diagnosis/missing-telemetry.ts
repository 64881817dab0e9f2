import { KIND } from '#shared/trace/span-table'
import type { Analysis } from './analysis'
import type { Hypothesis } from './hypothesis'
import { SERVER } from './link-spans'

/** Of the answers that used to be seen, fewer than this are left while calls go on. */
const GONE = 0.1
const FEWEST = 20
const STILL_CALLED = 0.5

/**
 * A service whose calls go well but which says nothing any more is not down: its instrumentation, or the way of its
 * spans, is. Never a root cause, but a hole that everybody has to know of.
 */
export function findMissingTelemetry({ charges, before, after, windows, covered }: Analysis): Hypothesis[] {
  const { vocabulary } = charges
  const seconds = (windows.incident.to - windows.incident.from) / 1e6
  const sums = new Map<number, { calls: [number, number], answers: [number, number], failed: number, operation: number }>()
  const sumOf = (remote: number) => {
    const sum = sums.get(remote) ?? { calls: [0, 0], answers: [0, 0], failed: 0, operation: 0 }
    sums.set(remote, sum)
    return sum
  }
  for (const [number, { kind, remote, callee }] of vocabulary.keys.entries()) {
    if (kind !== 'edge') continue
    const sum = sumOf(remote)
    for (const [side, summary] of [before, after].entries()) {
      sum.calls[side]! += summary.keys[number]!.calls
      if (callee) sum.answers[side]! += summary.keys[number]!.calls
    }
    if (callee && !sum.operation) sum.operation = callee
  }
  for (const [number, { remote }] of vocabulary.calls.entries()) sumOf(remote).failed += after.calls[number]!.failed
  return [...sums].flatMap(([remote, { calls, answers, failed, operation }]): Hypothesis[] => {
    const wasAnswered = answers[0] >= STILL_CALLED * calls[0] && answers[0] >= FEWEST
    const isGone = answers[1] < GONE * calls[1] && calls[1] >= FEWEST / 2
    const goesOn = calls[1] / seconds > STILL_CALLED * calls[0] / covered.before && failed < 0.2 * calls[1]
    if (!wasAnswered || !isGone || !goesOn) return []
    return [{ type: 'missing_telemetry', service: remote, operation, remote: 0, keys: [], calls: [], origins: [], latency: 0, errors: 0, isMechanism: false, seen: Math.round(calls[1]), facts: {} }]
  })
}

/** Share of the requests of the incident whose caller is in the trace. */
export function completenessOf({ forest }: Analysis['charges']): number {
  let servers = 0
  for (let span = 0; span < forest.flags.length; span++) if ((forest.flags[span]! & KIND) === SERVER) servers++
  return servers === 0 ? 1 : 1 - Math.min(1, forest.orphans / servers)
}
