import type { DiagnosisInput } from '../../../server/diagnosis/diagnosis.ts'
import { faults, type Fault } from './faults.ts'
import { epoch, toOtlpLines } from './otlp.ts'
import { Platform } from './platform.ts'
import { inputAt, readOtlp, toSeries, type Recording } from './read-otlp.ts'
import { Chance } from './simulation.ts'
import { buildTopology, type Shape, type Topology } from './topology.ts'
import { findTrigger } from './trigger.ts'

/** One fault on one platform, recorded. */
export interface Scenario {
  shape: Shape
  seed: number
  topology: Topology
  fault: Fault
  /** µs since the epoch; known to the scoring only. */
  began: number
  /** Undefined: nothing that anybody could see. */
  trigger: { at: number, symptoms: { service: string, operation: string }[] } | undefined
  /** How often the plain rule fired before anything was wrong. */
  falseAlarms: number
  recording: Recording
  /** Counted before sampling. */
  series: ReturnType<typeof toSeries>
  sampled: Recording
  lines: string[]
  /** One trace in ten. */
  sampledLines: string[]
}

/** Quiet time before a fault, and how long it is watched. */
const QUIET = 480e6
const WATCHED = 240e6
export const SAMPLING = 0.1

/** A platform that is overloaded before anything was done to it shows nothing. */
const MOST_FAILED = 0.02

function failedBefore({ told }: Platform, began: number): number {
  const roots = told.spans.filter(({ parentId, end }) => parentId === '' && end >= 0 && end < began)
  return roots.filter(({ error }) => error).length / Math.max(1, roots.length)
}

/** Undefined where the platform has no place for the fault, or cannot do its work even without it. */
export function play(shape: Shape, faultName: string, seed: number): Scenario | undefined {
  const topology = buildTopology(shape, seed)
  const chance = new Chance(seed * 101 + faultName.length * 7)
  const fault = faults[faultName]!(topology, chance)
  if (!fault) return undefined
  const platform = new Platform(topology, seed)
  fault.prepare?.(platform.knobs, platform)
  const began = QUIET + chance.between(0, 30e6)
  const until = began + WATCHED
  platform.simulation.after(began, () => fault.switchOn(platform.knobs, platform))
  platform.start(until)
  platform.simulation.run(until)

  if (failedBefore(platform, began) > MOST_FAILED) return undefined

  const lines = toOtlpLines(platform.told.spans, platform.told.logs, { until, ratio: 1 })
  const sampledLines = toOtlpLines(platform.told.spans, platform.told.logs, { until, ratio: SAMPLING })
  const recording = readOtlp(lines)
  const series = toSeries(recording, epoch + until)
  const entries = new Set(topology.entries.map(({ service, operation }) => `${service} ${operation}`))
  const watched = { series, lags: lagsOf(recording), entries }
  let falseAlarms = 0
  let trigger = findTrigger(watched, epoch, epoch + until)
  while (trigger && trigger.at < epoch + began) {
    falseAlarms++
    trigger = findTrigger(watched, trigger.at - 250e6, epoch + until)
  }
  return { shape, seed, topology, fault, falseAlarms, series, began: epoch + began, trigger, recording, lines, sampledLines, sampled: readOtlp(sampledLines) }
}

/** Waiting between publishing and handling, as a series of its own. */
function lagsOf({ traces }: Recording) {
  const series = new Map<string, ReturnType<typeof toSeries>[number]>()
  for (const { spans } of traces.values()) {
    const byId = new Map(spans.map(span => [span.spanId, span]))
    for (const span of spans) {
      const producer = span.kind === 'consumer' && span.parentId ? byId.get(span.parentId) : undefined
      if (!producer) continue
      const name = `${span.service} ${span.name}`
      const entry = series.get(name) ?? { service: span.service, operation: span.name, kind: 'consumer' as const, remote: 'lag', steps: [] }
      series.set(name, entry)
      const at = Math.floor(span.start / 10e6) * 10e6
      let step = entry.steps.find(other => other.at === at)
      if (!step) entry.steps.push(step = { at, requests: 0, failed: 0, duration: 0 })
      step.requests++
      step.duration += Math.max(0, span.start - producer.start - producer.duration)
    }
  }
  for (const { steps } of series.values()) steps.sort((a, b) => a.at - b.at)
  return [...series.values()]
}

export type Mode = 'full' | 'sampled' | 'sampled, unsampled metrics'

/** What is known some seconds after the trigger. */
export function inputOf({ recording, sampled, trigger, series: counted }: Scenario, mode: Mode, after: number): DiagnosisInput {
  const at = trigger!.at + after * 1e6
  const series = mode === 'sampled' ? [] : counted
  return inputAt(mode === 'full' ? recording : sampled, { at, symptoms: trigger!.symptoms, series })
}
