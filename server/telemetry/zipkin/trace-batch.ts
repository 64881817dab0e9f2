import type { Clock } from '#server/clock'
import type { Traces } from '#shared/trace/trace-columns'
import { MINUTE, SECOND, type Micros, type TimeWindow } from '#shared/units'
import type { Population, TraceBatch, TraceBatchPart, TraceBatchQuery, TraceQuery } from '../ports'
import { drawStrata, stratumWeights } from '../strata'
import { sourceTrouble } from '../upstream/upstream'
import { limitTime } from './limited-time'
import type { Asked } from './question'
import type { BatchedTrace, BatchQuestion, ReadBatch } from './batch-reading'
import { spanCap } from './trace-search'

/** For all that is asked; where not even a few of the first part are here by then, for those. Choosing comes on top, ms. */
const patience = { usual: 3 * SECOND, longest: 8 * SECOND }
/** Parts of a window that are asked for apart, so that its newest traces do not stand for all of it. */
const mostSlices = 8
/** Traces of one answer: a few of everything at first, more of it while there is time. */
const first = 25
const most = 200
/** Slower than these of ten are slow. */
const SLOW = 0.9
/** Where so many of the traces that are here pass another place as well, that one is not asked about apart. */
const SAME_WAY = 0.5

export interface BatchParts {
  clock: Clock
  ask: (batch: number, question: Omit<BatchQuestion, 'index'> & { limit: number, asked: Asked }, signal: AbortSignal) => Promise<ReadBatch>
  questionOf: (query: TraceQuery) => Promise<Asked>
  take: (batch: number, chosen: readonly { traceId: string, weight: number }[]) => Promise<Traces>
  drop: (batch: number) => Promise<void>
}

type Found = BatchedTrace & { weight: number }

interface Answer {
  found: Found[]
  /** There are more than were given. */
  isFull: boolean
  /** Which of them were given has nothing to do with time, so nobody knows what they stand for. */
  isAnyOf: boolean
}

/** The question for one place in one part of a batch, and what came of it so far. */
interface Asking {
  part: TraceBatchPart
  query: TraceQuery
  asked: Asked
  /** The newest first. */
  slices: { window: TimeWindow, answer?: Answer }[]
  /** Asked for by themselves where not all could be given. */
  failed?: Answer
  slow?: Answer & { bound: Micros }
}

/**
 * A batch out of searches, as many as there is time for. Zipkin gives whole traces, the newest of a time, and never says
 * how many there are: so a few are asked for everywhere, then those that failed or were slow, then more. Where an answer
 * is full, the part of the time that it covers says how many each of its traces stands for.
 *
 *   slice   |------------------------|
 *   given              ..............|    full and covers half of it: each stands for two
 */
