export interface Link { from: string, to: string }

/**
 * Which links go against the direction of the rest: those that close a cycle when everything is followed from the
 * first names on. Drawn backwards, they leave a graph that has layers. Answers their places in the list.
 */
export function findBackLinks(ids: readonly string[], links: readonly Link[]): Set<number> {
  const leaving = Map.groupBy(links.keys(), i => links[i]!.from)
  const back = new Set<number>()
  const state = new Map<string, 'open' | 'done'>()
  const called = new Set(links.map(({ to }) => to))
  // Who is called by nobody begins; in a cycle somebody has to.
  for (const root of [...ids.filter(id => !called.has(id)), ...ids]) {
    if (state.has(root)) continue
    state.set(root, 'open')
    const stack = [{ id: root, links: leaving.get(root) ?? [], next: 0 }]
    while (stack.length) {
      const top = stack.at(-1)!
      const link = top.links[top.next++]
      if (link === undefined) {
        state.set(top.id, 'done')
        stack.pop()
        continue
      }
      const { to } = links[link]!
      if (state.get(to) === 'open') back.add(link)
      else if (!state.has(to)) {
        state.set(to, 'open')
        stack.push({ id: to, links: leaving.get(to) ?? [], next: 0 })
      }
    }
  }
  return back
}

/**
 * The layer of each node, from 0: one behind the last of its callers. Who is called by nobody stands right before the
 * first it calls, unless it is `pinned` to the front. `links` go forward only.
 */
export function assignLayers(ids: readonly string[], links: readonly Link[], pinned: ReadonlySet<string>): Map<string, number> {
  const leaving = Map.groupBy(links, ({ from }) => from)
  const waiting = new Map(ids.map(id => [id, 0]))
  for (const { to } of links) waiting.set(to, waiting.get(to)! + 1)
  const layers = new Map(ids.map(id => [id, 0]))
  const ready = ids.filter(id => waiting.get(id) === 0)
  const roots = new Set(ready)
  for (let i = 0; i < ready.length; i++) {
    const id = ready[i]!
    for (const { to } of leaving.get(id) ?? []) {
      layers.set(to, Math.max(layers.get(to)!, layers.get(id)! + 1))
      waiting.set(to, waiting.get(to)! - 1)
      if (waiting.get(to) === 0) ready.push(to)
    }
  }
  for (const id of roots) {
    const callees = leaving.get(id) ?? []
    if (callees.length && !pinned.has(id)) layers.set(id, Math.min(...callees.map(({ to }) => layers.get(to)!)) - 1)
  }
  return layers
}
