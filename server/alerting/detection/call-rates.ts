import type { Sentence } from '#shared/text/text'
import type { Finding } from '../rule'
import { restingOn } from './anomalies'
import { baseline as cold, callRate, STEP } from './parameters'
import type { Graph, View } from './platform'
import type { Series } from './series'
import { poissonChance } from './statistics'
import { nothing, type Sum } from './steps'
import type { UsualCalls } from './usual'

/**
 * T3: a service that makes more calls for each request it gets than is usual. The cubes do not know which request a call
 * was made for, so it is calls by requests of the whole service; a change in the mix of its routes that explains the
 * calls is none.
 */
export function findCallRates(view: View, graph: Graph): Finding[] {
  return [...view.memory.all].flatMap((series) => {
    if (series.kind !== 'call') return []
    const routes = view.memory.of(series.subject.service).filter(({ kind }) => kind === 'route')
    return judge(view, graph, series, routes) ?? []
  })
}

interface Window { calls: Sum, parents: number, from: number }

function judge(view: View, graph: Graph, series: Series, routes: readonly Series[]): Finding | undefined {
  const before = view.usual(series).calls
  if (!before || before.parents < cold.least.parents || before.length < cold.least.length) return undefined
  const window = windowOf(series, routes, view.to, callRate.windows)
  if (window && isMore(view, series, routes, window, before, 1)) return toFinding(view, graph, series, routes, window, before)
  const minute = view.isFiring('t3', series) ? windowOf(series, routes, view.to, [6]) : undefined
  return minute && isMore(view, series, routes, minute, before, callRate.keep) ? toFinding(view, graph, series, routes, minute, before) : undefined
}

function isMore(view: View, series: Series, routes: readonly Series[], window: Window, before: UsualCalls, factor: number): boolean {
  const { calls, parents } = window
  const usual = rateBefore(before)
  const enough = before.calls === 0 ? calls.spans >= callRate.newCalls * factor && !isAddress(series) : calls.requests / parents >= usual * callRate.ratio * factor
  // Where nothing was seen, one in a third of all requests may have been missed.
  const expected = Math.max(usual, 3 / before.parents) * parents
  return enough && poissonChance(calls.requests, expected, before.overdispersion) <= callRate.chance * factor ** 2 && !isMix(view, series, routes, window)
}

function toFinding(view: View, graph: Graph, series: Series, routes: readonly Series[], { calls, parents }: Window, before: UsualCalls): Finding {
  const isNew = before.calls === 0
  const rate = calls.requests / parents
  const usual = rateBefore(before)
  const follows = graph.movedTowards(series.subject.service, 'clearly') !== undefined || isRefused(calls, before)
  const pages = follows || (!isNew && rate / usual >= callRate.pageRatio && rate >= callRate.pageCalls)
  return { subject: series.subject, severity: pages ? 'critical' : 'info', onset: onsetOf(series, routes, view.to, rate), reason: reasonOf({ rate, usual, isNew, parents, before }) }
}

const rateBefore = ({ calls, parents }: UsualCalls) => (calls === 0 ? 0 : calls + 0.5) / (parents + 1)

function reasonOf({ rate, usual, isNew, parents, before }: { rate: number, usual: number, isNew: boolean, parents: number, before: UsualCalls }): Sentence {
  const params = { now: figure(rate), count: Math.round(parents), ...restingOn(before) }
  return isNew ? { code: 'alerting.call_rate.first', params } : { code: 'alerting.call_rate.more', params: { ...params, usual: figure(usual) } }
}

/** Calls per request with as many digits as say something. */
const figure = (rate: number) => rate >= 10 ? rate.toFixed(0) : rate >= 0.1 ? rate.toFixed(1) : rate.toFixed(3)

/** The shortest that holds enough requests. */
function windowOf(series: Series, routes: readonly Series[], to: number, lengths: readonly number[]): Window | undefined {
  for (const steps of lengths) {
    const parents = requestsOf(routes, to - steps, to)
    if (parents.spans >= callRate.parents) return { calls: series.fine.sum(to - steps, to), parents: parents.requests, from: to - steps }
  }
  return undefined
}

/** One route that grew as much as the calls did makes them: they are no more for each of its requests. */
function isMix({ to, usual }: View, series: Series, routes: readonly Series[], { calls, from }: Window): boolean {
  const before = usual(series).requests
  if (before === 0 || routes.length < 2) return false
  return routes.some((route) => {
    const requests = usual(route).requests
    const now = route.fine.sum(from, to).requests
    // A route that made a call each time before must have been called as often.
    return requests >= before / 5 && now > 0 && calls.requests / now < callRate.ratio / 1.5 * before / requests
  })
}

function isRefused(calls: Sum, before: UsualCalls): boolean {
  return calls.requests > 0 && calls.clientErrors / calls.requests - (before.calls ? before.clientErrors / before.calls : 0) >= callRate.refused
}

function onsetOf(series: Series, routes: readonly Series[], to: number, rate: number): Date {
  let onset = to - 1
  for (let step = to - 1; step > to - 30; step--) {
    const parents = requestsOf(routes, step, step + 1)
    if (!parents.requests) continue
    if (series.fine.sum(step, step + 1).requests / parents.requests < rate / 3) break
    onset = step
  }
  return new Date(onset * STEP)
}

function requestsOf(routes: readonly Series[], from: number, to: number): Pick<Sum, 'spans' | 'requests'> {
  return routes.reduce((sum, route) => {
    const { spans, requests } = route.fine.sum(from, to)
    return { spans: sum.spans + spans, requests: sum.requests + requests }
  }, { spans: nothing.spans, requests: nothing.requests })
}

/** Addresses come and go with every deployment. */
function isAddress({ subject: { remote = '' } }: Series): boolean {
  return remote === '' || /^\[?[\da-f.:]+\]?$/i.test(remote)
}
