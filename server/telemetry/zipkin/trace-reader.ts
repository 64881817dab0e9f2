import { sourceTrouble } from '../upstream/upstream'
import { startWorker, WorkerGone, type Ask, type WorkerClient } from '../worker-port'
import type { BatchQuestion, ReadBatch } from './batch-reading'
import type { ReadTraces } from './search-reading'
import type { ReadTrace, TraceDeskVerbs } from './trace-desk'
import type { Question } from './trace-list'
import type { ReadingRules } from './trace-facts'
import workerUrl from './trace-worker?worker'

const MIB = 1024 * 1024
/** Bytes that go to the worker at once: enough to be worth a message. */
const atOnce = MIB
/** A trace that needs more is refused, and nothing but its worker ends. */
const limits = { maxOldGenerationSizeMb: 1_536 }

export type TraceReader = ReturnType<typeof createTraceReader>

/**
 * Hands Zipkin's answers to a worker as they arrive, so that a trace of any size keeps nobody else waiting. The worker
 * starts with the first answer, and again should it ever have ended.
 */
export function createTraceReader(rules: () => ReadingRules) {
  let worker: WorkerClient<TraceDeskVerbs> | undefined
  let told: ReadingRules | undefined
  let last = 0

  function desk(): WorkerClient<TraceDeskVerbs> {
    if (!worker) {
      const started = startWorker<TraceDeskVerbs>(workerUrl, {}, { resourceLimits: limits })
      worker = started
      told = undefined
      void started.ended.then(() => {
        if (worker === started) worker = undefined
      })
    }
    const current = rules()
    if (told !== current) {
      told = current
      worker.ask('setRules', [current]).catch(() => {})
    }
    return worker
  }

  /** Two messages are under way at most: who reads faster than the worker waits for it. */
  async function read(begin: (ask: Ask<TraceDeskVerbs>, id: number) => Promise<unknown>, body: AsyncIterable<Buffer>): Promise<unknown> {
    const { ask } = desk()
    const id = ++last
    try {
      const begun = begin(ask, id)
      begun.catch(() => {})
      let before: Promise<unknown> = begun
      for await (const bytes of gather(body)) {
        const pushed = ask('push', [id, bytes], [bytes])
        pushed.catch(() => {})
        await before
        before = pushed
      }
      await before
      return await ask('end', [id])
    }
    catch (error) {
      ask('abandon', [id]).catch(() => {})
      throw toTrouble(error)
    }
  }

  return {
    trace: (traceId: string, body: AsyncIterable<Buffer>) => read((ask, id) => ask('beginTrace', [id, traceId]), body) as Promise<ReadTrace | undefined>,
    traces: (question: Question, body: AsyncIterable<Buffer>) => read((ask, id) => ask('beginTraces', [id, question]), body) as Promise<ReadTraces>,
    /** Into a batch that is being chosen from, until it is taken or dropped. */
    batch: (batch: number, question: BatchQuestion, body: AsyncIterable<Buffer>) => read((ask, id) => ask('beginBatch', [id, batch, question]), body) as Promise<ReadBatch>,
    takeBatch: (batch: number, chosen: readonly { traceId: string, weight: number }[]) => desk().ask('takeBatch', [batch, chosen]),
    dropBatch: (batch: number) => desk().ask('dropBatch', [batch]),
    spansByKey: (traceId: string, keys: readonly string[]) => desk().ask('spansByKey', [traceId, keys]),
    spans: (traceId: string, from: number, count: number) => desk().ask('spans', [traceId, from, count]),
    async close(): Promise<void> {
      await worker?.terminate()
    },
  }
}

/** Pieces with memory of their own, which moves from thread to thread. */
async function* gather(body: AsyncIterable<Buffer>): AsyncGenerator<ArrayBuffer> {
  let chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of body) {
    chunks.push(chunk)
    bytes += chunk.length
    if (bytes < atOnce) continue
    yield joined(chunks, bytes)
    chunks = []
    bytes = 0
  }
  if (bytes > 0) yield joined(chunks, bytes)
}

function joined(chunks: readonly Buffer[], bytes: number): ArrayBuffer {
  const whole = new Uint8Array(bytes)
  let at = 0
  for (const chunk of chunks) {
    whole.set(chunk, at)
    at += chunk.length
  }
  return whole.buffer
}

function toTrouble(error: unknown): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (code === 'BAD_ANSWER') return sourceTrouble('zipkin', 'bad_answer', {}, error)
  // Out of memory: whatever it was, it was too much.
  if (error instanceof WorkerGone) return sourceTrouble('zipkin', 'too_large', {}, error)
  return error
}
