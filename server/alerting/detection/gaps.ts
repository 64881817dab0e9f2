import { MINUTE, SECOND } from '#shared/units'
import type { Finding } from '../rule'
import { gap, STEP } from './parameters'
import type { View } from './platform'
import type { Series } from './series'
import { addUp } from './steps'

/**
 * Services that say nothing any more, while calls to them go on and go well: not they are gone, but what is seen of them.
 * A ticket, because nobody is hurt; what is asked of such a service meanwhile would have no answer.
 */
export function findGaps({ at, to, memory, usual }: View): Finding[] {
  const requests = Map.groupBy([...memory.all].filter(({ kind, subject }) => kind === 'route' && subject.method !== ''), ({ subject }) => subject.service)
  const calls = Map.groupBy([...memory.all].filter(({ kind, remoteKind }) => kind === 'call' && remoteKind === 'service'), ({ subject }) => subject.remote!)
  return [...requests].flatMap(([service, routes]) => {
    const callers = calls.get(service)
    const aStep = (series: readonly Series[]) => series.reduce((sum, each) => sum + (usual(each).baseline?.spansAMinute ?? 0), 0) * STEP / MINUTE
    const steps = gap.windows.find(each => aStep(routes) * each >= gap.usual)
    if (!callers || !steps) return []
    if (routes.some(({ fine }) => fine.sum(to - steps, to).spans > 0)) return []
    const before = aStep(callers) * steps
    const now = addUp(callers.map(({ fine }) => fine.sum(to - steps, to)))
    if (now.spans < gap.callsAbove * before || now.failed > gap.failing * now.requests) return []
    return {
      subject: { service }, severity: 'warning' as const, onset: new Date(at.getTime() - steps * STEP),
      reason: { code: 'alerting.gap' as const, params: { service, count: Math.round(now.requests), seconds: steps * STEP / SECOND } },
    }
  })
}
