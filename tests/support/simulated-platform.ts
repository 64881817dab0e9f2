import type { MetricSource, OperationsRow, Red, RequestsRow } from '#server/telemetry/ports'
import { DAY, HOUR, MINUTE, SECOND, type Millis } from '#shared/units'

const STEP = 10 * SECOND

/** A service's route or call as the simulator plays it. Times in ms. */
interface Played {
  service: string
  /** Of a route. */
  method?: string
  routeKey?: string
  /** Of a call. */
  operation?: string
  remote?: string
  kind?: 'client' | 'producer'
  remoteKind?: OperationsRow['remoteKind']
  /** Requests a second at the entry that cause it, and how many of it each of them makes. */
  entry: string
  per: number
  typical: number
  /** Standard deviation of the logarithm. */
  spread: number
  /** What it waits for: its time is its own and theirs. */
  waitsFor?: string[]
}

export interface Conditions {
  /** What multiplies the time of one thing, by name. */
  slower: Record<string, number>
  failing: Record<string, number>
  /** What multiplies how often one thing is done. */
  oftener: Record<string, number>
  /** What multiplies the requests of an entry. */
  busier: Record<string, number>
}

export type Weather = (at: number, random: () => number) => Conditions

/** Requests a second of each entry at a mean hour. */
const entries: Record<string, number> = { 'POST /process': 2.2, 'GET /orders': 0.8, 'POST /payments': 0.5, 'GET /products': 0.35, 'POST /orders': 0.45, 'GET /settlements': 0.06 }

const things: Record<string, Played> = Object.fromEntries([
  ...Object.keys(entries).map((name): [string, Played] => {
    const [method, path] = name.split(' ') as [string, string]
    return [name, { service: 'gateway', method, routeKey: path, entry: name, per: 1, typical: 8, spread: 0.4, waitsFor: ['gateway>auth', name === 'GET /products' ? 'products>db' : `gateway>business ${name}`] }]
  }),
  ['gateway>auth', { service: 'gateway', operation: 'POST', remote: 'auth', kind: 'client', remoteKind: 'service', entry: '*', per: 1, typical: 3, spread: 0.3, waitsFor: ['auth validate'] }],
  ['auth validate', { service: 'auth', method: 'POST', routeKey: '/validate', entry: '*', per: 1, typical: 9, spread: 0.4 }],
  ['auth>keys', { service: 'auth', operation: 'GET', remote: 'keys.example', kind: 'client', remoteKind: 'address', entry: '*', per: 0.003, typical: 240, spread: 0.2 }],
  ...Object.keys(entries).filter(name => name !== 'GET /products').flatMap((name): [string, Played][] => [
    [`gateway>business ${name}`, { service: 'gateway', operation: name, remote: 'business', kind: 'client', remoteKind: 'service', entry: name, per: 1, typical: 3, spread: 0.3, waitsFor: [`business ${name}`] }],
    [`business ${name}`, { service: 'business', method: name.split(' ')[0]!, routeKey: `/b${name.split(' ')[1]}`, entry: name, per: 1, typical: 25, spread: 0.5, waitsFor: name === 'POST /process' ? ['business>external'] : ['business>db'] }],
  ]),
  ['business>external', { service: 'business', operation: 'POST', remote: 'external.example', kind: 'client', remoteKind: 'address', entry: 'POST /process', per: 1, typical: 150, spread: 0.5 }],
  ['business>db', { service: 'business', operation: 'SELECT orders', remote: 'postgresql/orders', kind: 'client', remoteKind: 'database', entry: '*', per: 1.3, typical: 12, spread: 0.6 }],
  ['products>db', { service: 'gateway', operation: 'SELECT products', remote: 'postgresql/products', kind: 'client', remoteKind: 'database', entry: 'GET /products', per: 1, typical: 6, spread: 0.6 }],
  ['business>queue', { service: 'business', operation: 'publish', remote: 'done', kind: 'producer', remoteKind: 'messaging', entry: 'POST /process', per: 1, typical: 2, spread: 0.3 }],
  ['worker done', { service: 'worker', method: '', routeKey: 'done', entry: 'POST /process', per: 1, typical: 20, spread: 0.4 }],
])

export const calm: Conditions = { slower: {}, failing: {}, oftener: {}, busier: {} }

