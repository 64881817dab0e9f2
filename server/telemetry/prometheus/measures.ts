import type { Micros } from '#shared/units'
import { readLabels, targetOf, type CallLabels } from './labels'
import { readName, type NamedMetric, type Role } from './names'

/** A counter of calls. */
export interface Counter {
  name: string
  /** Counts are inside a histogram that the backend holds as one value. */
  native: boolean
  labels: CallLabels
}

export interface Histogram {
  /** Of a classic one. */
  bucket?: string
  sum?: string
  native?: string
  /** Microseconds per unit. */
  unit: number
  labels: CallLabels
  /** The longest finite bound of a classic one. */
  lastBound?: Micros
}

/**
 * Calls as one kind of sender counts them. Of several counters (and histograms) the first is believed for every target
 * that has it: a sender that writes old and new names writes the same calls twice.
 */
export interface Measure {
  role: Exclude<Role, 'target-info'>
  family: string
  counters: Counter[]
  histograms: Histogram[]
  target: string[]
  /** Of service graphs. */
  failed?: string
}

export interface Described {
  names: readonly string[]
  /** Labels by metric. */
  labels: ReadonlyMap<string, readonly string[]>
  /** Largest finite `le` by bucket metric, in its own unit. */
  lastBounds: ReadonlyMap<string, number>
  consumers: readonly string[]
}

/** Families by role; what may be of spans is only so where its labels say that. */
export function groupNames(names: readonly string[]): { family: string, role: Role, metrics: NamedMetric[] }[] {
  const read = names.map(readName).filter(metric => metric !== undefined)
  return [...Map.groupBy(read, ({ role, family }) => `${role} ${family}`).values()]
    .map(metrics => ({ family: metrics[0]!.family, role: metrics[0]!.role, metrics }))
    .filter(({ role, metrics }) => role !== 'spans' || metrics.some(({ part }) => part === 'total'))
}

/** The metric of a family that is asked for its labels. */
export function sampleOf(metrics: readonly NamedMetric[]): NamedMetric {
  return metrics.find(({ part }) => part === 'total') ?? metrics.find(({ part }) => part === 'count') ?? metrics[0]!
}

/** What can be measured with what was found, the better one of each role first. */
export function toMeasures({ names, labels, lastBounds, consumers }: Described): Measure[] {
  const measures = groupNames(names).flatMap(({ family, role, metrics }): Measure[] => {
    if (role === 'target-info') return []
    const held = labels.get(sampleOf(metrics).name) ?? []
    const own = readLabels(held, consumers)
    if (role === 'spans' && !own.kind) return []
    if (role === 'graph' && !(own.client && own.server)) return []
    const histograms = toHistograms(role === 'graph' ? metrics.filter(({ side }) => side !== 'server') : metrics, own, lastBounds)
    const total = metrics.find(({ part }) => part === 'total')
    const counters = total ? [{ name: total.name, native: false, labels: own }] : histograms.flatMap(histogram => toCounter(metrics, histogram, own))
    return counters.length ? [{ role, family, counters, histograms, target: targetOf(held), ...failedOf(metrics) }] : []
  })
  return joinConventions(measures).sort((a, b) => worth(b) - worth(a))
}

function toHistograms(metrics: readonly NamedMetric[], labels: CallLabels, lastBounds: Described['lastBounds']): Histogram[] {
  const byUnit = Map.groupBy(metrics.filter(({ part }) => part !== 'total' && part !== 'failed'), ({ unit }) => unit ?? 1e3)
  return [...byUnit].sort(([a], [b]) => b - a).flatMap(([unit, parts]): Histogram[] => {
    const named = (part: NamedMetric['part']) => parts.find(metric => metric.part === part)?.name
    const [native, bucket, sum] = [named('native'), named('bucket'), named('sum')]
    const last = bucket === undefined ? undefined : lastBounds.get(bucket)
    return [
      ...(native ? [{ native, unit, labels }] : []),
      ...(bucket ? [{ bucket, sum, unit, labels, ...(last !== undefined && { lastBound: last * unit }) }] : []),
    ]
  })
}

function toCounter(metrics: readonly NamedMetric[], { native, bucket, unit }: Histogram, labels: CallLabels): Counter[] {
  if (native) return [{ name: native, native: true, labels }]
  const count = metrics.find(metric => metric.part === 'count' && (metric.unit ?? 1e3) === unit)
  return count && bucket ? [{ name: count.name, native: false, labels }] : []
}

function failedOf(metrics: readonly NamedMetric[]) {
  const failed = metrics.find(({ part }) => part === 'failed')
  return failed && { failed: failed.name }
}

/** Old and new names of the same thing: the new one is believed first. */
function joinConventions(measures: Measure[]): Measure[] {
  const isOld = ({ family }: Measure) => family.endsWith('_old')
  return measures.filter(measure => !isOld(measure) || !measures.some(other => isNewOf(other, measure))).map((measure) => {
    const old = measures.find(other => isOld(other) && isNewOf(measure, other))
    return old ? { ...measure, counters: [...measure.counters, ...old.counters], histograms: [...measure.histograms, ...old.histograms] } : measure
  })
}

function isNewOf(measure: Measure, old: Measure): boolean {
  return `${measure.family}_old` === old.family
}

/** How much can be told with it. */
function worth({ counters: [counter], histograms }: Measure): number {
  const { route, method, status, consumer, address, peer } = counter!.labels
  return 4 * Number(route.length > 0) + 2 * Number(method.length > 0) + 2 * Number(status.length > 0) + Number(consumer.length > 0) + Number(address.length + peer.length > 0) + 2 * Number(histograms.length > 0)
}
