import type { FigureUnit, RulePreview } from '../schemas/alert-rule'
import { linePath, round } from './line-path'
import { valueScale } from './value-scale'

/** Narrower than other charts: it stands in a panel. */
export const rulePictureBox = { width: 400, height: 142, left: 52, right: 4, top: 14, bottom: 20 }

export interface RulePicture {
  path: string
  limit: { y: number, value: number }
  lines: { y: number, value: number }[]
  /** Times it would have fired. */
  bands: { x: number, width: number }[]
  /** Where a moment stands, px. */
  x: (at: number) => number
}

/** A day's course of one subject, the limit across it, and bands for the times it would have fired. */
export function rulePicture({ window, limit, firings, drawn }: Pick<RulePreview, 'window' | 'limit' | 'firings' | 'drawn' | 'unit'>, box = rulePictureBox): RulePicture {
  const [from, to] = [Date.parse(window.from), Date.parse(window.to)]
  const inner = { width: box.width - box.left - box.right, height: box.height - box.top - box.bottom }
  const values = drawn?.values ?? []
  const measured = values.filter(value => value !== null)
  const { max, ticks } = valueScale(Math.max(limit, ...measured) * 1.02, 2)
  const lowest = Math.min(0, limit, ...measured)
  const y = (value: number) => round(box.top + (1 - (value - lowest) / (max - lowest)) * inner.height)
  const x = (at: number) => round(box.left + Math.min(1, Math.max(0, (at - from) / (to - from))) * inner.width)
  const start = drawn ? Date.parse(drawn.start) : from
  const key = drawn && JSON.stringify(drawn.subject)
  return {
    path: linePath(values, i => x(start + (i + 0.5) * (drawn?.step ?? 0)), y),
    limit: { y: y(limit), value: limit },
    lines: ticks.map(value => ({ value, y: y(value) })),
    bands: firings.filter(({ subject }) => JSON.stringify(subject) === key).map(({ at, over }) => {
      const begins = x(Date.parse(at))
      return { x: begins, width: Math.max(2, round(x(over ? Date.parse(over) : to) - begins)) }
    }),
    x,
  }
}

/** As chart axes write it. */
export function chartUnitOf(unit: FigureUnit): 'duration' | 'rate' | 'ratio' | 'number' {
  return unit === 'times' ? 'number' : unit
}
