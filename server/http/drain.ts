/**
 * What must end before the server can: open streams and the like. Each registers how to close it; the entry closes
 * all of them on SIGTERM, because `server.close()` would wait for the readers instead.
 */
const closers = new Set<() => void | Promise<void>>()
let draining = false

/** Registers a closer; the answer takes it back. */
export function onDrain(close: () => void | Promise<void>): () => void {
  closers.add(close)
  return () => closers.delete(close)
}

export function isDraining(): boolean {
  return draining
}

export async function drain(): Promise<void> {
  draining = true
  await Promise.allSettled([...closers].map(close => close()))
}
