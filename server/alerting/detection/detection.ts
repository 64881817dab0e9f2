import type { Clock } from '#server/clock'
import { inRounds } from '#server/rounds'
import type { RegisteredRoute, RegisteredService } from '#server/registry/registry'
import type { MetricSource } from '#server/telemetry/ports'
import type { Completion } from '#server/telemetry/telemetry'
import { isLive } from '#shared/registry/lifecycle'
import { limitsOf } from '#shared/status/limits'
import type { Sentence } from '#shared/text/text'
import { MINUTE, SECOND, type Micros, type Millis, type TimeWindow } from '#shared/units'
import type { RecentAlerts } from '../recent-alerts'
import { keyOf, type Finding, type Judged, type Rule, type Tier } from '../rule'
import { findAnomalies } from './anomalies'
import { usualMinutes } from './baseline'
import { findBurnRates } from './burn-rates'
import { findCallRates } from './call-rates'
import { findDrifts } from './drifts'
import { findDrops, findSilent } from './drops'
import { createFeed } from './feed'
import { findGaps } from './gaps'
import { findOutages, type Entry, type TallyOf } from './outage'
import { anomaly, burn, callRate, drift, drop, gap, outage, STEP } from './parameters'
import { graphOf, type Graph, type View } from './platform'
import { findQueueLags } from './queues'
import { createRecentRequests } from './recent-requests'
import { createSecondCounts, type Tally } from './second-counts'
import { Memory } from './series'
import { usualOf } from './usual'

export interface DetectionDependencies {
  clock: Clock
  metrics: MetricSource
  register: {
    services: () => readonly Pick<RegisteredService, 'name' | 'latencyThreshold'>[]
    endpoints: () => readonly Pick<RegisteredRoute, 'service' | 'method' | 'routeKey' | 'lifecycle' | 'latencyObjective' | 'errorDegraded' | 'errorCritical' | 'availabilityObjective'>[]
  }
  receives: () => boolean
  /** Windows of trouble: nothing usual is learned from them. */
  troubled: () => readonly TimeWindow[]
  recent: Pick<RecentAlerts, 'firing' | 'paged' | 'said'>
  onTrouble: (error: unknown) => void
}

export const builtIn = {
  outage: { id: 't0', origin: 't0', for: outage.for, keepFiring: outage.keepFiring },
  drop: { id: 't0-drop', origin: 't0', for: drop.for, keepFiring: drop.keepFiring },
  burn: { id: 't1', origin: 't1', for: 0, keepFiring: 2 * MINUTE },
  anomaly: { id: 't2', origin: 't2', for: 0, keepFiring: anomaly.keepFiring },
  queue: { id: 't2-queue', origin: 't2', for: 2 * STEP, keepFiring: anomaly.keepFiring },
  gap: { id: 't2-silent', origin: 't2', for: gap.for, keepFiring: gap.keepFiring },
  callRate: { id: 't3', origin: 't3', for: callRate.for, keepFiring: callRate.keepFiring },
  drift: { id: 't4', origin: 't4', for: 0, keepFiring: 0 },
} as const satisfies Record<string, Rule>

const routeOf = ({ service, method, routeKey }: { service: string, method?: string, routeKey?: string }) => `${service} ${method} ${routeKey}`

