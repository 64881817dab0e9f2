import type { Clock } from '#server/clock'
import type { Traces } from '#shared/trace/trace-columns'
import { MINUTE, SECOND, type Micros, type TimeWindow } from '#shared/units'
import type { Population, TraceBatch, TraceBatchPart, TraceBatchQuery, TraceQuery } from '../ports'
import { drawStrata, stratumWeights } from '../strata'
import type { Asked } from './question'
import type { BatchedTrace, Question, ReadBatch } from './trace-desk'
import { spanCap } from './trace-search'

/** For all of a batch, ms. */
const patience = 4 * SECOND
/** Parts of a window that are asked for apart, so that its newest traces do not stand for all of it. */
const mostSlices = 8
/** Traces of one answer. */
const most = 200
/** Slower than these of ten are slow. */
const SLOW = 0.9

export interface BatchParts {
  clock: Clock
  ask: (batch: number, question: Question & { limit: number, asked: Asked }, signal: AbortSignal | undefined) => Promise<ReadBatch>
  questionOf: (query: TraceQuery) => Promise<Asked>
  take: (batch: number, chosen: readonly { traceId: string, weight: number }[]) => Promise<Traces>
  drop: (batch: number) => Promise<void>
}

type Found = BatchedTrace & { weight: number }

/**
 * A batch out of searches. Zipkin gives the newest traces and never says how many there are: where an answer is full,
 * the part of the time that it covers says how many each of them stands for.
 *
 *   slice   |------------------------|
 *   given              ..............|    full and covers half of it: each stands for two
 */
export function createTraceBatch({ clock, ask, questionOf, take, drop }: BatchParts) {
  let last = 0

  return async function batch({ parts }: TraceBatchQuery, signal?: AbortSignal): Promise<TraceBatch> {
    const id = ++last
    const until = clock.monotonic() + patience
    const taken = new Set<string>()
    const chosen: Found[] = []
    const answered: TraceBatch['parts'] = []
    let cut = false

    /** The newest of a window that fit; fewer where that many do not come whole. */
    async function newest(query: TraceQuery, asked: Asked): Promise<{ found: Found[], isFull: boolean }> {
      for (let limit = query.limit; ; limit = Math.max(1, Math.floor(limit / 4))) {
        const answer = await ask(id, { query, until: query.window.to.getTime() * 1000, limit, asked }, signal)
        if (answer.spans === spanCap && limit > 1 && clock.monotonic() < until) continue
        cut ||= answer.spans === spanCap
        const isFull = answer.given >= limit
        const weight = isFull ? 1 / coverage(query.window, answer.earliest) : 1
        return { found: answer.traces.map(trace => ({ ...trace, weight: weight / (trace.kept ?? 1) })), isFull }
      }
    }

    async function search({ window, limit, of }: TraceBatchPart): Promise<Found[]> {
      const found = new Map<string, Found>()
      const asking = of.length ? of : [{}]
      const slices = slicesOf(window)
      for (const part of asking) {
        const query: TraceQuery = { ...part, window, limit: Math.min(most, Math.ceil(limit / asking.length)) }
        const asked = await questionOf(query)
        const each = Math.min(most, Math.max(20, Math.ceil(limit / asking.length / slices.length)))
        const answers = await Promise.all(slices.map(slice => newest({ ...query, window: slice, limit: each }, asked)))
        const plain = answers.flatMap(answer => answer.found)
        const all = answers.some(({ isFull }) => isFull) && clock.monotonic() < until ? await withStrata(query, asked, plain) : plain
        for (const trace of all) if (!found.has(trace.traceId)) found.set(trace.traceId, trace)
      }
      return [...found.values()]
    }

    /** Failed and slow ones are asked for by themselves, so those that came among the others are left out there. */
    async function withStrata(query: TraceQuery, asked: Asked, plain: Found[]): Promise<Found[]> {
      const slowest = plain.filter(({ failed }) => !failed).map(({ duration }) => duration).sort((a, b) => a - b)
      const bound = slowest[Math.floor(slowest.length * SLOW)] ?? Infinity
      const failing = { ...query, failed: true }
      const [failed, slow] = await Promise.all([
        questionOf(failing).then(question => newest(failing, question)),
        Number.isFinite(bound) && bound > 0 ? newest({ ...query, minDuration: bound }, { params: { ...asked.params, minDuration: Math.floor(bound) }, combined: true, whole: false }) : undefined,
      ])
      return [
        ...failed.found.filter(trace => trace.failed),
        ...slow?.found.filter(trace => !trace.failed && trace.duration >= bound) ?? [],
        ...plain.filter(trace => !trace.failed && (!slow || trace.duration < bound)),
      ]
    }

    try {
      for (const part of parts) {
        const found = (await search(part)).filter(({ traceId }) => !taken.has(traceId)).sort((a, b) => a.startedAt - b.startedAt)
        const { drawn, sizes } = drawStrata(found, part.limit)
        const standing = stratumWeights(sizes, sizes.map((_, stratum) => drawn.filter(entry => entry.stratum === stratum).length))
        for (const { item, stratum } of drawn) {
          taken.add(item.traceId)
          chosen.push({ ...item, weight: item.weight * standing[stratum]! })
        }
        answered.push({ matched: Math.round(found.reduce((sum, { weight, kept }) => sum + weight * (kept ?? 1), 0)), read: drawn.length, searchedTo: part.window.from })
      }
    }
    catch (error) {
      drop(id).catch(() => {})
      throw error
    }
    return {
      traces: await take(id, chosen.map(({ traceId, weight }) => ({ traceId, weight }))), parts: answered,
      population: populationOf(chosen), warnings: cut ? [{ source: 'zipkin', code: 'span_cap', params: { count: spanCap } }] : [],
    }
  }
}

function slicesOf({ from, to }: TimeWindow): TimeWindow[] {
  const length = to.getTime() - from.getTime()
  const count = Math.min(mostSlices, Math.max(1, Math.round(length / MINUTE)))
  return Array.from({ length: count }, (_, i) => ({ from: new Date(from.getTime() + i * length / count), to: new Date(from.getTime() + (i + 1) * length / count) }))
}

/** Which part of a window lies behind the oldest trace of a full answer. */
function coverage({ from, to }: TimeWindow, earliest: Micros): number {
  const length = to.getTime() - from.getTime()
  return Math.min(1, Math.max(0.01, (to.getTime() - earliest / 1000) / length))
}

function populationOf(chosen: readonly Found[]): Population {
  if (!chosen.length || chosen.some(({ kept }) => kept === undefined)) return { kind: 'kept' }
  return { kind: 'kept', rate: chosen.length / chosen.reduce((sum, { kept }) => sum + 1 / kept!, 0) }
}
