import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { RevisionLine as Revision } from '../../../server/incidents/incidents.ts'
import { replay } from '../../../server/replay/replay.ts'
import type { Truth } from './faults.ts'
import { score, type Score } from './score.ts'

/** What the app made of a recording by itself: nobody told it that, when or where something was wrong. */
export interface Replayed {
  /** Seconds from the fault to its first incident, or to what it changed in one that was open; undefined where there was neither. */
  detected?: number
  /** Seconds from the fault to the first answer that names the right service. */
  named?: number
  /** Of the last answer; undefined where none was given. */
  score?: Score
  confidence?: Revision['confidence']
  last?: Revision
  /** Critical incidents that opened before anything was wrong. */
  falsePages: number
  /** Incidents of the fault. */
  incidents: number
}

/** Every revision of what these lines lead to. */
export async function revisionsOf(lines: Iterable<string>): Promise<Revision[]> {
  const folder = mkdtempSync(join(tmpdir(), 'bongsu-bench-'))
  try {
    const file = join(folder, 'recording.jsonl')
    write(file, lines)
    const revisions: Revision[] = []
    await replay({
      files: [file], onRevision: revision => revisions.push(revision),
      onTrouble: (error) => {
        throw error
      },
    })
    return revisions
  }
  finally {
    rmSync(folder, { recursive: true })
  }
}

/** Hours of it are longer than a text can be. */
function write(file: string, lines: Iterable<string>) {
  const recording = openSync(file, 'w')
  for (const line of lines) writeSync(recording, `${line}\n`)
  closeSync(recording)
}

/** `began`: µs since the epoch. */
export function judgeRevisions(revisions: readonly Revision[], { began, truth }: { began: number, truth: Truth }): Replayed {
  const since = (at: string) => (Date.parse(at) * 1_000 - began) / 1e6
  const opened = new Map(revisions.filter(({ event }) => event === 'opened').map(({ incident, at }) => [incident, since(at)]))
  const falsePages = new Set(revisions.filter(({ severity, at, incident }) => severity === 'critical' && since(at) < 0 && opened.get(incident)! < 0).map(({ incident }) => incident)).size
  // The incident that pages first is the one that somebody looks at.
  const own = [...opened].filter(([, at]) => at >= 0).sort((a, b) => a[1] - b[1])
  const isPage = (incident: string) => revisions.some(revision => revision.incident === incident && revision.severity === 'critical')
  const [incident, detected] = own.find(([name]) => isPage(name)) ?? own[0] ?? joined(revisions, since) ?? []
  if (incident === undefined || detected === undefined) return { falsePages, incidents: 0 }
  const answers = revisions.filter(revision => revision.incident === incident && revision.culprit && since(revision.at) >= 0)
  const scoreOf = (revision: Revision) => score({ culprit: revision.culprit, qualifier: revision.qualifier, runnersUp: revision.runnersUp.map(culprit => ({ culprit, explains: 0, whyNot: { code: 'diagnosis.whyNot.smaller' } })) }, truth)
  const named = answers.find(revision => scoreOf(revision).service)
  const last = answers.findLast(({ event }) => event !== 'resolved') ?? answers.at(-1)
  return { detected, ...(named && { named: since(named.at) }), ...(last && { score: scoreOf(last), confidence: last.confidence, last }), falsePages, incidents: own.length }
}

/**
 * A platform may be in trouble before the fault, and its incident takes the fault in: then that one is what somebody looks
 * at, from where it says something else than before.
 */
function joined(revisions: readonly Revision[], since: (at: string) => number): [string, number] | undefined {
  for (const [i, revision] of revisions.entries()) {
    const before = revisions.slice(0, i).findLast(({ incident }) => incident === revision.incident)
    if (since(revision.at) >= 0 && before && revision.event !== 'resolved' && said(revision) !== said(before)) return [revision.incident, since(revision.at)]
  }
  return undefined
}

const said = ({ culprit, symptoms }: Revision) => JSON.stringify([culprit, symptoms])

/** Critical incidents of a recording in which nothing is wrong. */
export async function countFalsePages(lines: Iterable<string>): Promise<Revision[]> {
  const revisions = await revisionsOf(lines)
  const pages = new Map<string, Revision>()
  for (const revision of revisions) if (revision.severity === 'critical' && !pages.has(revision.incident)) pages.set(revision.incident, revision)
  return [...pages.values()]
}
