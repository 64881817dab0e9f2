import { SECOND } from '#shared/units'
import type { Finding } from '../rule'
import { gap, STEP } from './parameters'
import type { View } from './platform'

/**
 * Services that say nothing any more, while calls to them go on and go well: not they are gone, but what is seen of them.
 * A ticket, because nobody is hurt; what is asked of such a service meanwhile would have no answer.
 */
export function findGaps({ at, to, memory, usual }: View): Finding[] {
  const requests = Map.groupBy([...memory.all].filter(({ kind, subject }) => kind === 'route' && subject.method !== ''), ({ subject }) => subject.service)
  const calls = Map.groupBy([...memory.all].filter(({ kind, remoteKind }) => kind === 'call' && remoteKind === 'service'), ({ subject }) => subject.remote!)
  return [...requests].flatMap(([service, routes]) => {
    const callers = calls.get(service)
    const aMinute = routes.reduce((sum, route) => sum + (usual(route).baseline?.spansAMinute ?? 0), 0)
    const steps = gap.windows.find(each => aMinute * each * STEP / (60 * SECOND) >= gap.usual)
    if (!callers || !steps) return []
    if (routes.some(({ fine }) => fine.sum(to - steps, to).spans > 0)) return []
    const before = callers.reduce((sum, call) => sum + (usual(call).baseline?.spansAMinute ?? 0), 0) * steps * STEP / (60 * SECOND)
    const now = callers.map(({ fine }) => fine.sum(to - steps, to)).reduce((sum, { spans, requests, failed }) => ({ spans: sum.spans + spans, requests: sum.requests + requests, failed: sum.failed + failed }), { spans: 0, requests: 0, failed: 0 })
    if (now.spans < gap.callsAbove * before || now.failed > gap.failing * now.requests) return []
    return {
      subject: { service }, severity: 'warning' as const, onset: new Date(at.getTime() - steps * STEP),
      reason: { code: 'alerting.gap' as const, params: { service, count: Math.round(now.requests), seconds: steps * STEP / SECOND } },
    }
  })
}
