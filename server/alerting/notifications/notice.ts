import type { noticeKinds, NoticeSeverity } from '#shared/schemas/notification'
import type { Sentence } from '#shared/text/text'

/** Something people want to hear of, as a room says it; routes decide who hears it and how it is put. */
export interface Notice {
  kind: Exclude<(typeof noticeKinds)[number], 'test'>
  /** Null where it is of none. */
  incidentId: string | null
  /** 128 of INC-128. */
  number: number | null
  severity: NoticeSeverity
  /** What is wrong, in one sentence. */
  title: Sentence
  /** Where, why and who is hurt, a sentence each, the most important first. */
  facts: Sentence[]
  /** Lower case. */
  services: string[]
  endpointIds: string[]
  /** Ids of the consumers that are hurt. */
  consumers: string[]
  /** Of the page that says more: `/incidents/<id>`. */
  path: string
  at: Date
  /** Names what happened, not that it is told: a notice whose key is known is not told again. */
  key: string
  /** Id of the person who did it, who needs not be told. */
  by?: string
  /** Id of the only person whom it concerns: told as if they followed the incident. */
  to?: string
}
