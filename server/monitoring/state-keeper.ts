import type { Clock } from '#server/clock'
import type { Answer, MetricSource, OperationsRow, RequestsRow } from '#server/telemetry/ports'
import type { State } from '#shared/status/state'
import type { Sentence } from '#shared/text/text'
import { MINUTE, type TimeWindow } from '#shared/units'
import { findErrorCause } from './error-cause'
import { isWatched, routeIdOf, type KnownEndpoint, type Register } from './register'
import { createLastRequests } from './last-requests'
import { reasonOf, type ErrorCause } from './state-reason'
import { remember, type StateMemory } from './state-memory'
import { defaultLimits, judge, limitsOf, longWindow, patience, shortWindow, type Counted, type Judgement, type Limits } from './state-rules'
import { createStateStrip, stripMinutes, type StateStrip } from './state-strip'

/** How something is doing, why, and since when. */
export interface Standing {
  state: State
  reason: Sentence
  since: Date
  limits: Limits
  /** Requests the state rests on, where they are few. */
  few?: number
}

interface Held {
  /** What telemetry calls it: a service's name or a route. */
  id: string
  limits: Limits
  memory: StateMemory
  judged: Judgement
  strip: StateStrip
  cause?: ErrorCause
}

/**
 * Judges every service and every live endpoint again and again, whoever is looking, so that a state has a past: since
 * when, better only after a minute, sixty minutes of fires. What lies before the start is judged from the minutes that
 * the source still knows.
 */
export function createStateKeeper({ clock, metrics, register }: { clock: Clock, metrics: MetricSource, register: Register }) {
  const held = new Map<string, Held>()
  const lastRequests = createLastRequests({ clock, metrics })
  let judgedAt: Date | undefined
  let failedSince: Date | undefined

  async function poll(): Promise<string[]> {
    const now = clock.now()
    try {
      const seen = await look(now)
      if (!judgedAt) await recall(now)
      const changed = settle(now, seen)
      judgedAt = now
      failedSince = undefined
      await lastRequests.refresh([...held].flatMap(([key, { memory }]) => (memory.state === 'unknown' ? key : [])))
      return changed
    }
    catch (error) {
      failedSince ??= judgedAt ?? now
      throw error
    }
  }

  async function look(now: Date) {
    const short = before(now, shortWindow)
    const long = before(now, longWindow)
    const [serviceShort, serviceLong, routeShort, routeLong] = await Promise.all([
      metrics.requests({ window: short, groupBy: ['service'] }),
      metrics.requests({ window: long, groupBy: ['service'] }),
      metrics.requests({ window: short, groupBy: ['service', 'method', 'routeKey'] }),
      metrics.requests({ window: long, groupBy: ['service', 'method', 'routeKey'] }),
    ])
    const failing = serviceLong.data.some(row => row.failed > 0)
    const calls = failing ? await metrics.operations({ window: long, groupBy: ['service', 'kind', 'remote'], where: { kind: 'client' } }) : undefined
    return { services: pair(serviceShort, serviceLong), routes: pair(routeShort, routeLong), calls: calls?.data ?? [] }
  }

  function settle(now: Date, { services, routes, calls }: Awaited<ReturnType<typeof look>>): string[] {
    const changed: string[] = []
    const subjects = subjectsOf(services)
    for (const { key, id, limits, service, endpoint } of subjects) {
      const figures = endpoint ? routes.get(id) : services.get(id)
      const judged = judge(figures?.short, figures?.long, limits)
      const entry = held.get(key)
      const memory = remember(entry?.memory, judged, now)
      if (entry?.memory.state !== memory.state) changed.push(key)
      const next: Held = { id, limits, memory, judged, strip: entry?.strip ?? createStateStrip() }
      if (!endpoint && memory.errors) next.cause = causeOf(service, figures?.long, routes, calls)
      next.strip.note(memory.state, now)
      if (figures?.short?.spans) lastRequests.note(key, now)
      held.set(key, next)
    }
    const known = new Set(subjects.map(subject => subject.key))
    for (const key of held.keys()) if (!known.has(key)) held.delete(key)
    return changed
  }

  /** Every service in the register, in the figures or ever judged, and every live endpoint. */
  function subjectsOf(seen: Map<string, unknown>) {
    const services = new Map(register.services().map(service => [service.name, service]))
    const judged = [...held].flatMap(([key, { id }]) => (key === serviceSubject(id) ? id : []))
    const names = new Set([...services.keys(), ...seen.keys(), ...judged])
    return [
      ...[...names].map(name => ({ key: serviceSubject(name), id: name, service: name, limits: limitsOf(services.get(name)), endpoint: undefined as KnownEndpoint | undefined })),
      ...register.endpoints().filter(isWatched).map(endpoint => ({
        key: endpointSubject(endpoint.id), id: routeIdOf(endpoint), service: endpoint.service, limits: limitsOf(services.get(endpoint.service), endpoint), endpoint,
      })),
    ]
  }

  function causeOf(service: string, figures: Counted | undefined, routes: Map<string, Pair>, calls: OperationsRow[]) {
    const templates = new Map(register.endpoints().filter(isWatched).map(endpoint => [routeIdOf(endpoint), endpoint.template]))
    return findErrorCause({
      failed: figures?.failed ?? 0,
      routes: [...routes.values()].flatMap(({ long }) => (long?.service === service ? long : [])),
      calls: calls.filter(call => call.service === service),
      templateOf: row => templates.get(routeIdOf(row)),
    })
  }

  /** The hour before the start, minute by minute. */
  async function recall(now: Date) {
    const to = new Date(Math.floor(now.getTime() / MINUTE) * MINUTE)
    const window = { from: new Date(to.getTime() - (stripMinutes - 1) * MINUTE), to }
    const [services, routes] = await Promise.all([
      metrics.requests({ window, groupBy: ['service'], step: MINUTE }),
      metrics.requests({ window, groupBy: ['service', 'method', 'routeKey'], step: MINUTE }),
    ])
    const minutes = new Map<string, Map<number, RequestsRow>>()
    for (const row of [...services.data, ...routes.data]) {
      const id = idOf(row)
      if (!minutes.has(id)) minutes.set(id, new Map())
      minutes.get(id)!.set(Math.floor(row.at!.getTime() / MINUTE), row)
    }
    for (const { key, id, limits } of subjectsOf(new Map(services.data.map(row => [row.service!, row])))) {
      const strip = createStateStrip()
      let memory: StateMemory | undefined
      let judged: Judgement | undefined
      const course = minutes.get(id)
      for (let minute = window.from.getTime() / MINUTE; course && minute < to.getTime() / MINUTE; minute++) {
        const last = Array.from({ length: 5 }, (_, i) => course.get(minute - i)).filter(row => row !== undefined)
        judged = judge(course.get(minute), together(last), limits)
        // By the end of its minute, told a moment before: a state belongs to the minute it was in.
        memory = remember(memory, judged, new Date((minute + 1) * MINUTE - 1))
        strip.note(memory.state, new Date(minute * MINUTE))
        if (course.get(minute)) lastRequests.note(key, new Date((minute + 1) * MINUTE))
      }
      if (memory && judged) held.set(key, { id, limits, memory, judged, strip })
    }
  }

  function standing(key: string): Standing | undefined {
    const entry = held.get(key)
    const now = clock.now()
    if (!entry) return failedSince && unread(failedSince, defaultLimits)
    const { memory, judged, limits, cause } = entry
    // Figures that nobody could read for a minute say nothing about now.
    if (failedSince && now.getTime() - failedSince.getTime() >= patience) {
      return unread(failedSince, limits)
    }
    const last = key.startsWith('service:') ? lastRequests.ofService(entry.id, key) : lastRequests.ofRoute(entry.id, key)
    return {
      state: memory.state,
      since: memory.state === 'unknown' ? last.lastRequest ?? memory.since : memory.since,
      limits,
      reason: reasonOf({ memory, judged, limits, now, cause, ...last }),
      ...(judged.few && memory.state !== 'unknown' && { few: judged.basis!.spans }),
    }
  }

  return {
    /** Keys of what changed its state. */
    poll,
    service: (name: string) => standing(serviceSubject(name)),
    endpoint: (id: string) => standing(endpointSubject(id)),
    strip: (service: string) => held.get(serviceSubject(service))?.strip.read(clock.now()),
    /** When the figures behind the states were last read. */
    judgedAt: () => judgedAt,
    failedSince: () => failedSince,
  }
}

