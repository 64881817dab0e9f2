import type { Commit } from '../telemetry'

/** What a commit touched, as it comes from another thread or from the store: times are numbers. */
export type Touched = Omit<Commit, 'newVersions'> & { newVersions: { service: string, version: string, at: number }[] }

/** Tells those who want to know of every commit. */
export function createCommits() {
  const listeners = new Set<(commit: Commit) => void>()
  return {
    announce({ newVersions, ...touched }: Touched): void {
      const commit: Commit = { ...touched, newVersions: newVersions.map(entry => ({ ...entry, at: new Date(entry.at) })) }
      for (const listener of listeners) listener(commit)
    },

    /** The answer ends it. */
    onCommit(listener: (commit: Commit) => void): () => void {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}