/** How busy an hour is beside the mean of its day: quiet nights and two peaks. */
export function busynessAt(at: number): number {
  const hour = at % DAY / HOUR
  const peak = (center: number, width: number) => Math.exp(-(((hour - center) / width) ** 2))
  return 0.35 + 1.1 * peak(11, 2.6) + 1.3 * peak(16, 3.4) + 0.6 * peak(21, 1.8)
}

/**
 * Figures of a platform in steps of ten seconds: requests come by chance, as busy as the hour is, take times with heavy
 * tails that grow with load, and fail now and then. `weather` says what is odd at a time.
 */
export function createSimulatedPlatform({ seed, weather = () => calm, rate = 1 }: { seed: number, weather?: Weather, rate?: number }) {
  const random = randomOf(seed)
  let made: { at: number, requests: RequestsRow[], client: OperationsRow[], producer: OperationsRow[] } = { at: 0, requests: [], client: [], producer: [] }

  function step(at: number) {
    const conditions = weather(at, random)
    const load = busynessAt(at)
    const counts = Object.fromEntries(Object.entries(entries).map(([name, each]) => [name, poisson(each * rate * load * (conditions.busier[name] ?? 1) * STEP / SECOND, random)]))
    counts['*'] = Object.values(counts).reduce((sum, count) => sum + count, 0)
    const factors = new Map(Object.keys(things).map(name => [name, (conditions.slower[name] ?? conditions.slower[things[name]!.service] ?? 1) * (1 + 0.1 * load)]))
    made = { at, requests: [], client: [], producer: [] }
    for (const [name, thing] of Object.entries(things)) {
      const often = thing.per * (conditions.oftener[name] ?? 1)
      const count = Number.isInteger(often) ? counts[thing.entry]! * often : poisson(counts[thing.entry]! * often, random)
      if (count === 0) continue
      const typical = timeOf(name, factors)
      const red = { ...redOf({ count, typical, spread: thing.spread, random }), failed: binomial(count, conditions.failing[name] ?? 0.0005, random) }
      if (thing.kind) made[thing.kind].push({ ...red, at: new Date(at), service: thing.service, operation: thing.operation!, remote: thing.remote!, remoteKind: thing.remoteKind })
      else made.requests.push({ ...red, at: new Date(at), service: thing.service, method: thing.method!, routeKey: thing.routeKey! })
    }
  }

  const answer = <T>(data: T[]) => ({ data, population: { kind: 'all' as const }, warnings: [] })
  const metrics = {
    name: 'embedded',
    // Nothing comes late here: of the steps asked for only the newest is news.
    async requests({ window, step }: { window: { to: Date }, step?: Millis }) {
      return answer(step === STEP && window.to.getTime() === made.at + STEP ? made.requests : [])
    },
    async operations({ window, step, where }: { window: { to: Date }, step?: Millis, where?: { kind?: string } }) {
      return answer(step === STEP && window.to.getTime() === made.at + STEP ? made[where!.kind as 'client' | 'producer'] : [])
    },
  } as unknown as MetricSource

  return { metrics, step }
}

/** Own time and that of what is waited for: medians add up nearly enough. */
function timeOf(name: string, factors: ReadonlyMap<string, number>): number {
  const { typical, waitsFor = [] } = things[name]!
  return typical * factors.get(name)! + waitsFor.reduce((sum, other) => sum + timeOf(other, factors), 0)
}

function redOf({ count, typical, spread, random }: { count: number, typical: number, spread: number, random: () => number }): Red {
  const middle = Math.log(typical * 1000)
  let duration = 0
  // A few one by one, more of them as their mean scatters.
  if (count <= 12) for (let i = 0; i < count; i++) duration += Math.exp(middle + spread * normal(random))
  else duration = count * Math.exp(middle + spread ** 2 / 2) * (1 + Math.sqrt(Math.exp(spread ** 2) - 1) / Math.sqrt(count) * normal(random))
  // One in 500 waits for a lock, a pause, a lost packet.
  for (let tail = poisson(count / 500, random); tail > 0; tail--) duration += 1e6 * -Math.log(1 - random()) * 0.8
  const p50 = Math.exp(middle + 1.25 * spread / Math.sqrt(count) * normal(random))
  return { spans: count, requests: count, failed: 0, clientErrors: 0, duration, p50, p95: p50 * Math.exp(1.645 * spread), p99: p50 * Math.exp(2.3 * spread) }
}

