import type { Clock } from '#server/clock'
import { HOUR, MINUTE, SECOND, type Micros } from '#shared/units'
import type { Population, SourceWarning, TracePage, TraceProfile, TraceQuery, TraceScatter } from '../ports'
import type { Asked } from './question'
import type { ReadTraces } from './search-reading'
import type { Question } from './trace-list'
import type { AnsweredTrace, FoundTrace } from './trace-summary'

/** What its Elasticsearch storage gives at most in one answer, silently. */
export const spanCap = 10_000
/** Traces asked for at once. */
const least = 20
const most = 200
/** For one question of ours, however many that means to Zipkin, ms. */
const patience = 4 * SECOND
/** Calls for one question of ours. */
const mostCalls = 24
/** Longer than this nobody is waited for whose trace began before a page and goes on behind it, µs. */
export const longestOverlap: Micros = 60_000_000
/** What a trace did after a window of the past ended may be what it is found by, µs. */
const arriving: Micros = 10_000_000
/** Dots and profiles rest on so many traces at most, taken evenly over the window. */
const sampled = 400
const slices = 8

export type AskTraces = (question: Pick<Question, 'query' | 'until'> & { limit: number, asked: Asked }, signal: AbortSignal | undefined) => Promise<ReadTraces>

interface Place {
  /** Everything up to here was given: the order time and id of the last one. */
  orderedBy: Micros
  traceId: string
  /** Where Zipkin is asked on from. */
  until: Micros
  /** How many were given out before. */
  given: number
}

/**
 * Searches that Zipkin cannot do: it has no pages, no order it promises, no durations of traces. It gives the newest
 * traces by the spans that began until `endTs`, so everything that began after the oldest of those "newest spans" is
 * known, and only that is given out; the next question goes on from there.
 *
 *   asked until              |        a trace's line goes from its start to its last span's start
 *        ..............------|--.
 *      ......------          |      given now: what starts behind the bar
 *   --------.......          |
 *           ^ nothing that starts behind this bar can be missing
 */
export function createTraceSearch({ clock, ask }: { clock: Clock, ask: AskTraces }) {
  async function page(query: TraceQuery, best: Asked, signal: AbortSignal | undefined): Promise<TracePage> {
    const place = readCursor(query, best)
    let asked = best
    const began = clock.monotonic()
    const held = new Map<string, FoundTrace>()
    const warnings = createWarnings()
    let { until } = place
    // What Zipkin finds is what is shown, or a part of it.
    const enough = ({ whole }: Asked) => Math.min(most, Math.max(least, whole ? query.limit + 1 : 2 * query.limit))
    // All that carries something rare is here at once, or it is not rare.
    let limit = asked.instead ? most : enough(asked)

    for (let calls = 0; ; calls++) {
      const answer = await ask({ query, until, limit, asked }, signal)
      if (answer.spans === spanCap && limit > 1) {
        // Every trace of it may be cut: fewer at once are whole.
        limit = Math.max(1, Math.floor(limit / 4))
        continue
      }
      warnings.note(answer)
      for (const { traceId, found } of answer.traces) if (found && isBefore(found, traceId, place)) held.set(traceId, found)

      // Any of them may be missing. So many have it that a look at all finds some.
      if (answer.cut === Infinity && asked.instead) {
        asked = asked.instead
        limit = enough(asked)
        continue
      }
      const exhausted = answer.cut === undefined && answer.traces.length < limit
      // Storages order by the millisecond.
      const bar = exhausted ? -Infinity : endOfMilli(barOf(answer, { until, limit }))
      const ready = [...held].filter(([, { orderedBy }]) => orderedBy > bar).sort(newestFirst)
      const ended = exhausted || bar < query.window.from.getTime() * 1000
      const spent = calls >= mostCalls - 1 || clock.monotonic() - began > patience
      if (ready.length > query.limit || ended || spent) {
        const shown = ready.slice(0, query.limit)
        const more = ready.length > shown.length || !ended
        const left = [...held].filter(([id]) => !shown.some(([other]) => other === id)).map(([, found]) => found)
        const last = shown.at(-1)
        const given = place.given + shown.length
        const at = ready.length > shown.length && last ? { orderedBy: last[1].orderedBy, traceId: last[0] } : { orderedBy: bar + 1, traceId: '' }
        return {
          traces: shown.map(([, { summary }]) => summary),
          ...(more && { next: writeCursor({ ...at, given, until: Math.min(place.until, overlapOf(left, Math.max(bar, at.orderedBy))) }) }),
          total: { count: given, atLeast: more },
          searchedTo: ended || ready.length > shown.length ? query.window.from : new Date(bar / 1000),
          population: populationOf(shown.map(([, found]) => found)),
          warnings: warnings.all(),
        }
      }
      // Of roots the microsecond counts: those within a millisecond come with the next one only.
      const next = bar + 1
      // So many at one moment that asking again would give the same.
      if (next >= until && limit < most * 10) limit *= 2
      else {
        until = Math.min(next, until - 1_000)
        if (ready.length < query.limit) limit = Math.min(most, limit * 2)
      }
    }
  }

  /** Traces evenly over the window, each slice's newest: a part of them stands for all where there are too many. */
  async function sample(query: TraceQuery, asked: Asked, signal: AbortSignal | undefined) {
    const { from, to } = query.window
    const step = (to.getTime() - from.getTime()) / slices
    const found = new Map<string, FoundTrace>()
    let open = Array.from({ length: slices }, (_, i) => ({ from: new Date(from.getTime() + i * step), to: new Date(from.getTime() + (i + 1) * step) }))
    // What quiet slices leave goes to the busy ones.
    for (let round = 0; round < 2 && open.length && found.size < sampled; round++) {
      const limit = Math.ceil((sampled - found.size) / open.length) + (round ? sampled / slices : 0)
      const answers = await Promise.all(open.map(window => ask({ query: { ...query, window }, until: window.to.getTime() * 1000, limit, asked }, signal)))
      for (const { traces } of answers) for (const trace of traces) if (trace.found) found.set(trace.traceId, trace.found)
      open = open.filter((_, i) => answers[i]!.traces.length >= limit || answers[i]!.spans === spanCap || answers[i]!.cut !== undefined)
    }
    return { found: [...found].sort(newestFirst), complete: open.length === 0 }
  }

  return {
    page,

    /** When the newest span of the last hour ended. */
    async newest(signal?: AbortSignal): Promise<Date | undefined> {
      const now = clock.now().getTime()
      const window = { from: new Date(now - HOUR), to: new Date(now + MINUTE) }
      const { traces: [newest] } = await ask({ query: { window, limit: 1 }, until: window.to.getTime() * 1000, limit: 1, asked: { params: {}, whole: true } }, signal)
      return newest?.found && new Date(newest.found.summary.startedAt.getTime() + newest.found.summary.duration / 1000)
    },

    async scatter(query: TraceQuery, asked: Asked, limit: number, signal?: AbortSignal): Promise<TraceScatter> {
      const { found, complete } = await sample(query, asked, signal)
      const counts = { ok: 0, clientError: 0, failed: 0 }
      for (const [, { outcome }] of found) counts[outcome === 'client-error' ? 'clientError' : outcome]++
      const step = Math.max(1, found.length / limit)
      const shown = Array.from({ length: Math.min(limit, found.length) }, (_, i) => found[Math.floor(i * step)]!)
      return {
        points: shown.map(([traceId, { summary, outcome }]) => ({ traceId, startedAt: summary.startedAt, duration: summary.rootDuration ?? summary.duration, outcome })),
        counts, thinned: !complete || step > 1, atLeast: !complete,
      }
    },

    async profile(query: TraceQuery, asked: Asked, signal?: AbortSignal): Promise<TraceProfile> {
      const { found } = await sample(query, asked, signal)
      const counts = new Map<string, Map<string, number>>()
      for (const [, { profile }] of found) {
        for (const { field, value } of profile) {
          const values = counts.get(field) ?? new Map<string, number>()
          counts.set(field, values.set(value, (values.get(value) ?? 0) + 1))
        }
      }
      return {
        traces: found.length,
        values: [...counts].flatMap(([field, values]) => [...values].sort((a, b) => b[1] - a[1]).slice(0, 50).map(([value, traces]) => ({ field, value, traces }))),
      }
    },
  }
}

