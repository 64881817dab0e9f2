/** Three significant digits: what a sentence can carry. */
export function round(value: number): number {
  return Number(value.toPrecision(3))
}