/** The same numbers for the same seed. */
export function randomOf(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = state + 0x6D2B79F5 >>> 0
    let value = Math.imul(state ^ state >>> 15, 1 | state)
    value = value + Math.imul(value ^ value >>> 7, 61 | value) ^ value
    return ((value ^ value >>> 14) >>> 0) / 4294967296
  }
}

function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
}

function poisson(mean: number, random: () => number): number {
  if (mean > 50) return Math.max(0, Math.round(mean + Math.sqrt(mean) * normal(random)))
  const limit = Math.exp(-mean)
  let count = 0
  for (let product = random(); product > limit; product *= random()) count++
  return count
}

function binomial(n: number, p: number, random: () => number): number {
  return Math.min(n, poisson(n * p, random))
}

/** A day as days are: deployments, surges, pauses, bursts of failures, a batch at night. Nothing that should page. */
export function ordinaryDays(seed: number): Weather {
  const random = randomOf(seed)
  const events: { from: number, to: number, conditions: Partial<Conditions> }[] = []
  const hours = (day: number, hour: number) => day * DAY + hour * HOUR
  const add = (from: number, length: Millis, conditions: Partial<Conditions>) => events.push({ from, to: from + length, conditions })
  const services = ['gateway', 'auth', 'business', 'worker']
  for (let day = 0; day < 30; day++) {
    // Deployments: half a minute of cold starts, a few failures, caches to be filled again, and then a little slower or faster for good.
    for (let i = 0; i < 4; i++) {
      const service = services[Math.floor(random() * services.length)]!
      const at = hours(day, 9 + 9 * random())
      add(at, 20 * SECOND, { slower: { [service]: 2.5 }, failing: { [service === 'gateway' ? 'GET /orders' : 'business GET /orders']: 0.02 } })
      add(at, 50 * SECOND, { oftener: { 'business>db': 1.8, ...(service === 'auth' && { 'auth>keys': 8 }) } })
      add(at, 4 * HOUR, { slower: { [service]: 0.95 + 0.15 * random() } })
    }
    // Surges: one entry three times as busy for ten minutes, and what it waits for a third slower.
    for (let i = 0; i < 3; i++) {
      const names = Object.keys(entries)
      add(hours(day, 24 * random()), 10 * MINUTE, { busier: { [names[Math.floor(random() * names.length)]!]: 2 + 2 * random() }, slower: { 'business>db': 1.35 } })
    }
    // Pauses: a service stands still for some seconds of one step.
    for (let i = 0; i < 12; i++) add(hours(day, 24 * random()), 5 * SECOND, { slower: { [services[Math.floor(random() * services.length)]!]: 6 } })
    // Bursts of failures that are over before anybody could look.
    for (let i = 0; i < 6; i++) add(hours(day, 24 * random()), 15 * SECOND, { failing: { 'POST /process': 0.12, 'business POST /process': 0.12, 'business>external': 0.12 } })
    // A batch at night, on the database that a few requests wait for.
    add(hours(day, 2), 40 * MINUTE, { slower: { 'business>db': 2.2 } })
  }
  return (at) => {
    const time = at % (30 * DAY)
    const conditions: Conditions = { slower: {}, failing: {}, oftener: {}, busier: {} }
    for (const event of events) {
      const overlap = Math.min(time + STEP, event.to) - Math.max(time, event.from)
      if (overlap <= 0) continue
      // A part of a step is a part of its requests.
      for (const kind of ['slower', 'failing', 'oftener', 'busier'] as const) for (const [name, value] of Object.entries(event.conditions[kind] ?? {})) conditions[kind][name] = (conditions[kind][name] ?? 1) * (kind === 'failing' ? value * overlap / STEP : 1 + (value - 1) * overlap / STEP)
    }
    return conditions
  }
}

/** Calm until `onset`, then as bad as `fault` says; of the step it begins in only the part after it. */
export function from(onset: number, fault: Partial<Conditions>): Weather {
  return (at) => {
    const share = Math.min(STEP, at + STEP - onset) / STEP
    if (share <= 0) return calm
    const part = (factors: Record<string, number> = {}) => Object.fromEntries(Object.entries(factors).map(([name, factor]) => [name, 1 + (factor - 1) * share]))
    return {
      slower: part(fault.slower), oftener: part(fault.oftener), busier: part(fault.busier),
      failing: Object.fromEntries(Object.entries(fault.failing ?? {}).map(([name, failing]) => [name, failing * share])),
    }
  }
}
