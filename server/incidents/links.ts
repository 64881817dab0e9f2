import type { SentDiagnosis } from '#shared/schemas/diagnosis'
import type { EvidenceLink } from '#shared/schemas/full-incident'
import type { Sentence } from '#shared/text/text'

/** Where a reader can look at what a line of evidence says; null where there is no page for it. */
export function linkOf({ code, params = {} }: Sentence, { culprit, incident }: SentDiagnosis): EvidenceLink | null {
  if (!culprit) return null
  const window = { from: new Date(incident.from / 1_000).toISOString(), to: new Date(incident.to / 1_000).toISOString() }
  const { service, operation } = culprit
  const traces = (more: Record<string, string> = {}): EvidenceLink => ({ page: 'traces', query: { ...window, service, ...more } })
  const text = (name: string) => (typeof params[name] === 'string' ? params[name] : undefined)
  switch (code.split('.').at(-1)) {
    case 'times':
    case 'times_new':
    case 'limit':
    case 'limit_failed':
    case 'share':
    case 'attempts':
    case 'amplifier':
    case 'queue_handling': return traces({ operation })
    case 'share_errors':
    case 'failed_ratio':
    case 'error_type': return traces({ failed: 'true' })
    case 'concentrated':
    case 'concentrated_both': return text('attribute') && text('value') ? traces({ attribute: `${text('attribute')}=${text('value')}` }) : null
    case 'even':
    case 'callers_all':
    case 'callers_some':
    case 'caller_only': return traces()
    case 'per_parent':
    case 'presence':
    case 'each':
    case 'arrivals':
    case 'crowding':
    case 'burst':
    case 'same_duration': return { page: 'service', id: service, query: window }
    case 'template_appeared': return { page: 'logs', query: { ...window, service, ...wordsOf(text('template')) } }
    case 'template_vanished': return { page: 'logs', query: { service, ...wordsOf(text('template')) } }
    case 'change':
    case 'change_after': return { page: 'service', id: text('service') ?? service, query: window }
    default: return null
  }
}

/** Words of a template that a search for logs finds: what is masked in it stands for anything. */
function wordsOf(template: string | undefined): { text?: string } {
  const words = template?.split(/\s+/).filter(word => /^[\p{L}-]{3,}$/u.test(word)).slice(0, 6).join(' ')
  return words ? { text: words } : {}
}
