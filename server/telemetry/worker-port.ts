import { Worker, type MessagePort, type Transferable, type WorkerOptions } from 'node:worker_threads'

/** Changed whenever a message's shape does: a worker of another build is refused instead of misread. */
export const protocol = 1

/** What one side can be asked to do. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- any verb with any arguments; `Ask` gives each its own types
export type Verbs = Record<string, (...args: any[]) => unknown>

export interface Question {
  id: number
  verb: string
  args: unknown[]
}

export type WorkerMessage
  = | { ready: number }
    | { id: number, value: unknown }
    | { id: number, failed: { message: string, code?: string } }
    | { event: string, value: unknown }

export type Ask<V extends Verbs> = <K extends keyof V & string>(verb: K, args: Parameters<V[K]>, transfer?: Transferable[]) => Promise<Unmoved<Awaited<ReturnType<V[K]>>>>
type Unmoved<T> = T extends Moved<infer Value> ? Value : T

export class WorkerGone extends Error {}

export interface WorkerClient<V extends Verbs> {
  ask: Ask<V>
  /** Resolves when the worker has opened its file. */
  ready: Promise<unknown>
  on: (event: string, listener: (value: unknown) => void) => void
  /** Resolves when the worker has ended, whatever the reason. */
  ended: Promise<unknown>
  terminate: () => Promise<void>
}

/** Starts a worker and asks it things. When it dies, what waits is refused. */
export function startWorker<V extends Verbs>(url: string, workerData: object, options: Pick<WorkerOptions, 'resourceLimits'> = {}): WorkerClient<V> {
  const worker = new Worker(new URL(url), { workerData, ...options })
  const waiting = new Map<number, { resolve: (value: never) => void, reject: (error: Error) => void }>()
  const listeners = new Map<string, (value: unknown) => void>()
  const ready = Promise.withResolvers<undefined>()
  const ended = Promise.withResolvers<undefined>()
  // Whoever asks is told; that nobody waits for `ready` any more is no fault.
  ready.promise.catch(() => {})
  let last = 0
  let gone: Error | undefined

  function end(error: Error) {
    gone ??= error
    ready.reject(gone)
    for (const { reject } of waiting.values()) reject(gone)
    waiting.clear()
  }

  worker.on('message', (message: WorkerMessage) => {
    if ('ready' in message) {
      if (message.ready === protocol) ready.resolve(undefined)
      else end(new WorkerGone('worker of another release'))
    }
    else if ('event' in message) listeners.get(message.event)?.(message.value)
    else {
      const asked = waiting.get(message.id)
      waiting.delete(message.id)
      if (!asked) return
      if ('failed' in message) asked.reject(Object.assign(new Error(message.failed.message), { code: message.failed.code }))
      else asked.resolve(message.value as never)
    }
  })
  worker.on('error', error => end(new WorkerGone('worker failed', { cause: error })))
  worker.on('exit', () => {
    end(new WorkerGone('worker ended'))
    ended.resolve(undefined)
  })

  return {
    ready: ready.promise,
    ended: ended.promise,
    on: (event, listener) => void listeners.set(event, listener),
    terminate: async () => void await worker.terminate(),
    ask(verb, args, transfer) {
      if (gone) return Promise.reject(gone)
      return new Promise((resolve, reject) => {
        const id = ++last
        waiting.set(id, { resolve, reject })
        worker.postMessage({ id, verb, args } satisfies Question, transfer)
      })
    },
  }
}

/** Values that move to the other side instead of being copied. */
export class Moved<T> {
  readonly value: T
  readonly transfer: Transferable[]

  constructor(value: T, transfer: Transferable[]) {
    this.value = value
    this.transfer = transfer
  }
}

/** The worker's end: answers each question with what the verb gives. */
export function answer(port: MessagePort, verbs: Verbs): void {
  port.on('message', async ({ id, verb, args }: Question) => {
    try {
      const run = Object.hasOwn(verbs, verb) ? verbs[verb] : undefined
      if (!run) throw new Error(`unknown verb ${verb}`)
      const value = await run(...args)
      if (value instanceof Moved) port.postMessage({ id, value: value.value }, value.transfer)
      else port.postMessage({ id, value })
    }
    catch (error) {
      const { message, code } = error as Error & { code?: string }
      port.postMessage({ id, failed: { message, code } })
    }
  })
  port.postMessage({ ready: protocol })
}
