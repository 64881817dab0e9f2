import type { KeptTrace } from '#server/incidents/incidents'
import type { LogLine, LogSource, SourceWarning } from '#server/telemetry/ports'
import type { TraceAnswer, TraceLogLine } from '#shared/schemas/trace'
import type { Skeleton } from '#shared/trace/skeleton'

/** More lines than these are read on the logs page. */
const MOST_LINES = 2_000
const MOST_ERRORS = 200

export interface TraceLines {
  lines: TraceLogLine[]
  errors: TraceLogLine[]
  summary: NonNullable<TraceAnswer['logs']>
  warnings: SourceWarning[]
}

/** The lines of a trace in time order, and what the waterfall needs of them: counts by span, errors in place. */
export function createTraceLogs(logs: LogSource) {
  return async function logsOf(traceId: string, trace: Skeleton): Promise<TraceLines> {
    const answer = await logs.ofTrace(traceId, MOST_LINES)
    return { ...sumUp(answer.lines.map(line => describeLine(line, trace.base)), answer.more), warnings: answer.warnings }
  }
}

/** Of a trace that an incident keeps: fewer than there were, perhaps, and to the millisecond. */
export function keptLines({ lines }: KeptTrace, trace: Skeleton): TraceLines {
  const described = lines.map(({ traceId: _, ...line }, i): TraceLogLine => ({ id: String(i), ...line, offset: Date.parse(line.at) * 1_000 - trace.base }))
  return { ...sumUp(described.sort((a, b) => a.offset - b.offset), false), warnings: [] }
}

function sumUp(lines: TraceLogLine[], more: boolean): Omit<TraceLines, 'warnings'> {
  const errors = lines.filter(line => line.level === 'error' || line.level === 'fatal').slice(0, MOST_ERRORS)
  const bySpan: Record<string, number> = {}
  for (const { spanId } of lines) if (spanId) bySpan[spanId] = (bySpan[spanId] ?? 0) + 1
  return { lines, errors, summary: { count: lines.length, more, bySpan, errors } }
}

function describeLine(line: LogLine, base: number): TraceLogLine {
  return {
    id: line.id, at: line.at.toISOString(), level: line.level, service: line.service, body: line.body,
    ...(line.spanId && { spanId: line.spanId }), offset: Number(BigInt(line.nanos) / BigInt(1_000)) - base,
  }
}
