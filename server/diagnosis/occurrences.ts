/** Lists by number in one block: entry i holds `items[from[i]]` up to `items[from[i + 1]]`. */
export interface Lists {
  from: Uint32Array
  items: Uint32Array
}

/** Spans by what they have in common, e.g. their key: a counting sort, -1 and unwanted ones left out. */
export function listBy(numbers: Int32Array, count: number, wanted: (span: number) => boolean): Lists {
  const from = new Uint32Array(count + 1)
  for (let span = 0; span < numbers.length; span++) if (numbers[span]! >= 0 && wanted(span)) from[numbers[span]! + 1]!++
  for (let i = 0; i < count; i++) from[i + 1]! += from[i]!
  const next = from.slice()
  const items = new Uint32Array(from[count]!)
  for (let span = 0; span < numbers.length; span++) if (numbers[span]! >= 0 && wanted(span)) items[next[numbers[span]!]!++] = span
  return { from, items }
}

export function listOf({ from, items }: Lists, number: number): Uint32Array {
  return items.subarray(from[number]!, from[number + 1]!)
}
