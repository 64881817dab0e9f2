import { TraceCollector, type DiagnosisInput, type LogEntry, type RedSeries } from '../../../server/diagnosis/diagnosis.ts'
import type { Attributes, Span } from '../../../shared/trace/span.ts'

interface KeyValue { key: string, value: { stringValue?: string, intValue?: string, boolValue?: boolean, doubleValue?: number } }
interface OtlpSpan {
  traceId: string
  spanId: string
  parentSpanId?: string
  name: string
  kind: number
  startTimeUnixNano: string
  endTimeUnixNano: string
  attributes?: KeyValue[]
  status?: { code?: number }
  traceState?: string
  events?: { name: string, timeUnixNano: string, attributes?: KeyValue[] }[]
}
interface Resource { attributes?: KeyValue[] }
interface Line {
  resourceSpans?: { resource: Resource, scopeSpans: { spans: OtlpSpan[] }[] }[]
  resourceLogs?: { resource: Resource, scopeLogs: { logRecords: { timeUnixNano: string, severityText: string, body: { stringValue?: string }, traceId: string, spanId: string }[] }[] }[]
}

const kinds = ['internal', 'internal', 'server', 'client', 'producer', 'consumer'] as const
const micros = (nanos: string) => Number(nanos.slice(0, -3))

export interface Recording {
  traces: Map<string, { spans: Span[], weight: number }>
  logs: LogEntry[]
}

/** What diagnosis knows of a platform is what these lines say: nothing is handed over beside them. */
export function readOtlp(lines: readonly string[]): Recording {
  const recording: Recording = { traces: new Map(), logs: [] }
  for (const text of lines) {
    const line = JSON.parse(text) as Line
    for (const { resource, scopeSpans } of line.resourceSpans ?? []) {
      const attributes = attributesOf(resource.attributes)
      for (const { spans } of scopeSpans) for (const span of spans) add(recording, toSpan(span, attributes), span.traceState)
    }
    for (const { resource, scopeLogs } of line.resourceLogs ?? []) {
      const service = String(attributesOf(resource.attributes)['service.name'])
      for (const { logRecords } of scopeLogs) {
        for (const { timeUnixNano, severityText, body, traceId, spanId } of logRecords) recording.logs.push({ at: micros(timeUnixNano), service, level: severityText.toLowerCase(), body: body.stringValue ?? '', traceId, spanId })
      }
    }
  }
  return recording
}

function add({ traces }: Recording, span: Span, traceState: string | undefined): void {
  let trace = traces.get(span.traceId)
  if (!trace) {
    const threshold = /ot=th:([\da-f]+)/.exec(traceState ?? '')?.[1]
    const kept = threshold ? 1 - Number.parseInt(threshold.padEnd(14, '0'), 16) / 2 ** 56 : 1
    traces.set(span.traceId, trace = { spans: [], weight: 1 / kept })
  }
  trace.spans.push(span)
}

function toSpan(span: OtlpSpan, resource: Attributes): Span {
  return {
    traceId: span.traceId, spanId: span.spanId, key: span.spanId, ...(span.parentSpanId && { parentId: span.parentSpanId }),
    name: span.name, kind: kinds[span.kind]!, service: String(resource['service.name']).toLowerCase(), start: micros(span.startTimeUnixNano), duration: micros(span.endTimeUnixNano) - micros(span.startTimeUnixNano),
    status: span.status?.code === 2 ? 'error' : 'unset', attributes: attributesOf(span.attributes), resource,
    events: (span.events ?? []).map(event => ({ at: micros(event.timeUnixNano), name: event.name, attributes: attributesOf(event.attributes) })), links: [],
  }
}

function attributesOf(list: KeyValue[] = []): Attributes {
  return Object.fromEntries(list.map(({ key, value }) => [key, value.stringValue ?? (value.intValue === undefined ? value.boolValue ?? value.doubleValue ?? null : Number(value.intValue))]))
}

const STEP = 10e6

/** RED of requests in steps of 10 s, by the end of each span, as the rollups count it. */
export function toSeries({ traces }: Recording, until: number): RedSeries[] {
  const series = new Map<string, RedSeries & { byStep: Map<number, RedSeries['steps'][number]> }>()
  for (const { spans, weight } of traces.values()) {
    for (const span of spans) {
      const end = span.start + span.duration
      if ((span.kind !== 'server' && span.kind !== 'consumer') || end > until) continue
      const name = `${span.service}\0${span.name}`
      let entry = series.get(name)
      if (!entry) series.set(name, entry = { service: span.service, operation: span.name, kind: span.kind, remote: '', steps: [], byStep: new Map() })
      const at = Math.floor(end / STEP) * STEP
      let step = entry.byStep.get(at)
      if (!step) {
        entry.byStep.set(at, step = { at, requests: 0, failed: 0, duration: 0 })
        entry.steps.push(step)
      }
      step.requests += weight
      step.duration += weight * span.duration
      if (span.status === 'error') step.failed += weight
    }
  }
  return [...series.values()].map(({ byStep, ...entry }) => ({ ...entry, steps: entry.steps.sort((a, b) => a.at - b.at) }))
}

/** What is known at a moment: spans that have ended, at most 3,000 traces of each side would be read. */
export function inputAt(recording: Recording, { at, symptoms, series }: { at: number, symptoms: DiagnosisInput['symptoms'], series: RedSeries[] }): DiagnosisInput {
  const collector = new TraceCollector()
  for (const [traceId, { spans, weight }] of recording.traces) {
    const known = spans.filter(span => span.start + span.duration <= at)
    if (known.length) collector.add(traceId, known, weight)
  }
  return { at, symptoms, series: series.map(entry => ({ ...entry, steps: entry.steps.filter(step => step.at + STEP <= at) })), traces: collector.done(), logs: recording.logs.filter(log => log.at <= at), changes: [], excluded: [] }
}