export function createTraceBatch({ clock, ask, questionOf, take, drop }: BatchParts) {
  let last = 0

  return async function batch({ parts }: TraceBatchQuery, signal?: AbortSignal): Promise<TraceBatch> {
    const id = ++last
    const askings: Asking[] = []
    const time = limitTime(clock, { ...patience, isEnough: () => askings[0]?.slices.every(({ answer }) => answer) === true }, signal)
    let cut = false

    /** The newest of a window that fit; fewer where that many do not come whole. */
    async function newest(query: TraceQuery, asked: Asked, { part, limit }: { part: TraceBatchPart, limit: number }): Promise<Answer> {
      for (; ; limit = Math.max(1, Math.floor(limit / 4))) {
        const answer = await ask(id, { query, places: part.of, until: query.window.to.getTime() * 1000, limit, asked }, time.signal)
        if (answer.spans === spanCap && limit > 1) continue
        cut ||= answer.spans === spanCap
        const isFull = answer.given >= limit || answer.cut !== undefined
        const { traces, earliest } = wholePart(answer)
        const weight = isFull ? 1 / coverage(query.window, earliest) : 1
        return { found: traces.map(trace => ({ ...trace, weight: weight / (trace.kept ?? 1) })), isFull, isAnyOf: answer.cut === Infinity }
      }
    }

    /** Requests on one way are disturbed together, and come with each other's traces. */
    function isOnTheWay(part: TraceBatchPart, place: number): boolean {
      const found = askings.filter(asking => asking.part === part).flatMap(foundOf)
      return found.length > 0 && found.filter(({ places }) => places.includes(place)).length >= SAME_WAY * found.length
    }

    async function begin(part: TraceBatchPart, place: number) {
      const query: TraceQuery = { ...part.of[place], window: part.window, limit: most }
      const asking: Asking = { part, query, asked: await questionOf(query), slices: slicesOf(part.window).map(window => ({ window })) }
      askings.push(asking)
      return asking
    }

    const fill = (asking: Asking, isFirst: boolean) => asking.slices.filter(({ answer }) => isFirst || answer?.isFull).map(slice => time.within(async () => {
      const all = Math.min(most, Math.max(20, Math.ceil(asking.part.limit / asking.slices.length)))
      const limit = isFirst ? Math.min(first, all) : all
      if (isFirst || limit > first) slice.answer = await newest({ ...asking.query, window: slice.window }, asking.asked, { part: asking.part, limit })
    }))

    const addStrata = (asking: Asking) => {
      const { part, query, asked, slices } = asking
      if (!slices.some(({ answer }) => answer?.isFull)) return []
      const durations = foundOf(asking).filter(({ failed }) => !failed).map(({ duration }) => duration).sort((a, b) => a - b)
      const bound = durations[Math.floor(durations.length * SLOW)] ?? 0
      const failing = { ...query, failed: true }
      return [
        time.within(async () => {
          const answer = await newest(failing, await questionOf(failing), { part, limit: most })
          if (!answer.isAnyOf) asking.failed = answer
        }),
        ...bound > 0 ? [time.within(async () => void (asking.slow = { bound, ...await newest({ ...query, minDuration: bound }, { params: { ...asked.params, minDuration: Math.floor(bound) }, whole: false }, { part, limit: most }) }))] : [],
      ]
    }

    try {
      const places = Math.max(1, ...parts.map(({ of }) => of.length))
      for (let place = 0; place < places; place++) {
        const open = parts.filter(({ of }) => place < Math.max(1, of.length)).filter(part => !isOnTheWay(part, place))
        await Promise.all((await Promise.all(open.map(part => time.within(() => begin(part, place))))).flatMap(asking => asking ? fill(asking, true) : []))
      }
      await Promise.all(askings.flatMap(asking => [...addStrata(asking), ...fill(asking, false)]))
      if (!askings.some(({ slices }) => slices.some(({ answer }) => answer))) throw sourceTrouble('zipkin', 'timeout')
    }
    catch (error) {
      // What comes in later would be held again.
      time.end().then(() => drop(id)).catch(() => {})
      throw error
    }
    await time.end()

    const taken = new Set<string>()
    const chosen: Found[] = []
    const answered = parts.map((part): TraceBatch['parts'][number] => {
      const own = askings.filter(asking => asking.part === part)
      const found = onceEach(own.flatMap(foundOf)).filter(({ traceId }) => !taken.has(traceId)).sort((a, b) => a.startedAt - b.startedAt)
      const { drawn, sizes } = drawStrata(found, part.limit)
      const standing = stratumWeights(sizes, sizes.map((_, stratum) => drawn.filter(entry => entry.stratum === stratum).length))
      for (const { item, stratum } of drawn) {
        taken.add(item.traceId)
        chosen.push({ ...item, weight: item.weight * standing[stratum]! })
      }
      return { matched: Math.round(found.reduce((sum, { weight, kept }) => sum + weight * (kept ?? 1), 0)), read: drawn.length, searchedTo: searchedTo(part, own) }
    })
    return {
      traces: await take(id, chosen.map(({ traceId, weight }) => ({ traceId, weight }))), parts: answered,
      population: populationOf(chosen), warnings: cut ? [{ source: 'zipkin', code: 'span_cap', params: { count: spanCap } }] : [],
    }
  }
}

/** Failed and slow ones that were asked for by themselves are left out where they came among the others. */
function foundOf({ slices, failed, slow }: Asking): Found[] {
  const plain = slices.flatMap(({ answer }) => answer?.found ?? [])
  return [
    ...failed?.found.filter(trace => trace.failed) ?? [],
    ...slow?.found.filter(trace => !trace.failed && trace.duration >= slow.bound) ?? [],
    ...plain.filter(trace => (trace.failed ? !failed : !slow || trace.duration < slow.bound)),
  ]
}

function onceEach(found: readonly Found[]): Found[] {
  const firsts = new Map<string, Found>()
  for (const trace of found) if (!firsts.has(trace.traceId)) firsts.set(trace.traceId, trace)
  return [...firsts.values()]
}

/** Before this, not everything was asked about. */
function searchedTo({ window }: TraceBatchPart, askings: readonly Asking[]): Date {
  const missing = askings.flatMap(({ slices }) => slices.filter(({ answer }) => !answer)).map(({ window: { to } }) => to.getTime())
  return askings.length ? new Date(Math.max(window.from.getTime(), ...missing)) : window.to
}

function slicesOf({ from, to }: TimeWindow): TimeWindow[] {
  const length = to.getTime() - from.getTime()
  const count = Math.min(mostSlices, Math.max(1, Math.round(length / MINUTE)))
  return Array.from({ length: count }, (_, i) => ({ from: new Date(to.getTime() - (i + 1) * length / count), to: new Date(to.getTime() - i * length / count) }))
}

/** Of an answer that is cut by rows, the traces that began where none is missing. */
function wholePart({ traces, earliest, cut = -Infinity }: ReadBatch): Pick<ReadBatch, 'traces' | 'earliest'> {
  const whole = traces.filter(({ startedAt }) => startedAt >= cut)
  return whole.length ? { traces: whole, earliest: Math.max(cut, earliest) } : { traces, earliest }
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
