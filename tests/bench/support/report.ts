/** One measured figure; `must` is the bar it has to meet, an upper one unless `atLeast`. */
export interface Figure {
  name: string
  value: number
  must?: number
  atLeast?: boolean
  /** What the value was made from. */
  detail?: string
}

export function median(values: number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}

export function meets({ value, must, atLeast }: Figure): boolean {
  return must === undefined || (atLeast ? value >= must : value <= must)
}

export function printTable(title: string, figures: Figure[]): void {
  console.log(`\n${title}`)
  for (const figure of figures) {
    const bar = figure.must === undefined ? '' : `${figure.atLeast ? '≥' : '≤'} ${figure.must}`
    console.log(`  ${meets(figure) ? ' ' : '✗'} ${figure.name.padEnd(58)} ${format(figure.value).padStart(10)}  ${bar.padEnd(8)} ${figure.detail ?? ''}`.trimEnd())
  }
}

function format(value: number): string {
  return Number.isInteger(value) ? String(value) : value.toPrecision(3)
}
