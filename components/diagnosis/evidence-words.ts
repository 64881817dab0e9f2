import type { IconName } from '~~/components/app/icon-names'
import type { Sentence, TextKey } from '#shared/text/text'

export interface EvidenceLine {
  sentence: Sentence
  link: { page: string, id?: string, query: Record<string, string> } | null
}

/** What a line is about, by the code of its sentence. */
const kinds = {
  limit: 'limit', limit_failed: 'limit',
  times: 'time', times_new: 'time', same_duration: 'time', queue_handling: 'time',
  share: 'share', share_errors: 'share', failed_ratio: 'errors', error_type: 'errors',
  per_parent: 'calls', presence: 'calls', each: 'calls', attempts: 'calls', amplifier: 'calls', arrivals: 'calls', burst: 'calls', crowding: 'calls',
  callers_all: 'callers', caller_only: 'callers', callers_some: 'callers',
  concentrated: 'concentration', concentrated_both: 'concentration', even: 'concentration',
  change: 'change', change_after: 'change',
  template_appeared: 'log', template_vanished: 'log',
} as const
export type EvidenceKind = (typeof kinds)[keyof typeof kinds] | 'found'

export function evidenceKind({ code }: Sentence): EvidenceKind {
  return kinds[code.split('.').at(-1) as keyof typeof kinds] ?? 'found'
}

export const evidenceIcons: Record<EvidenceKind, IconName> = {
  limit: 'target', time: 'clock', share: 'layers', errors: 'circle-x', calls: 'share-2', callers: 'network', concentration: 'filter', change: 'git-commit-horizontal', log: 'text-search', found: 'check',
}

/** Where a figure can be looked at, for who may open that page. */
export function evidenceHref({ page, id, query }: NonNullable<EvidenceLine['link']>): string {
  const paths: Record<string, string> = { trace: `/traces/${id}`, service: `/services/${encodeURIComponent(id ?? '')}`, endpoint: `/endpoints/${id}` }
  const search = new URLSearchParams(query).toString()
  return `${paths[page] ?? `/${page}`}${search && '?'}${search}`
}

export function linkWord(page: string): TextKey {
  return `operator.link.${page}` as TextKey
}
