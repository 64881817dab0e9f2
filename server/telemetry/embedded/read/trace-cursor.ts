import type { TracePage, TraceQuery } from '../../ports'

/** Where a page ended, and how many there were when the first one was asked for: that is counted once, not with every page. */
export function writeCursor({ orderedBy, id }: { orderedBy: number, id: number }, { count, atLeast }: TracePage['total']): string {
  return `${orderedBy}.${id}.${count}${atLeast ? '+' : ''}`
}

/** Where a page begins; without a cursor at the end of the window. */
export function cursorOf({ cursor, window }: TraceQuery): { before: number, beforeId: number, counted?: TracePage['total'] } {
  const parts = /^(\d{1,16})\.(\d{1,16})\.(\d{1,5})(\+?)$/.exec(cursor ?? '')
  if (!parts) return { before: window.to.getTime() * 1000, beforeId: 0 }
  return { before: Number(parts[1]), beforeId: Number(parts[2]), counted: { count: Number(parts[3]), atLeast: parts[4] === '+' } }
}
