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
