/** Levels of a packed course: more than a sparkline has pixels. */
export const packedTop = 35

/** A course as one letter a step, from 0 to the largest value (never below `floor`); a dash where nothing came. */
export function packTrend(values: readonly (number | null)[], floor = 0): string {
  const top = Math.max(floor, ...values.map(value => value ?? 0)) || 1
  return values.map(value => (value === null ? '-' : Math.round(value / top * packedTop).toString(36))).join('')
}

export function unpackTrend(packed: string): (number | null)[] {
  return [...packed].map(letter => (letter === '-' ? null : Number.parseInt(letter, 36)))
}
