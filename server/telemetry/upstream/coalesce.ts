interface Shared {
  answer: Promise<unknown>
  waiting: number
  abort: (reason: unknown) => void
}

/**
 * One call for all who ask the same at the same time. Each may give up by its own signal; the call itself is ended
 * when nobody waits for it any more.
 */
export function createCoalescing() {
  const underway = new Map<unknown, Map<string, Shared>>()

  /** `kind` keeps apart what asks alike but reads the answer another way. */
  return async function coalesce<T>(kind: object, key: string, signal: AbortSignal, run: (signal: AbortSignal) => Promise<T>): Promise<T> {
    signal.throwIfAborted()
    const ofKind = underway.get(kind) ?? new Map<string, Shared>()
    underway.set(kind, ofKind)
    const shared = ofKind.get(key) ?? start()
    return join<T>(shared, signal)

    function start(): Shared {
      const controller = new AbortController()
      const end = () => {
        if (ofKind.get(key) === fresh) ofKind.delete(key)
        if (ofKind.size === 0 && underway.get(kind) === ofKind) underway.delete(kind)
      }
      const fresh: Shared = {
        answer: run(controller.signal).finally(end),
        waiting: 0,
        abort(reason) {
          end()
          controller.abort(reason)
        },
      }
      ofKind.set(key, fresh)
      return fresh
    }
  }
}

function join<T>(shared: Shared, signal: AbortSignal): Promise<T> {
  shared.waiting++
  return new Promise<T>((resolve, reject) => {
    const giveUp = () => {
      reject(signal.reason as Error)
      if (--shared.waiting === 0) shared.abort(signal.reason)
    }
    signal.addEventListener('abort', giveUp, { once: true })
    shared.answer.then(value => resolve(value as T), reject).finally(() => signal.removeEventListener('abort', giveUp))
  })
}
