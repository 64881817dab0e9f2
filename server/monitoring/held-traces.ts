import type { Clock } from '#server/clock'
import type { KeptTrace } from '#server/incidents/incidents'
import { impatiently, patiently } from '#server/patience'
import type { LogSource, TraceSource } from '#server/telemetry/ports'
import { AppError } from '#shared/errors'
import { SECOND } from '#shared/units'
import { orNothing } from './forgiving-metrics'
import { createTraceCache, holdKept, type HeldTrace } from './trace-cache'
import { createTraceLogs, keptLines } from './trace-logs'

/** The trace is the page: it is waited for longer than what stands beside it, ms. */
const forTrace = 2 * SECOND

/** Traces with their spans and lines: from their sources, else from the copy of an incident, where those hold them no more or do not answer. */
export function createHeldTraces({ traces, logs, kept, clock }: {
  traces: TraceSource
  logs: LogSource
  kept: (traceId: string) => KeptTrace | undefined
  clock: Clock
}) {
  const { find, forget } = createTraceCache({ traces, clock })
  const logsOf = createTraceLogs(logs)

  /** Throws `trace.not_found`, and `source.unavailable` where there is no copy either. */
  async function need(traceId: string): Promise<HeldTrace> {
    // What is read goes on for all who want the trace, whoever of them gave up.
    const asked = impatiently(() => patiently(() => find(traceId)), () => new AppError('source.unavailable', { source: traces.name, reason: 'slow' }), { more: forTrace })
    const held = await asked.catch((error: unknown) => {
      const copy = isAway(error) && findKept(traceId)
      if (!copy) throw error
      return copy
    }) ?? findKept(traceId)
    if (!held) throw new AppError('trace.not_found', { traceId })
    return held
  }

  function findKept(traceId: string): HeldTrace | undefined {
    const copy = kept(traceId)
    return copy && holdKept(copy)
  }

  return {
    need,
    /** These grew. */
    forget,
    /** Where its spans are read, whole. */
    sourceOf: ({ kept: copy, once }: HeldTrace) => copy ? once('source', () => keptSource(copy)) : traces,
    /** Lines of a kept trace are its incident's, where their source holds none any more. */
    async linesOf(traceId: string, { kept: copy, trace }: HeldTrace) {
      if (!copy) return logsOf(traceId, trace)
      const answer = await orNothing(logsOf(traceId, trace), undefined)
      return answer?.lines.length ? answer : keptLines(copy, trace)
    },
  }
}

function isAway(error: unknown): boolean {
  return error instanceof AppError && error.code === 'source.unavailable'
}

function keptSource({ spans }: KeptTrace): Pick<TraceSource, 'span' | 'spans' | 'spansByKey'> {
  const byKey = new Map(spans.map(span => [span.key, span]))
  return {
    span: async (_, key) => byKey.get(key),
    spansByKey: async (_, keys) => keys.flatMap(key => byKey.get(key) ?? []),
    async* spans() { yield* spans },
  }
}
