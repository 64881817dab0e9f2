/** One layer of a stack per series, drawn from the foot up: each a single path of rectangles. */
export function stackedColumns(series: readonly (readonly number[])[], { width, height, max, gap = 1 }: { width: number, height: number, max: number, gap?: number }): string[] {
  const columns = series[0]?.length ?? 0
  const pitch = columns ? width / columns : 0
  const feet = Array.from({ length: columns }, () => 0)
  return series.map(values => values.map((value, i) => {
    if (!value) return ''
    const foot = feet[i]!
    feet[i] = foot + value
    const top = (1 - (foot + value) / max) * height
    return `M${round(i * pitch)} ${round(top)}h${round(Math.max(0.5, pitch - gap))}v${round(value / max * height)}h-${round(Math.max(0.5, pitch - gap))}z`
  }).join(''))
}

/** A round top for counts, and what to write at it and at its half. */
export function countScale(most: number): { max: number, ticks: number[] } {
  if (most <= 0) return { max: 1, ticks: [] }
  const decade = 10 ** Math.floor(Math.log10(most))
  const max = Math.max(2, ([1, 2, 4, 6, 8, 10].find(step => step * decade >= most) ?? 10) * decade)
  return { max, ticks: [0, max / 2, max] }
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}
