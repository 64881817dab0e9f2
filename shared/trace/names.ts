/** Texts by number, in order of appearance: the same text is the same number. */
export function createNames() {
  const list: string[] = []
  const known = new Map<string, number>()
  return {
    list,
    add(name: string): number {
      let index = known.get(name)
      if (index === undefined) {
        known.set(name, index = list.length)
        list.push(name)
      }
      return index
    },
  }
}