/** Whatever began behind it was given. */
function barOf({ traces, cut = -Infinity }: ReadTraces, { until, limit }: { until: Micros, limit: number }): Micros {
  return Math.max(cut, traces.length < limit ? -Infinity : traces.reduce((lowest, { latest }) => Math.min(lowest, latest), until))
}

type Entry = [traceId: string, found: FoundTrace]

function newestFirst([idA, a]: Entry, [idB, b]: Entry): number {
  return b.orderedBy - a.orderedBy || (idA < idB ? 1 : -1)
}

function isBefore({ orderedBy }: FoundTrace, traceId: string, place: Place): boolean {
  return orderedBy < place.orderedBy || (orderedBy === place.orderedBy && traceId < place.traceId)
}

/** How far the next question must reach back up, so that traces known but not given out are found again by their last spans. */
function overlapOf(left: readonly FoundTrace[], bar: Micros): Micros {
  return left.reduce((until, { summary, orderedBy }) => Math.max(until, Math.min(orderedBy + summary.duration, bar + longestOverlap)), bar)
}

function endOfMilli(at: Micros): Micros {
  return Math.floor(at / 1000) * 1000 + 999
}

function readCursor({ cursor, window }: TraceQuery, { params }: Asked): Place {
  const parts = /^(\d{1,16})\.([\da-f]{0,32})\.(\d{1,16})\.(\d{1,9})$/.exec(cursor ?? '')
  const to = window.to.getTime() * 1000
  return parts ? { orderedBy: Number(parts[1]), traceId: parts[2]!, until: Number(parts[3]), given: Number(parts[4]) } : { orderedBy: to, traceId: '', until: Object.keys(params).length ? to + arriving : to, given: 0 }
}

function writeCursor({ orderedBy, traceId, until, given }: Place): string {
  return `${orderedBy}.${traceId}.${endOfMilli(until) + 1}.${given}`
}

/** Sampled traces stand for as many as their trace state says; without one nobody knows. */
function populationOf(found: readonly FoundTrace[]): Population {
  const kept = found.map(each => each.kept)
  if (!found.length || kept.some(ratio => ratio === undefined)) return { kind: 'kept' }
  return { kind: 'kept', rate: found.length / kept.reduce<number>((sum, ratio) => sum + 1 / ratio!, 0) }
}

function createWarnings() {
  let bad = 0
  let cut = false
  return {
    note(answer: ReadTraces) {
      bad += answer.bad
      cut ||= answer.traces.some(({ spans }: AnsweredTrace) => spans === spanCap)
    },
    all: (): SourceWarning[] => [
      ...(bad ? [{ source: 'zipkin' as const, code: 'bad_spans', params: { count: bad } }] : []),
      ...(cut ? [{ source: 'zipkin' as const, code: 'span_cap', params: { count: spanCap } }] : []),
    ],
  }
}