/** Detection without rules of one's own: what T0 to T4 look at, and the tiers that look at it. */
export function createDetection({ clock, metrics, register, receives, troubled, recent, onTrouble }: DetectionDependencies) {
  const seconds = createSecondCounts()
  const memory = new Memory()
  const feed = createFeed({ metrics, memory })
  const requests = createRecentRequests({ metrics })
  let known: { view: View, graph: Graph } | undefined
  let away: unknown

  const liveEndpoints = () => new Map(register.endpoints().filter(({ lifecycle }) => isLive(lifecycle)).map(endpoint => [routeOf(endpoint), endpoint]))

  /** Reads what is new, and looks at all of it as it is at `at`. */
  async function look(at: Date) {
    try {
      await feed.tick(at)
      away = undefined
    }
    catch (error) {
      away = error ?? new Error('unknown')
      throw error
    }
    await feed.recallWeeks(at).catch(onTrouble)
    memory.forget(at)
    const history = memory.history(at)
    const minutes = usualMinutes(at, history, troubled())
    const firing = recent.firing()
    const live = liveEndpoints()
    const view: View = {
      at, to: newestStep(at), memory, weekly: feed.weekly,
      isFiring: (rule, { key }) => firing.has(`${rule} ${key}`),
      usualBefore: ({ key }) => usualOfReason(firing.get(`${builtIn.anomaly.id} ${key}`)),
      promised: ({ subject }) => microsOf(live.get(routeOf(subject))?.latencyObjective),
      isRegistered: ({ subject }) => live.has(routeOf(subject)),
      usual: series => usualOf(series, { tick: at.getTime() / STEP, minutes, history, siblings: memory.of(series.subject.service) }),
    }
    known = { view, graph: graphOf(view) }
    return { ...known, minutes }
  }

  /** A backend whose counters move now and then is behind; the store here is not. */
  function newestStep(at: Date): number {
    const to = at.getTime() / STEP
    if (metrics.name === 'embedded') return to
    let newest = 0
    for (const series of memory.all) newest = Math.max(newest, series.newest)
    return Math.max(to - MINUTE / STEP, Math.min(to, newest / STEP + 1))
  }

  function entries({ graph, view }: { graph: Graph, view: View }): Entry[] {
    const services = new Map(register.services().map(service => [service.name, service]))
    const live = liveEndpoints()
    const routes = counted(view.at) ? [...seconds.routes()] : [...memory.all].flatMap(({ kind, subject: { service, method = '', routeKey = '' } }) => kind === 'route' ? { service, method, routeKey } : [])
    return routes.filter(route => route.method !== '' && (live.has(routeOf(route)) || !graph.isCalled(route.service)))
      .map(route => ({ ...route, limits: limitsOf(services.get(route.service), live.get(routeOf(route))) }))
  }

  const counted = (at: Date) => receives() && seconds.covers(at)

  /** As finely as it is known: by the second where it is received here, else by the source's steps. */
  function tally(entry: Entry, at: Date, length: number): Tally {
    if (counted(at)) return seconds.tally(entry, at, length)
    const to = Math.ceil(at.getTime() / STEP)
    const sum = memory.findRoute(entry)?.fine.sum(to - Math.ceil(length * SECOND / STEP), to)
    return { spans: sum?.spans ?? 0, requests: sum?.requests ?? 0, failed: sum?.failed ?? 0, p95: sum?.p95 }
  }

  function outages(platform: { graph: Graph, view: View }, tallyOf: TallyOf, at: Date): Finding[] {
    const firing = recent.firing()
    return findOutages(entries(platform), tallyOf, at, subject => firing.has(`${builtIn.outage.id} ${keyOf(subject)}`))
  }

  /**
   * By a source that counts elsewhere. Its counters come in gusts, so the second of two looks in a row is not waited
   * for: it is one at the same counters, as they were a look ago.
   */
  async function judgeAsked(at: Date): Promise<Judged[]> {
    await requests.read(at)
    if (!known) return []
    // What is counted late began as long before: looked at as of then.
    const until = requests.until(at)
    const held = new Set(outages(known, requests.tally, new Date(until.getTime() - outage.every)).map(({ subject }) => keyOf(subject)))
    const firing = recent.firing()
    const findings = outages(known, requests.tally, until).filter(({ subject }) => held.has(keyOf(subject)) || firing.has(`${builtIn.outage.id} ${keyOf(subject)}`))
    return [{ rule: { ...builtIn.outage, for: 0 }, findings, silent: findSilent(known.view, known.graph) }]
  }

  const tiers: Tier[] = [
    {
      name: 't0', every: outage.every, rules: () => [builtIn.outage],
      async judge(at) {
        seconds.forget(at)
        if (!counted(at) && metrics.name !== 'embedded') return await judgeAsked(at)
        if (!counted(at) && away) throw away
        return known ? [{ rule: builtIn.outage, findings: outages(known, tally, at), silent: findSilent(known.view, known.graph) }] : []
      },
    },
    {
      name: 'steps', every: STEP, rules: () => [builtIn.drop, builtIn.anomaly, builtIn.queue, builtIn.gap, builtIn.callRate],
      async judge(at) {
        const { view, graph, minutes } = await look(at)
        const judged: Judged[] = []
        for (const [rule, find] of [
          [builtIn.drop, () => findDrops(view, graph)],
          [builtIn.anomaly, () => findAnomalies(view, graph)],
          [builtIn.queue, () => findQueueLags(view, minutes)],
          [builtIn.gap, () => findGaps(view)],
          [builtIn.callRate, () => findCallRates(view, graph)],
        ] as const) {
          await breathe()
          judged.push({ rule, findings: find() })
        }
        return judged
      },
    },
    {
      name: 't1', every: burn.every, rules: () => [builtIn.burn],
      judge(at) {
        if (away) throw away
        if (!known) return []
        const live = liveEndpoints()
        const before = (length: Millis) => new Date(at.getTime() - length)
        const paged = recent.paged(before(burn.pairs.at(-1)!.long), at)
        const firing = recent.firing()
        const said = recent.said(builtIn.burn.id, { since: before(burn.chronic.said), until: before(burn.chronic.guard) })
        const findings = findBurnRates({ memory, at }, known.graph, {
          objectiveOf: ({ subject }) => live.get(routeOf(subject))?.availabilityObjective,
          pagedUntil: ({ key }) => paged.get(key), isFiring: ({ key }) => firing.has(`${builtIn.burn.id} ${key}`), wasSaid: ({ key }) => said.has(key),
        })
        return [{ rule: builtIn.burn, findings }]
      },
    },
    {
      name: 't4', every: drift.every, rules: () => [builtIn.drift],
      judge: async at => [{ rule: builtIn.drift, findings: await findDrifts({ memory, at }, breathe) }],
    },
  ]

  return {
    tiers,
    /** Counts what arrived; nobody is asked for it. */
    noteCompletions: (completions: readonly Completion[]) => seconds.add(completions),

    /** Reads the days before now, a piece a second; the answer ends it. */
    startRecalling(): () => void {
      let busy = false
      const stop = clock.every(SECOND, async () => {
        if (busy) return
        busy = true
        const more = await inRounds(() => feed.recall(clock.now())).catch((error) => {
          onTrouble(error)
          return true
        })
        busy = false
        if (!more) stop()
      })
      return stop
    },
  }
}

const microsOf = (millis: Millis | null | undefined): Micros | undefined => (millis ? millis * 1_000 : undefined)

/** Of a slowness, what it was told to be slower than. */
function usualOfReason(reason: Sentence | undefined): Micros | undefined {
  const usual = reason?.params?.usual
  return usual !== null && typeof usual === 'object' && 'micros' in usual ? usual.micros : undefined
}

/** Lets others through. */
const breathe = () => new Promise<void>(resolve => setImmediate(resolve))
