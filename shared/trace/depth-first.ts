/** Depth first over spans that were handed in by start, which need not be all that `parent` knows; a stack of our own, because 100,000 levels are possible. */
export function walkDepthFirst(order: Uint32Array, parent: Int32Array): Uint32Array {
  const total = order.length
  const firstChild = new Int32Array(parent.length).fill(-1)
  const nextSibling = new Int32Array(parent.length).fill(-1)
  let firstTop = -1
  for (let at = total - 1; at >= 0; at--) {
    const i = order[at]!
    const above = parent[i]!
    nextSibling[i] = above < 0 ? firstTop : firstChild[above]!
    if (above < 0) firstTop = i
    else firstChild[above] = i
  }
  const walked = new Uint32Array(total)
  const later = new Int32Array(total + 1)
  let waiting = 0
  let count = 0
  for (let i = firstTop; i >= 0 || waiting > 0;) {
    if (i < 0) i = later[--waiting]!
    walked[count++] = i
    if (nextSibling[i]! >= 0) later[waiting++] = nextSibling[i]!
    i = firstChild[i]!
  }
  return walked
}
