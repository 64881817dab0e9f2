import type { Micros } from '#shared/units'
import { hasMoved, type Slower } from './contrast'
import { baseline as parameters, movement } from './parameters'
import type { Memory, Series } from './series'
import type { Usual } from './usual'

/** Everything a tick looks at, so that each test is a function of it. */
export interface View {
  at: Date
  /** The newest step that is over: tests look at the ones before it. */
  to: number
  memory: Memory
  /** What fires goes on while half of it is left. */
  isFiring: (rule: string, series: Series) => boolean
  /** What was usual when a slowness began that fires. */
  usualBefore: (series: Series) => Micros | undefined
  /** What 95 % of the requests stay under, where a registered route promises that. */
  promised: (series: Series) => Micros | undefined
  /** Routes that are entries whatever the traces show: the registered ones, live. */
  isRegistered: (series: Series) => boolean
  usual: (series: Series) => Usual
  /** Median of the same hour of earlier weeks, where at least two are held. */
  weekly: (series: Series) => { mean: number, typical: number } | undefined
}

/** Who calls whom, and which routes are entries. */
export interface Graph {
  isEntry: (series: Series) => boolean
  /** Whether another service calls it. */
  isCalled: (service: string) => boolean
  /** An entry that moved, or `clearly` did, and from which calls lead to the service. */
  movedTowards: (service: string, how?: 'clearly') => Series | undefined
}

/**
 * An entry is a registered route, or a route of a service that no other service calls. Made once a tick; what moved is
 * found out when somebody asks.
 */
export function graphOf({ memory, to, isRegistered, usual }: View): Graph {
  const callees = new Map<string, Set<string>>()
  const called = new Set<string>()
  const consumers = new Map<string, string[]>()
  for (const { kind, subject: { service, method, routeKey } } of memory.all) {
    if (kind === 'route' && method === '') consumers.set(routeKey!, [...consumers.get(routeKey!) ?? [], service])
  }
  for (const { kind, remoteKind, subject: { service, remote } } of memory.all) {
    const reached = kind === 'send' ? consumers.get(remote ?? '') ?? [] : kind === 'call' && remoteKind === 'service' ? [remote!] : []
    for (const callee of reached) {
      if (callee === service) continue
      callees.set(service, (callees.get(service) ?? new Set()).add(callee))
      if (kind === 'call') called.add(callee)
    }
  }
  const isEntry = (series: Series) => series.kind === 'route' && series.subject.method !== '' && (isRegistered(series) || !called.has(series.subject.service))
  let moved: { series: Series, reach: Set<string>, isClear: boolean }[] | undefined

  return {
    isEntry,
    isCalled: service => called.has(service),
    movedTowards(service, how) {
      moved ??= [...memory.all].flatMap((series) => {
        const baseline = isEntry(series) ? usual(series).baseline : undefined
        return baseline && hasMoved(series, baseline, to) ? { series, reach: reachOf(series.subject.service, callees), isClear: hasMoved(series, baseline, to, movement.clearly) } : []
      })
      return moved.find(({ reach, isClear }) => reach.has(service) && (isClear || !how))?.series
    },
  }
}

function reachOf(service: string, callees: ReadonlyMap<string, ReadonlySet<string>>): Set<string> {
  const reach = new Set([service])
  for (const each of reach) for (const callee of callees.get(each) ?? []) reach.add(callee)
  return reach
}

/** Slow as every week at this hour. */
export function isExcused({ weekly }: View, series: Series, { now }: Slower): boolean {
  const usual = weekly(series)
  return usual !== undefined && now <= parameters.excused * Math.max(usual.mean, usual.typical)
}
