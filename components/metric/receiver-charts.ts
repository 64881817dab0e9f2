import type { ChartModel } from '#shared/chart/chart-model'
import { valueScale } from '#shared/chart/value-scale'
import type { ReceiverStats } from '#shared/schemas/sources'

export const receiverKinds = [{ kind: 'spans', colour: 'var(--line)' }, { kind: 'logs', colour: 'var(--ui-text-highlighted)' }, { kind: 'points', colour: 'var(--service-10)' }] as const
export const rejectedColour = 'var(--fire-2)'

/** A day of the receiver on one time axis: what was taken a second, and what was not in an hour. */
export function receiverCharts({ from, step, accepted, rejected }: ReceiverStats['course'], nameOf: (kind: 'spans' | 'points' | 'logs' | 'rejected') => string): { accepted: ChartModel, rejected: ChartModel } {
  const start = Date.parse(from)
  const frame = { kind: 'columns' as const, from: start, to: start + rejected.length * step, start, step, changes: [] }
  const sums = rejected.map((_, i) => receiverKinds.reduce((sum, { kind }) => sum + (accepted[kind][i] ?? 0), 0))
  return {
    accepted: { ...frame, ...valueScale(Math.max(0, ...sums)), series: receiverKinds.map(({ kind, colour }) => ({ key: kind, name: nameOf(kind), colour, values: accepted[kind] })) },
    // Never below eight, so that three of them do not look like a flood.
    rejected: { ...frame, ...valueScale(Math.max(8, ...rejected.map(count => count ?? 0))), series: [{ key: 'rejected', name: nameOf('rejected'), colour: rejectedColour, values: rejected }] },
  }
}
