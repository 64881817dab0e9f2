import type { TraceRow } from '#shared/schemas/trace'

/** Where a row's parts lie within the window, as style attributes; plain numbers in, strings out. */

const INDENT = 12
const FULL_LEVELS = 14

/** Pixels; after 14 levels each takes less room, so that depth 1,000 still leaves names readable. */
export function indentOf(level: number): number {
  return level <= FULL_LEVELS ? level * INDENT : FULL_LEVELS * INDENT + Math.round(72 * (1 - Math.exp(-(level - FULL_LEVELS) / 30)))
}

/** The lines of the tree that pass a row, as SVG paths: those of the error's way apart. */
export function guidePaths(row: TraceRow, height: number): { plain: string, chain: string } {
  const middle = height / 2
  let plain = ''
  let chain = ''
  const last = Math.min(row.indent, 31) - 1
  for (let level = 0; level <= last; level++) {
    const x = indentOf(level) + 6.5
    const on = (row.guides >>> level) & 1
    const red = (row.chain >>> level) & 1
    const ends = level === last
    const line = ends ? `M${x} 0V${on ? height : middle}` : on ? `M${x} 0V${height}` : ''
    const elbow = ends ? `M${x} ${middle}h6` : ''
    // At the row the way turns off; above it and in rows between it runs straight on.
    if (red && !ends) chain += line
    else if (ends && row.elbow) {
      chain += `M${x} 0V${middle}h6${red ? `M${x} ${middle}V${height}` : ''}`
      if (on && !red) plain += `M${x} ${middle}V${height}`
    }
    else if (ends && red) {
      chain += line
      plain += elbow
    }
    else plain += line + elbow
  }
  // Children begin below.
  if (row.expanded) {
    const x = indentOf(row.indent) + 6.5
    const stem = `M${x} ${middle + 7}V${height}`
    if (row.indent < 31 && (row.chain >>> row.indent) & 1) chain += stem
    else plain += stem
  }
  return { plain, chain }
}

export interface Bar {
  left: number
  width: number
  /** It goes on outside the window. */
  before: boolean
  after: boolean
}

/** Percent of the window, or undefined where nothing of it is inside. */
export function barOf(from: number, to: number, [first, last]: readonly [number, number]): Bar | undefined {
  if (to < first || from > last) return undefined
  const width = last - first
  const left = Math.max(0, (from - first) / width)
  const right = Math.min(1, (to - first) / width)
  return { left: round(left * 100), width: round((right - left) * 100), before: from < first, after: to > last }
}

/**
 * Dark parts on a tint, as one background: no part thinner than can be seen. A part that fills the bar is a plain
 * colour, because a browser reads thousands of these while a list is scrolled.
 */
export function stripes(parts: number[], from: number, to: number, dark: string, light: string, thinnest = 1.5): string {
  const width = to - from
  if (width <= 0 || (parts.length === 2 && parts[0]! <= from && parts[1]! >= to)) return parts.length ? dark : light
  const stops: string[] = []
  for (let i = 0; i < parts.length; i += 2) {
    const start = Math.max(0, (parts[i]! - from) / width * 100)
    const end = Math.min(100, (parts[i + 1]! - from) / width * 100)
    if (end < 0 || start > 100) continue
    // A stop at 0 begins where the one before it ended.
    stops.push(`${light} 0 ${round(start)}%`, `${dark} 0 max(${round(end)}%,${round(start)}% + ${thinnest}px)`)
  }
  return stops.length ? `linear-gradient(90deg,${stops.join(',')},${light} 0)` : light
}

const round = (value: number) => Math.round(value * 100) / 100

/** Beside the bar where there is room, else before it, else inside at its end. */
export function labelPlace({ left, width }: Bar): 'after' | 'before' | 'inside' {
  if (left + width < 91) return 'after'
  return left > 16 ? 'before' : 'inside'
}
