import { eq } from 'drizzle-orm'
import type { Database } from '#server/db/client'
import { incidents } from '#server/db/control/schema'

/** What happened to an incident with one revision. */
export type RevisionEvent = 'opened' | 'updated' | 'resolved' | 'reopened'

export interface Revised<Line> {
  id: string
  number: number
  revision: number
  event: RevisionEvent
  at: Date
  /** As it was at that moment, for those who want every one. */
  line: Line | undefined
}

export type Feed<Line> = ReturnType<typeof createFeed<Line>>

/**
 * Tells of revisions once they stand. They are noted inside transactions of other rooms, too; those are synchronous, so
 * whatever waits for the next turn finds them committed, or undone.
 */
export function createFeed<Line>({ db }: { db: Database }) {
  const listeners = new Set<(revised: Revised<Line>) => void>()
  const exact = new Set<(line: Line) => void>()
  let noted: Revised<Line>[] = []

  function flush() {
    const all = noted
    noted = []
    for (const revised of all) {
      const stands = db.select({ revision: incidents.revision }).from(incidents).where(eq(incidents.id, revised.id)).get()
      if (!stands || stands.revision < revised.revision) continue
      for (const listener of listeners) listener(revised)
      if (revised.line !== undefined) for (const listener of exact) listener(revised.line)
    }
  }

  return {
    note(revised: Omit<Revised<Line>, 'line'>, lineOf: () => Line) {
      if (!noted.length) queueMicrotask(flush)
      noted.push({ ...revised, line: exact.size ? lineOf() : undefined })
    },
    subscribe(listener: (revised: Revised<Line>) => void) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    onLine(listener: (line: Line) => void) {
      exact.add(listener)
      return () => void exact.delete(listener)
    },
  }
}
