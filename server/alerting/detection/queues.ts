import { MINUTE, SECOND } from '#shared/units'
import type { Finding } from '../rule'
import { baseline as cold, memory as kept, queueLag, STEP } from './parameters'
import type { View } from './platform'
import type { Series } from './series'
import { addUp, type Steps } from './steps'

/**
 * Messages that were sent and not yet taken, over the rate at which they are sent: how long one waits (Little). The
 * waiting itself is in no cube. Taken are scaled by what is usual, because several groups may read what is sent once,
 * and some spans never arrive; the least within two hours is an empty queue.
 */
export function findQueueLags({ at, to, memory, isFiring }: View, minutes: readonly number[]): Finding[] {
  const senders = Map.groupBy([...memory.all].filter(({ kind }) => kind === 'send'), ({ subject }) => subject.remote ?? '')
  return [...memory.all].flatMap((taken) => {
    if (taken.kind !== 'route' || taken.subject.method !== '') return []
    const sent = senders.get(taken.subject.routeKey!)
    if (!sent) return []
    const lag = lagOf(sent, taken, to, minutes)
    const factor = isFiring('t2-queue', taken) ? 0.5 : 1
    if (!lag || lag.wait < queueLag.wait * factor || lag.messages < queueLag.messages * factor || lag.seen < queueLag.seen * factor) return []
    return {
      subject: taken.subject, severity: 'warning' as const, onset: new Date(Math.max(at.getTime() - lag.wait - queueLag.window, at.getTime() - kept.fine)),
      reason: { code: 'alerting.queue.lag' as const, params: { wait: { micros: Math.round(lag.wait * 1000) }, count: Math.round(lag.messages), queue: taken.subject.routeKey! } },
    }
  })
}

function lagOf(sent: readonly Series[], taken: Series, to: number, minutes: readonly number[]): { wait: number, messages: number, seen: number } | undefined {
  const usual = minutes.reduce((sum, minute) => ({
    sent: sum.sent + countOf(sent, 'minutes', minute), taken: sum.taken + taken.minutes.requests(minute), length: sum.length + (taken.minutes.has(minute) ? MINUTE : 0),
  }), { sent: 0, taken: 0, length: 0 })
  if (usual.length < cold.least.minutes * MINUTE || usual.sent === 0) return undefined
  const scale = usual.taken / usual.sent

  // Minutes up to where the fine steps begin, then those: the height of the queue above its lowest point.
  const begin = Math.ceil((to * STEP - kept.fine) / MINUTE) * MINUTE
  let height = 0
  let lowest = 0
  for (let minute = begin / MINUTE - (kept.minutes - kept.fine) / MINUTE; minute < begin / MINUTE; minute++) {
    height += scale * countOf(sent, 'minutes', minute) - taken.minutes.requests(minute)
    lowest = Math.min(lowest, height)
  }
  const heights: number[] = []
  for (let step = begin / STEP; step < to; step++) {
    height += scale * countOf(sent, 'fine', step) - taken.fine.requests(step)
    lowest = Math.min(lowest, height)
    heights.push(height)
  }
  const newest = heights.slice(-queueLag.window / STEP)
  const messages = newest.reduce((sum, each) => sum + each, 0) / newest.length - lowest
  const steps = queueLag.rateOver / STEP
  const rate = scale * Array.from({ length: steps }, (_, i) => countOf(sent, 'fine', to - 1 - i)).reduce((sum, count) => sum + count, 0) / (queueLag.rateOver / SECOND)
  // Of a sampled queue one message stands for many.
  const { spans, requests } = addUp(sent.map(({ fine }) => fine.sum(to - steps, to)))
  return rate > 0 ? { wait: messages / rate * SECOND, messages, seen: messages * spans / requests } : undefined
}

const countOf = (series: readonly Series[], level: 'fine' | 'minutes', number: number) => series.reduce((sum, each) => sum + (each[level] as Steps).requests(number), 0)
