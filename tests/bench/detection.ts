import { deserialize, serialize } from 'node:v8'
import { createDetection } from '#server/alerting/detection/detection'
import type { MetricSource, OperationsRow, Red, RequestsRow } from '#server/telemetry/ports'
import { DAY, HOUR, MINUTE, SECOND } from '#shared/units'
import { createFakeClock } from '../support/fake-clock.ts'
import { createSimulatedPlatform, from, ordinaryDays, randomOf, type Conditions } from '../support/simulated-platform.ts'
import { watch } from '../support/watched-platform.ts'
import { median, type Figure } from './support/report.ts'

const STEP = 10 * SECOND
const start = Math.floor(Date.parse('2026-11-02T00:00:00Z') / (30 * DAY)) * 30 * DAY
const days = 10

/** What detection costs at 500 series, how soon it finds things, and how often it pages for nothing. */
export async function run(): Promise<Figure[]> {
  return [...await cost(), ...await soon(), await quiet()]
}

/**
 * Answers come from a worker: they are read from bytes, as a message is, and that counts. Everything of a tick that
 * happens on the main thread counts, in stretches between which others are let through.
 */
async function cost(): Promise<Figure[]> {
  const routes = 150
  const calls = 350
  const random = randomOf(1)
  let questions = 0
  let longest = 0
  let stretch = 0
  let began: number | undefined
  // Of the processor, for this thread: others may be at work on this machine.
  const spent = () => process.threadCpuUsage().user / 1000
  const pause = () => {
    if (began !== undefined) stretch += spent() - began
    began = undefined
  }
  const goOn = () => void (began = spent())
  const cut = () => {
    longest = Math.max(longest, stretch)
    stretch = 0
  }
  /** Whoever waits for this lets others through: a stretch ends. */
  const { setImmediate: wait } = globalThis
  const interrupt = (run: () => void) => {
    pause()
    return wait(() => {
      pause()
      cut()
      goOn()
      run()
    })
  }

  const figures = (): Red => ({ spans: 20, requests: 20, failed: 0, clientErrors: 0, duration: 2e6 * (0.9 + 0.2 * random()), p50: 100_000, p95: 200_000, p99: 300_000 })
  const stepsOf = ({ window, step }: { window: { from: Date, to: Date }, step?: number }) => Array.from({ length: (window.to.getTime() - window.from.getTime()) / step! }, (_, i) => new Date(window.from.getTime() + i * step!))
  async function answer<Row>(rows: Row[]) {
    questions++
    pause()
    const bytes = serialize(rows)
    await new Promise<void>(interrupt)
    return { data: deserialize(bytes) as Row[], population: { kind: 'all' as const }, warnings: [] }
  }
  const metrics = {
    name: 'embedded',
    requests: (query: { window: { from: Date, to: Date }, step?: number }) => answer(query.step ? stepsOf(query).flatMap(at => Array.from({ length: routes }, (_, i): RequestsRow => ({ ...figures(), at, service: `service-${i % 25}`, method: 'GET', routeKey: `/things/${i}` }))) : []),
    operations: (query: { window: { from: Date, to: Date }, step?: number, where?: { kind?: string } }) => answer(query.step && query.where?.kind === 'client' ? stepsOf(query).flatMap(at => Array.from({ length: calls }, (_, i): OperationsRow => ({ ...figures(), at, service: `service-${i % 25}`, operation: `GET /things/${i}`, remote: `service-${(i + 1) % 25}`, remoteKind: 'service' }))) : []),
  } as unknown as MetricSource
  const detection = createDetection({
    clock: createFakeClock(), metrics, receives: () => false, troubled: () => [], onTrouble: () => {},
    register: { services: () => [], endpoints: () => [] }, recent: { firing: () => new Map(), paged: () => new Map(), said: () => new Set() },
  })

  globalThis.setImmediate = interrupt as typeof setImmediate
  const ticks: number[] = []
  let asked = 0
  for (let at = start + HOUR; at < start + HOUR + 10 * MINUTE; at += STEP) {
    const before = questions
    stretch = longest = 0
    goOn()
    await detection.tiers[1]!.judge(new Date(at))
    pause()
    cut()
    // The first one reads two hours.
    if (at === start + HOUR) continue
    ticks.push(longest)
    asked = Math.max(asked, at % HOUR === 0 ? 0 : questions - before)
  }
  globalThis.setImmediate = wait
  const sorted = ticks.sort((a, b) => a - b)
  return [
    { name: 'questions a tick, 500 series', value: asked, must: 6 },
    { name: 'longest stretch of a tick on the main thread, p50, ms', value: median(sorted) },
    { name: 'the same, p95, ms', value: sorted[Math.floor(sorted.length * 0.95)]!, must: 10, detail: `slowest ${sorted.at(-1)!.toFixed(1)} ms of ${sorted.length}` },
  ]
}

const faults: [string, Partial<Conditions>, number][] = [
  ['a total failure', { failing: { 'POST /process': 1 } }, 20.5],
  ['a limit of 8 s', { slower: { 'business>external': 50 }, failing: { 'POST /process': 0.66 } }, 23],
  ['a slow-down by 3 on an edge', { slower: { 'business>external': 3 } }, 45],
  ['a call-rate explosion', { oftener: { 'auth>keys': 330 } }, 30],
  ['5 % failures on one route', { busier: { 'POST /process': 2 }, failing: { 'POST /process': 0.05 } }, 60],
]

/** From the fault to the first page, in whole steps: what senders keep back comes on top. */
async function soon(): Promise<Figure[]> {
  const figures: Figure[] = []
  for (const [name, fault, must] of faults) {
    const times: number[] = []
    let missed = 0
    for (let seed = 1; seed <= 40; seed++) {
      const onset = start + 15 * HOUR + Math.floor(randomOf(seed * 77)() * STEP)
      const watched = watch(createSimulatedPlatform({ seed, weather: from(onset, fault), rate: 1.2 }))
      await watched.run(start + 14 * HOUR, start + 15 * HOUR + 3 * MINUTE)
      const first = watched.fired.filter(({ finding }) => finding.severity === 'critical').sort((a, b) => a.at - b.at)[0]
      if (first) times.push((first.at - onset) / 1000)
      else missed++
    }
    times.sort((a, b) => a - b)
    figures.push({ name: `${name}: to the first page, p50, s`, value: missed ? Number.NaN : median(times), must, detail: `p95 ${times[Math.floor(times.length * 0.95)]?.toFixed(0)} s, ${missed} of 40 missed` })
  }
  return figures
}

async function quiet(): Promise<Figure> {
  let pages = 0
  let insights = 0
  for (let seed = 101; seed < 101 + days / 2; seed++) {
    const watched = watch(createSimulatedPlatform({ seed, weather: ordinaryDays(seed * 7) }))
    await watched.run(start, start + 2 * DAY)
    pages += watched.pages().length
    insights += watched.fired.filter(({ finding }) => finding.severity !== 'critical').length
  }
  return { name: 'false pages an ordinary day', value: pages / days, must: 1, detail: `${pages} in ${days} days, and ${insights} insights and tickets` }
}
