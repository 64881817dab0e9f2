import type { Culprit, Diagnosis } from '../../../server/diagnosis/diagnosis.ts'
import type { Span } from '../../../shared/trace/span.ts'
import type { Recording } from './read-otlp.ts'
import { Chance } from './simulation.ts'

/** Simple ways to find a culprit, told the onset; each gives places, best first. */
export interface View {
  before: Span[][]
  after: Span[][]
  seed: number
}

type Place = Pick<Culprit, 'service' | 'operation' | 'remote'>

export function viewOf({ traces }: Recording, { onset, at }: { onset: number, at: number }, seed: number): View {
  const known = [...traces.values()].map(({ spans }) => spans.filter(span => span.start + span.duration <= at)).filter(spans => spans.length)
  const startOf = (spans: Span[]) => Math.min(...spans.map(({ start }) => start))
  return { seed, before: known.filter(spans => startOf(spans) < onset - 60e6), after: known.filter(spans => startOf(spans) >= onset) }
}

const isFailed = (span: Span) => span.status === 'error'
const nameOf = (span: Span) => `${span.service}\0${span.name}\0${remoteOf(span)}`
const remoteOf = ({ kind, attributes }: Span) => kind === 'client' ? String(attributes['server.address'] ?? '') : ''

interface Stats { span: Span, durations: number[], failed: number }

function statsOf(traces: Span[][]): Map<string, Stats> {
  const stats = new Map<string, Stats>()
  for (const span of traces.flat()) {
    const entry = stats.get(nameOf(span)) ?? { span, durations: [], failed: 0 }
    entry.durations.push(span.duration)
    if (isFailed(span)) entry.failed++
    stats.set(nameOf(span), entry)
  }
  for (const { durations } of stats.values()) durations.sort((a, b) => a - b)
  return stats
}

const quantile = (sorted: number[], q: number) => sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? 0
const placeOf = (span: Span): Place => ({ service: span.service, operation: span.name, remote: remoteOf(span) || null })

function best(scores: { place: Place, score: number }[]): Place[] {
  return scores.sort((a, b) => b.score - a.score || (a.place.service < b.place.service ? -1 : 1)).map(({ place }) => place)
}

/** Each pair of windows once per operation. */
function compare(view: View, scoreOf: (was: Stats, is: Stats) => number): Place[] {
  const before = statsOf(view.before)
  return best([...statsOf(view.after)].flatMap(([name, is]) => {
    const was = before.get(name)
    return was && is.durations.length >= 5 ? [{ place: placeOf(is.span), score: scoreOf(was, is) }] : []
  }))
}

export const baselines: Record<string, (view: View) => Place[]> = {
  'random': ({ after, seed }) => {
    const chance = new Chance(seed)
    const places = new Map(after.flat().map(span => [nameOf(span), placeOf(span)]))
    return [...places.values()].sort(() => chance.next() - 0.5)
  },

  'loudest p95 ratio': view => compare(view, (was, is) => quantile(is.durations, 0.95) / Math.max(1_000, quantile(was.durations, 0.95))),

  'alert count': (view) => {
    const before = statsOf(view.before)
    const counts = new Map<string, { place: Place, score: number }>()
    for (const [name, is] of statsOf(view.after)) {
      const was = before.get(name)
      if (!was || is.durations.length < 5) continue
      const slow = quantile(is.durations, 0.95) / Math.max(1_000, quantile(was.durations, 0.95))
      const failing = is.failed / is.durations.length - was.failed / was.durations.length > 0.02
      const entry = counts.get(is.span.service) ?? { place: placeOf(is.span), score: 0 }
      entry.score += (slow > 1.5 ? 1 : 0) + (failing ? 1 : 0) + Math.min(0.1, slow / 1_000)
      counts.set(is.span.service, entry)
    }
    return best([...counts.values()])
  },

  'robust contrast of RED': view => compare(view, (was, is) => {
    const middle = quantile(was.durations, 0.5)
    const deviation = quantile(was.durations.map(duration => Math.abs(duration - middle)).sort((a, b) => a - b), 0.5)
    const slow = (quantile(is.durations, 0.5) - middle) / Math.max(500, 1.4826 * deviation)
    const p = was.failed / was.durations.length
    const q = is.failed / is.durations.length
    const failing = (q - p) / Math.sqrt(Math.max(1e-4, p * (1 - p)) + 1e-2)
    return Math.max(slow, 3 * failing)
  }),

  'association of failed traces': (view) => {
    const before = statsOf(view.before)
    const line = new Map([...before].map(([name, { durations }]) => [name, quantile(durations, 0.95)]))
    const isOdd = (span: Span) => isFailed(span) || span.duration > (line.get(nameOf(span)) ?? Infinity)
    const bad = new Set(view.after.filter(spans => spans.some(span => !span.parentId && isOdd(span))))
    const scores = new Map<string, { place: Place, bad: number, all: number }>()
    for (const spans of view.after) {
      const seen = new Set<string>()
      for (const span of spans) {
        if (!isOdd(span) || seen.has(nameOf(span))) continue
        seen.add(nameOf(span))
        const entry = scores.get(nameOf(span)) ?? { place: placeOf(span), bad: 0, all: 0 }
        entry.all++
        if (bad.has(spans)) entry.bad++
        scores.set(nameOf(span), entry)
      }
    }
    return best([...scores.values()].map(({ place, bad: both, all }) => ({ place, score: both / Math.sqrt(Math.max(1, bad.size * all)) })))
  },

  'deepest odd node': (view) => {
    const before = statsOf(view.before)
    const line = new Map([...before].map(([name, { durations }]) => [name, quantile(durations, 0.95)]))
    const isOdd = (span: Span) => isFailed(span) || span.duration > (line.get(nameOf(span)) ?? Infinity)
    const votes = new Map<string, { place: Place, score: number }>()
    for (const spans of view.after) {
      const byId = new Map(spans.map(span => [span.spanId, span]))
      const root = spans.find(span => !span.parentId)
      if (!root || !isOdd(root)) continue
      const depth = (span: Span) => {
        let steps = 0
        for (let at = span.parentId; at && steps < 100; at = byId.get(at)?.parentId) steps++
        return steps
      }
      const deepest = spans.filter(isOdd).map(span => ({ span, depth: depth(span) })).sort((a, b) => b.depth - a.depth || b.span.duration - a.span.duration)[0]!.span
      const entry = votes.get(nameOf(deepest)) ?? { place: placeOf(deepest), score: 0 }
      entry.score++
      votes.set(nameOf(deepest), entry)
    }
    return best([...votes.values()])
  },
}

/** In the shape that is scored; the first three services stand for "in the first three". */
export function asAnswer(places: Place[]): Pick<Diagnosis, 'culprit' | 'runnersUp' | 'qualifier'> {
  const services = new Set<string>()
  const first = places.filter(({ service }) => !services.has(service) && services.add(service)).slice(0, 3)
  const culprits = first.map((place): Culprit => ({ ...place, type: 'slow_local' }))
  return { culprit: culprits[0] ?? null, qualifier: null, runnersUp: culprits.slice(1).map(culprit => ({ culprit, explains: 0, whyNot: { code: 'diagnosis.whyNot.smaller' } })) }
}
