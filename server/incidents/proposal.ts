import type { Change } from '#shared/schemas/change'
import type { SentDiagnosis } from '#shared/schemas/diagnosis'
import type { Sentence } from '#shared/text/text'
import { MINUTE, type Millis } from '#shared/units'

/** A change this long before the onset may be behind it, and one this long before the end may have ended it. */
const near: Millis = 15 * MINUTE

export interface Course {
  diagnosis: SentDiagnosis | null
  onset: Date
  resolvedAt: Date | null
  resolvedBy: string | null
  /** In any order, of all services concerned. */
  changes: readonly Change[]
  /** Whether a change ended another incident: to take it back would bring that one again. */
  isCure?: (change: Change) => boolean
}

/** First thing to try: taking back what was changed just before, else what the kind of fault asks for. Never carried out. */
export function proposalOf({ diagnosis, onset, changes, isCure }: Course): Sentence | null {
  const culprit = diagnosis?.culprit
  if (!culprit) return null
  const before = newestFirst(changes).find(change => concerns(change, diagnosis) && isWithin(change, onset.getTime() - near, onset.getTime()) && !isCure?.(change))
  const earlier = before && { micros: (onset.getTime() - Date.parse(before.at)) * 1_000 }
  if (before?.kind === 'configuration') return { code: 'incidents.proposal.setting', params: { earlier, service: before.service, key: before.key, before: before.oldValue ?? '–', after: before.newValue ?? '–' } }
  if (before?.kind === 'deployment') return { code: 'incidents.proposal.deployment', params: { earlier, service: before.service, version: before.version } }
  if (before) return { code: 'incidents.proposal.endpoint', params: { earlier, endpoint: `${before.endpoint?.method} ${before.endpoint?.template}` } }
  const place = { service: culprit.service, operation: culprit.operation, remote: culprit.remote ?? culprit.service }
  switch (culprit.type) {
    case 'timeout': return { code: 'incidents.proposal.timeout', params: place }
    case 'slow_dependency': return { code: culprit.remote ? 'incidents.proposal.dependency' : 'incidents.proposal.own', params: place }
    case 'call_rate':
    case 'n_plus_one': return { code: 'incidents.proposal.calls', params: place }
    case 'retry_storm': return { code: 'incidents.proposal.retries', params: place }
    case 'queue_lag': return { code: 'incidents.proposal.queue', params: place }
    case 'saturation': return { code: 'incidents.proposal.load', params: place }
    case 'only_subset': return diagnosis.qualifier ? { code: 'incidents.proposal.subset', params: { attribute: diagnosis.qualifier.attribute, value: diagnosis.qualifier.value } } : null
    case 'missing_telemetry': return { code: 'incidents.proposal.telemetry', params: place }
    default: return { code: 'incidents.proposal.own', params: place }
  }
}

/** What ended it: a person, a change just before, or nothing that was seen. */
export function endedByOf({ diagnosis, onset, resolvedAt, resolvedBy, changes }: Course): Sentence | null {
  if (!resolvedAt) return null
  const last = newestFirst(changes).find(change => isCureOf(change, { diagnosis, onset, resolvedAt }))
  if (!last) return resolvedBy ? { code: 'incidents.ended.person', params: { name: resolvedBy } } : { code: 'incidents.ended.itself' }
  const params = { service: last.service, at: { at: last.at }, later: { micros: (resolvedAt.getTime() - Date.parse(last.at)) * 1_000 } }
  // Who closed it did not wait for the alerts.
  const said = <T extends 'setting' | 'deployment' | 'endpoint'>(what: T, more: Sentence['params'] = {}): Sentence =>
    resolvedBy ? { code: `incidents.ended.closed.${what}`, params: { ...params, ...more, name: resolvedBy } } : { code: `incidents.ended.${what}`, params: { ...params, ...more } }
  if (last.kind === 'configuration') return said('setting', { key: last.key, value: last.newValue ?? '–' })
  if (last.kind === 'deployment') return said('deployment', { version: last.version })
  return said('endpoint')
}

/** Whether a change is what an incident that is over ended with. */
export function isCureOf(change: Change, { diagnosis, onset, resolvedAt }: Pick<Course, 'diagnosis' | 'onset' | 'resolvedAt'>): boolean {
  return resolvedAt !== null && concerns(change, diagnosis) && isWithin(change, Math.max(onset.getTime(), resolvedAt.getTime() - near), resolvedAt.getTime())
}

/** On the guilty side of the call; without a culprit nobody is. */
function concerns({ service }: Change, diagnosis: Pick<SentDiagnosis, 'culprit'> | null): boolean {
  const culprit = diagnosis?.culprit
  return culprit ? [culprit.service, culprit.remote].some(name => name?.toLowerCase() === service.toLowerCase()) : false
}

function isWithin({ at }: Change, from: number, to: number): boolean {
  return Date.parse(at) >= from && Date.parse(at) <= to
}

function newestFirst(changes: readonly Change[]): Change[] {
  return changes.toSorted((a, b) => b.at.localeCompare(a.at))
}
