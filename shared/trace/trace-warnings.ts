import type { Sentence } from '../text/text'
import type { Skeleton } from './skeleton'
import { CUT, MISSING, ORPHAN } from './span-table'

/** What the reader has to know before believing the picture: holes, circles, several roots, clocks that were moved. */
export function findWarnings(trace: Skeleton): Sentence[] {
  const warnings: Sentence[] = []
  let orphans = 0
  let missing = 0
  let cut = 0
  let roots = 0
  for (let span = 0; span < trace.count; span++) {
    const flags = trace.flags[span]!
    if (flags & ORPHAN) orphans++
    if (flags & MISSING) missing++
    if (flags & CUT) cut++
    if (trace.parent[span]! < 0 && !(flags & (MISSING | ORPHAN | CUT))) roots++
  }
  if (trace.count && !roots && missing) warnings.push({ code: 'trace.warning.no_root', params: { count: orphans } })
  else if (missing) warnings.push({ code: 'trace.warning.orphans', params: { count: orphans, missing } })
  else if (orphans) warnings.push({ code: 'trace.warning.caller_unknown' })
  if (roots > 1) warnings.push({ code: 'trace.warning.roots', params: { count: roots } })
  if (cut) warnings.push({ code: 'trace.warning.circle', params: { count: cut } })
  if (trace.duplicates) warnings.push({ code: 'trace.warning.duplicates', params: { count: trace.duplicates } })
  for (const { service, host, ahead } of trace.skews) {
    warnings.push({ code: ahead > 0 ? 'trace.warning.clock_ahead' : 'trace.warning.clock_behind', params: { service, host: host ?? service, by: { micros: Math.abs(ahead) } } })
  }
  if (trace.tick > 1) warnings.push({ code: 'trace.warning.coarse', params: { tick: { micros: trace.tick } } })
  return warnings
}
