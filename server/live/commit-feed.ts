import type { Clock } from '#server/clock'
import type { Commit } from '#server/telemetry/telemetry'
import { SECOND } from '#shared/units'
import type { Live } from './live'

const mostTraces = 200

/** What the store took in, told at most once a second: a page wants to know that there is news, not how often. */
export function createCommitFeed({ live, clock }: { live: Live, clock: Clock }) {
  const traces = new Set<string>()
  const traceServices = new Set<string>()
  const logServices = new Set<string>()
  let more = false
  let waiting = false

  function tell() {
    waiting = false
    if (traces.size || more) live.publish('traces', { ids: [...traces], services: [...traceServices], more })
    if (logServices.size) live.publish('logs', { services: [...logServices] })
    for (const set of [traces, traceServices, logServices]) set.clear()
    more = false
  }

  return function note(commit: Pick<Commit, 'signals' | 'services' | 'traces' | 'more'>) {
    if (commit.signals.includes('traces')) {
      for (const id of commit.traces) {
        if (traces.size < mostTraces) traces.add(id)
        else more = true
      }
      for (const service of commit.services) traceServices.add(service)
      more ||= commit.more
    }
    if (commit.signals.includes('logs')) for (const service of commit.services) logServices.add(service)
    if (waiting) return
    waiting = true
    clock.at(new Date(clock.now().getTime() + SECOND), tell)
  }
}
