import type { Database } from '#server/db/client'

const most = 1_000

/**
 * What was read from the control file, kept for as long as nothing in it was written, by this connection or another:
 * as true as reading it again, at the price of asking whether it changed.
 */
export function createUnchanged<T>(db: Database) {
  const ownWrites = db.$client.prepare<[], number>('SELECT total_changes()').pluck()
  const othersWrites = db.$client.prepare<[], number>('PRAGMA data_version').pluck()
  const kept = new Map<string, T>()
  let own: unknown
  let others: unknown

  return (key: string, read: () => T | undefined): T | undefined => {
    const [ownNow, othersNow] = [ownWrites.get(), othersWrites.get()]
    if (ownNow !== own || othersNow !== others || kept.size >= most) kept.clear()
    own = ownNow
    others = othersNow
    const known = kept.get(key)
    if (known !== undefined) return known
    const value = read()
    if (value !== undefined) kept.set(key, value)
    return value
  }
}
