/** Spearman's: whether one grows as the other does, however it grows; -1 to 1, 0 where either never changes. */
export function rankCorrelation(a: number[], b: number[]): number {
  return correlation(ranks(a), ranks(b))
}

function ranks(values: number[]): number[] {
  const order = [...values.keys()].sort((a, b) => values[a]! - values[b]!)
  const rank = new Array<number>(values.length)
  for (let i = 0; i < order.length;) {
    let j = i
    while (j < order.length && values[order[j]!] === values[order[i]!]) j++
    for (let k = i; k < j; k++) rank[order[k]!] = (i + j - 1) / 2
    i = j
  }
  return rank
}

function correlation(a: number[], b: number[]): number {
  const mean = (a.length - 1) / 2
  let ab = 0
  let aa = 0
  let bb = 0
  for (let i = 0; i < a.length; i++) {
    ab += (a[i]! - mean) * (b[i]! - mean)
    aa += (a[i]! - mean) ** 2
    bb += (b[i]! - mean) ** 2
  }
  return aa > 0 && bb > 0 ? ab / Math.sqrt(aa * bb) : 0
}
