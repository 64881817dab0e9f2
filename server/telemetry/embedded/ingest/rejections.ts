/** A body with more items than one request may bring; answered 413. */
export class BodyTooLarge extends Error {}

export const mostItems = 10_000

/** Senders' clocks may be ahead of ours by this much, ms. */
export const mostAhead = 10 * 60_000

/** Why something was not stored, or not as sent. */
export type RejectReason
  = | 'invalid_id' | 'no_time' | 'in_the_future' | 'too_old' | 'service_not_allowed' | 'signal_connected' | 'too_many_series' | 'unsupported'

export interface Rejection {
  service: string
  reason: RejectReason
  count: number
}

/** Adds up what a batch loses, by service and reason. */
export class Rejections {
  readonly list: Rejection[]

  constructor(list: Rejection[] = []) {
    this.list = list
  }

  add(service: string, reason: RejectReason, count = 1) {
    const known = this.list.find(entry => entry.reason === reason && entry.service === service)
    if (known) known.count += count
    else this.list.push({ service, reason, count })
  }

  get total(): number {
    return this.list.reduce((sum, { count }) => sum + count, 0)
  }

  /** The sentence senders log. */
  get message(): string {
    const reasons = new Map<string, number>()
    for (const { reason, count } of this.list) reasons.set(reason, (reasons.get(reason) ?? 0) + count)
    return [...reasons].map(([reason, count]) => `${count} ${sentences[reason as RejectReason]}`).join('; ')
  }
}

const sentences: Record<RejectReason, string> = {
  invalid_id: 'with an invalid id',
  no_time: 'without a time',
  in_the_future: 'from the future',
  too_old: 'older than what is kept',
  service_not_allowed: 'of a service this key may not write for',
  signal_connected: 'not stored here: this signal is read from another backend',
  too_many_series: 'of more series than a service may have',
  unsupported: 'of a kind that is not stored',
}
