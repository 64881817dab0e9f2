export type Scale = (value: number) => number

/** A line through the values with holes where there are none; what stands alone is a dash of one pixel. */
export function linePath(values: readonly (number | null)[], x: Scale, y: Scale, from = 0, to = values.length): string {
  let path = ''
  let at: [number, number] | undefined
  for (let i = from; i < to; i++) {
    const value = values[i]
    if (value === null || value === undefined) {
      at = undefined
      continue
    }
    const next: [number, number] = [round(x(i)), round(y(value))]
    const alone = i + 1 >= to || values[i + 1] === null
    if (!at) path += `M${next[0]} ${next[1]}${alone ? 'h1' : 'l'}`
    else path += pair(round(next[0] - at[0]), round(next[1] - at[1]), path.endsWith('l'))
    at = next
  }
  return path
}

/** A minus divides as well as a space does. */
function pair(x: number, y: number, first: boolean): string {
  return `${first || x < 0 ? '' : ' '}${x}${y < 0 ? '' : ' '}${y}`
}

/** The field below the same line. */
export function areaPath(values: readonly (number | null)[], x: Scale, y: Scale, foot: number, from = 0): string {
  let path = ''
  let open = false
  for (let i = from; i <= values.length; i++) {
    const value = values[i] ?? null
    if (value === null) {
      if (open) path += `V${foot}z`
      open = false
    }
    else {
      path += open ? `L${round(x(i))} ${round(y(value))}` : `M${round(x(i))} ${foot}V${round(y(value))}`
      open = true
    }
  }
  return path
}

export function round(value: number): number {
  return Math.round(value * 10) / 10
}
