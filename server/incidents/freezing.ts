import type { LogLine, LogSource, MetricSource, TraceSource } from '#server/telemetry/ports'
import type { SentDiagnosis } from '#shared/schemas/diagnosis'
import type { Span } from '#shared/trace/span'
import { dropTraces, keepEvidence, packEvidence } from './evidence-store'
import { describeSpans, type Described } from './frozen-trace'
import { findRow } from './incident-rows'
import { readPicture } from './picture'
import type { Room } from './room'

export interface EvidenceSources {
  traces: Pick<TraceSource, 'spans'>
  logs: Pick<LogSource, 'ofTrace'>
  metrics: MetricSource
  consumerAttributes: readonly string[]
}

/** What stands in the summary of a kept trace. */
export interface KeptExemplar extends Described {
  spans: number
  /** Fewer than there were. */
  cut: boolean
}
export interface KeptLine extends Pick<LogLine, 'level' | 'service' | 'body' | 'traceId' | 'spanId'> { at: string }

/** Of the limit of an incident: traces share what figures leave. */
const traceLimit = 200 * 1024
const mostSpans = 3_000
const fewSpans = 400
const linesPerTrace = 60
const longestLine = 2_000

/** Keeps what an answer points at, so that the incident can be read when telemetry is gone. */
export function createFreezing({ sources, ...room }: Room & { sources: EvidenceSources | undefined }) {
  const { db, clock } = room

  return async function freeze(id: string): Promise<void> {
    const { diagnosis } = findRow(db, id)
    if (!diagnosis || !sources) return
    const [picture, traces] = await Promise.all([
      readPicture(sources.metrics, diagnosis, clock.now()).catch(() => undefined),
      Promise.all(diagnosis.exemplars.map(exemplar => readTrace(sources, exemplar).catch(() => undefined))),
    ])
    const at = clock.now()
    db.transaction((tx) => {
      if (picture) keepEvidence(tx, id, { kind: 'picture', value: picture, at })
      dropTraces(tx, id, diagnosis.exemplars.map(({ traceId }) => traceId))
      for (const trace of traces) if (trace) keepEvidence(tx, id, { kind: 'trace', key: trace.traceId, bytes: trace.bytes, summary: { ...trace.summary }, at })
      const lines = traces.flatMap(trace => trace?.lines ?? [])
      if (lines.length) keepEvidence(tx, id, { kind: 'logs', value: { lines }, summary: { lines: lines.length }, at })
    }, { behavior: 'immediate' })
  }
}

async function readTrace({ traces, logs, consumerAttributes }: EvidenceSources, { traceId, at }: SentDiagnosis['exemplars'][number]) {
  const [spans, said] = await Promise.all([
    collect(traces.spans(traceId)),
    logs.ofTrace(traceId, linesPerTrace).catch(() => undefined),
  ])
  const described = spans.length ? describeSpans(spans, consumerAttributes) : undefined
  if (!described) return undefined
  const { kept, bytes } = await fitting(spans, at)
  const summary: KeptExemplar = { ...described, spans: kept.length, cut: kept.length < spans.length }
  const lines = (said?.lines ?? []).map(({ at, level, service, body, traceId, spanId }): KeptLine => ({
    at: at.toISOString(), level, service, body: body.slice(0, longestLine), ...(traceId && { traceId }), ...(spanId && { spanId }),
  }))
  return { traceId, bytes, summary, lines }
}

async function collect(spans: AsyncIterable<Span>): Promise<Span[]> {
  const list: Span[] = []
  for await (const span of spans) if (list.push(span) >= mostSpans) break
  return list
}

/** All of a trace where it fits; else the guilty spans, those above them, and the longest, as many as fit. */
async function fitting(spans: Span[], guilty: number): Promise<{ kept: Span[], bytes: Buffer }> {
  const whole = await packEvidence({ spans })
  if (whole.byteLength <= traceLimit) return { kept: spans, bytes: whole }
  const byId = new Map(spans.map(span => [span.spanId, span]))
  const above = new Set<Span>()
  for (let span = spans.find(({ start }) => start === guilty); span && !above.has(span); span = span.parentId === undefined ? undefined : byId.get(span.parentId)) above.add(span)
  const ranked = [...new Set([...above, ...spans.toSorted((a, b) => b.duration - a.duration)])]
  for (let most = fewSpans; ; most = Math.floor(most / 2)) {
    const chosen = new Set(ranked.slice(0, Math.max(most, above.size)))
    const kept = spans.filter(span => chosen.has(span))
    const bytes = await packEvidence({ spans: kept })
    if (bytes.byteLength <= traceLimit || most <= above.size) return { kept, bytes }
  }
}
