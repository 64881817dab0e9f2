import type { Instance } from './instances.ts'
import type { Attributes, SimLog, SimSpan } from './spans.ts'

/** When the simulated time begins, ns. */
export const epoch = 1_767_225_600_000_000

const nanos = (micros: number, skew: number) => `${Math.round(epoch + micros + skew)}000`

/** OTLP/JSON lines as the Collector's file exporter writes them: one export request a line, by second of arrival. */
export function toOtlpLines(spans: readonly SimSpan[], logs: readonly SimLog[], { until, ratio }: { until: number, ratio: number }): string[] {
  const lines: { at: number, text: string }[] = []
  for (const [at, batch] of bySecond(spans.filter(span => span.end >= 0 && span.end <= until && isKept(span.traceId, ratio)), span => span.end)) {
    lines.push({ at, text: JSON.stringify({ resourceSpans: byInstance(batch).map(([instance, own]) => ({ resource: resourceOf(instance), scopeSpans: [{ scope: { name: 'simulator' }, spans: own.map(span => spanOf(span, ratio)) }] })) }) })
  }
  for (const [at, batch] of bySecond(logs.filter(log => log.at <= until && isKept(log.traceId, ratio)), log => log.at)) {
    lines.push({ at, text: JSON.stringify({ resourceLogs: byInstance(batch).map(([instance, own]) => ({ resource: resourceOf(instance), scopeLogs: [{ scope: { name: 'simulator' }, logRecords: own.map(recordOf) }] })) }) })
  }
  return lines.sort((a, b) => a.at - b.at).map(({ text }) => text)
}

/** The lines of what ended from then on, µs since the epoch: what a sender says that is new. */
export function linesSince(lines: readonly string[], from: number): string[] {
  return lines.filter(line => Number(/"(?:endTime|time)UnixNano":"(\d+)\d{3}"/.exec(line)?.[1] ?? 0) >= from)
}

/** Head sampling by the trace's id, as the consistent samplers do it. */
function isKept(traceId: string, ratio: number): boolean {
  return ratio >= 1 || Number.parseInt(traceId.slice(-8), 16) / 2 ** 32 >= 1 - ratio
}

function spanOf({ traceId, spanId, parentId, name, kind, start, end, error, attributes, exception, instance }: SimSpan, ratio: number) {
  const threshold = Math.round((1 - ratio) * 2 ** 56).toString(16).padStart(14, '0').replace(/0+$/, '')
  return {
    traceId, spanId, ...(parentId && { parentSpanId: parentId }), name, kind,
    startTimeUnixNano: nanos(start, instance.skew), endTimeUnixNano: nanos(end, instance.skew),
    attributes: attributesOf(attributes), status: error ? { code: 2 } : {}, ...(ratio < 1 && { traceState: `ot=th:${threshold}` }),
    ...(exception && { events: [{ name: 'exception', timeUnixNano: nanos(end, instance.skew), attributes: attributesOf({ 'exception.type': exception.type, 'exception.message': exception.message }) }] }),
  }
}

function recordOf({ at, severity, body, traceId, spanId, instance }: SimLog) {
  return { timeUnixNano: nanos(at, instance.skew), severityText: severity, severityNumber: severity === 'ERROR' ? 17 : 9, body: { stringValue: body }, traceId, spanId }
}

function resourceOf({ service, id, host, zone, version }: Instance) {
  return { attributes: attributesOf({ 'service.name': service.name, 'service.version': version, 'service.instance.id': id, 'host.name': host, 'cloud.availability_zone': zone }) }
}

function attributesOf(attributes: Attributes) {
  return Object.entries(attributes).map(([key, value]) => ({ key, value: typeof value === 'number' ? { intValue: String(value) } : typeof value === 'boolean' ? { boolValue: value } : { stringValue: value } }))
}

function bySecond<T>(items: readonly T[], timeOf: (item: T) => number): Map<number, T[]> {
  const groups = new Map<number, T[]>()
  for (const item of items) {
    const second = Math.floor(timeOf(item) / 1e6)
    const group = groups.get(second)
    if (group) group.push(item)
    else groups.set(second, [item])
  }
  return groups
}

function byInstance<T extends { instance: Instance }>(items: readonly T[]): [Instance, T[]][] {
  const groups = new Map<Instance, T[]>()
  for (const item of items) {
    const group = groups.get(item.instance)
    if (group) group.push(item)
    else groups.set(item.instance, [item])
  }
  return [...groups]
}
