export interface CoursePaths {
  /** SVG path of the line; a value alone between gaps is a short dash. */
  line: string
  /** The same, closed down to the base. */
  area: string
}

/** A line over equal steps, its scale from 0 to `top`; steps without a value are left blank at their place. */
export function coursePaths(values: readonly (number | null)[], { width, height, top }: { width: number, height: number, top: number }): CoursePaths {
  const step = values.length > 1 ? width / (values.length - 1) : width
  const x = (at: number) => round(at * step)
  const y = (value: number) => round(height - (top > 0 ? Math.min(1, value / top) : 0) * height)
  let line = ''
  let area = ''
  for (let at = 0; at < values.length; at++) {
    if (values[at] === null) continue
    let last = at
    while (last + 1 < values.length && values[last + 1] !== null) last++
    const points = values.slice(at, last + 1).map((value, offset) => `${x(at + offset)} ${y(value!)}`)
    if (points.length === 1) points.push(`${round(x(at) + Math.min(2, step))} ${y(values[at]!)}`)
    line += `M${points.join('L')}`
    area += `M${x(at)} ${height}L${points.join('L')}V${height}Z`
    at = last
  }
  return { line, area }
}

const round = (value: number) => Math.round(value * 10) / 10

/** Where trouble began that still lasts: the first step after the last one within the limit; the length where it does not last. */
export function onsetOf(values: readonly (number | null)[], limit: number): number {
  let onset = values.length
  for (let at = values.length - 1; at >= 0; at--) {
    const value = values[at]
    if (value === null || value === undefined) continue
    if (value <= limit) break
    onset = at
  }
  return onset
}
