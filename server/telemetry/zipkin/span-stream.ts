import type { Span } from '#shared/trace/span'
import { path, type Upstream } from '../upstream/upstream'
import { createSpanSplitter } from './span-splitter'
import { wholeSpanOf, type IsMasked } from './span-meaning'
import { chooseByKey } from './trace-desk'
import { readZipkinSpan, type ZipkinSpan } from './zipkin-span'

/** Bytes of JSON, inflated. */
export const largestTrace = 512 * 1024 * 1024

/** All spans of a trace as they arrive, for who cannot or need not hold it; ends early when the reader does. */
export async function* streamSpans(upstream: Upstream, traceId: string, isMasked: IsMasked, signal?: AbortSignal): AsyncGenerator<Span> {
  for await (const span of readSpans(upstream, traceId, signal)) yield wholeSpanOf(span, span.id, 0, isMasked)
}

/** Those of these keys, in the order of the keys. */
export async function findSpans(upstream: Upstream, traceId: string, keys: readonly string[], isMasked: IsMasked, signal?: AbortSignal): Promise<Span[]> {
  const ids = new Set(keys.map(key => key.slice(0, 16)))
  const sharing = new Map<string, ZipkinSpan[]>()
  let earliest = Infinity
  for await (const span of readSpans(upstream, traceId, signal)) {
    earliest = Math.min(earliest, span.timestamp ?? Infinity)
    if (ids.has(span.id)) sharing.set(span.id, [...sharing.get(span.id) ?? [], span])
  }
  return keys.flatMap((key) => {
    const span = chooseByKey(sharing.get(key.slice(0, 16)) ?? [], key, earliest)
    return span ? [wholeSpanOf(span, key, earliest, isMasked)] : []
  })
}

async function* readSpans(upstream: Upstream, traceId: string, signal: AbortSignal | undefined): AsyncGenerator<ZipkinSpan> {
  const opened = Promise.withResolvers<AsyncIterable<Buffer>>()
  const finished = Promise.withResolvers<undefined>()
  const call = upstream.stream(path`/api/v2/trace/${traceId}`, (body) => {
    opened.resolve(body)
    return finished.promise
  }, { maxBytes: largestTrace, signal })
  call.then(() => opened.resolve(nothing()), opened.reject)
  let ready: ZipkinSpan[] = []
  const splitter = createSpanSplitter(1, {
    span(json) {
      const span = readZipkinSpan(json)
      if (span) ready.push(span)
    },
    tooLarge: () => {},
  })
  try {
    for await (const chunk of await opened.promise) {
      splitter.push(chunk)
      yield* ready
      ready = []
    }
    finished.resolve(undefined)
    await call
  }
  catch (error) {
    finished.reject(error)
    await call
  }
  finally {
    finished.resolve(undefined)
    await call.catch(() => {})
  }
}

async function* nothing(): AsyncGenerator<Buffer> {}