export type StateKeeper = ReturnType<typeof createStateKeeper>

export const serviceSubject = (name: string) => `service:${name}`
export const endpointSubject = (id: string) => `endpoint:${id}`

interface Pair { short?: RequestsRow, long?: RequestsRow }

function pair(short: Answer<RequestsRow[]>, long: Answer<RequestsRow[]>): Map<string, Pair> {
  const pairs = new Map<string, Pair>()
  for (const [name, rows] of [['short', short.data], ['long', long.data]] as const) {
    for (const row of rows) pairs.set(idOf(row), { ...pairs.get(idOf(row)), [name]: row })
  }
  return pairs
}

function unread(since: Date, limits: Limits): Standing {
  return { state: 'unknown', since, limits, reason: { code: 'monitoring.reason.source', params: { at: { at: since.toISOString() } } } }
}

function idOf(row: RequestsRow): string {
  return row.routeKey === undefined ? row.service! : routeIdOf(row)
}

/** Minutes added up. Quantiles do not add: the mean of theirs, by requests, stands in for the time before the start. */
function together(rows: RequestsRow[]): Counted | undefined {
  if (!rows.length) return undefined
  const sum = { spans: 0, requests: 0, failed: 0, p95: 0 }
  for (const row of rows) {
    sum.spans += row.spans
    sum.requests += row.requests
    sum.failed += row.failed
    sum.p95 += (row.p95 ?? 0) * row.requests
  }
  return { ...sum, p95: sum.p95 / sum.requests }
}

function before(now: Date, length: number): TimeWindow {
  return { from: new Date(now.getTime() - length), to: now }
}
