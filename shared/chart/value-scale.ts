/** A round top for an axis from 0, and the figures to write on it: 2.4 becomes 0, 1, 2, 3. */
export function valueScale(most: number, lines = 4): { max: number, ticks: number[] } {
  if (!(most > 0)) return { max: 1, ticks: [0] }
  const step = roundUp(most / lines)
  const count = Math.ceil(most / step - 1e-9)
  return { max: step * count, ticks: Array.from({ length: count + 1 }, (_, i) => Number((i * step).toPrecision(10))) }
}

function roundUp(value: number): number {
  const decade = 10 ** Math.floor(Math.log10(value))
  return ([1, 2, 2.5, 5, 10].find(digit => digit * decade >= value - 1e-12) ?? 10) * decade
}
