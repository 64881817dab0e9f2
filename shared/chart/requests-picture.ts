import type { PlainIncident } from '../schemas/plain-incident'
import { round } from './line-path'
import { countScale, stackedColumns } from './stacked-columns'

export const requestsBox = { width: 720, height: 236, left: 36, right: 2, top: 8, bottom: 24 }

export interface RequestsPicture {
  failed: string
  ok: string
  lines: { y: number, value: number }[]
  from: number
  to: number
  /** Where it began, in the box. */
  onset?: number
}

/** Requests by step, those that failed at the foot. Steps nobody measured stay blank; `onset` in ms since the epoch. */
export function requestsPicture({ from, step, ok, failed }: PlainIncident['requests'], onset: number, box = requestsBox): RequestsPicture | undefined {
  const sums = ok.map((value, i) => (value ?? 0) + (failed[i] ?? 0))
  if (!sums.some(sum => sum > 0)) return undefined
  const { max, ticks } = countScale(Math.max(...sums))
  const inner = { width: box.width - box.left - box.right, height: box.height - box.top - box.bottom }
  const [failures = '', successes = ''] = stackedColumns([failed.map(value => value ?? 0), ok.map(value => value ?? 0)], { ...inner, max, gap: 2 })
  const start = Date.parse(from)
  const end = start + ok.length * step
  return {
    failed: failures, ok: successes,
    lines: ticks.map(value => ({ value, y: round(box.top + (1 - value / max) * inner.height) })),
    from: start, to: end,
    ...(onset > start && onset < end && { onset: round(box.left + (onset - start) / (end - start) * inner.width) }),
  }
}
