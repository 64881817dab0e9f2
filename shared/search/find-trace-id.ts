export interface FoundTrace {
  traceId: string
  spanId?: string
}

const hex = (digits: number) => `(?<![0-9a-f-])[0-9a-f]{${digits}}(?![0-9a-f-])`

/** The most telling form first: a line may hold other long numbers beside its trace id. */
const forms: RegExp[] = [
  // W3C traceparent, and what is left of one in a log.
  /(?<![0-9a-f])[0-9a-f]{2}-(?<trace>[0-9a-f]{32})-(?<span>[0-9a-f]{16})(?:-[0-9a-f]{2})?(?![0-9a-f])/,
  // B3 in one header: trace, span, sampled, parent.
  /(?<![0-9a-f-])(?<trace>[0-9a-f]{32}|[0-9a-f]{16})-(?<span>[0-9a-f]{16})(?:-[01d])?(?:-[0-9a-f]{16})?(?![0-9a-f-])/,
  // A page of ours, of Jaeger or of Zipkin.
  /\/traces?\/(?<trace>[0-9a-f]{32}|[0-9a-f]{16})(?![0-9a-f])(?:.*?[?&#]span(?:id)?=(?<span>[0-9a-f]{16})(?![0-9a-f]))?/,
  // A named field of a log line, in text or JSON.
  /trace[._-]?id["']?\s*[:=]\s*["']?(?<trace>[0-9a-f]{32}|[0-9a-f]{16})(?![0-9a-f])(?:.*?span[._-]?id["']?\s*[:=]\s*["']?(?<span>[0-9a-f]{16})(?![0-9a-f]))?/,
  // AWS X-Ray: time and random part, which together are the trace id.
  /(?<![0-9a-f])1-(?<time>[0-9a-f]{8})-(?<rest>[0-9a-f]{24})(?![0-9a-f])/,
  // Written like a UUID.
  /(?<![0-9a-f-])(?<uuid>[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})(?![0-9a-f-])/,
  new RegExp(`(?<trace>${hex(32)})`),
  // Sixteen digits alone are a short trace id only when nothing else was written.
  /^\s*["']?(?<trace>[0-9a-f]{16})["']?\s*$/,
]

/** The trace meant by whatever was pasted: an id, a `traceparent`, a B3 header, a log line, a link. */
export function findTraceId(pasted: string): FoundTrace | undefined {
  const text = pasted.slice(0, 10_000).toLowerCase()
  for (const form of forms) {
    const groups = form.exec(text)?.groups
    if (!groups) continue
    const traceId = groups.trace ?? (groups.time ? groups.time + groups.rest : groups.uuid!.replaceAll('-', ''))
    // All zeros means "no trace" to every sender.
    if (/^0+$/.test(traceId)) continue
    return groups.span && !/^0+$/.test(groups.span) ? { traceId, spanId: groups.span } : { traceId }
  }
  return undefined
}
