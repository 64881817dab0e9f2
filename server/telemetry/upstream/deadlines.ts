import type { Millis } from '#shared/units'

/** The caller's own signal, and the time there is at most. */
export function signalOf({ signal, deadline }: { signal?: AbortSignal, deadline?: Millis }, usual: Millis): AbortSignal {
  const timeout = AbortSignal.timeout(deadline ?? usual)
  return signal ? AbortSignal.any([signal, timeout]) : timeout
}

/** A long answer may take its time, but not before it begins. */
export function headWithin(deadline: Millis, whole: AbortSignal): { signal: AbortSignal, arrived: () => void } {
  const controller = new AbortController()
  let waiting = true
  const timeout = AbortSignal.timeout(deadline)
  timeout.addEventListener('abort', () => waiting && controller.abort(timeout.reason))
  return { signal: AbortSignal.any([whole, controller.signal]), arrived: () => void (waiting = false) }
}

export function isTimeout(reason: unknown): boolean {
  return reason instanceof DOMException && reason.name === 'TimeoutError'
}

/** Rejects with the signal's reason where that comes first. */
export function pause(ms: Millis, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const over = AbortSignal.any([signal, AbortSignal.timeout(ms)])
    over.addEventListener('abort', () => (signal.aborted ? reject(signal.reason as Error) : resolve()), { once: true })
  })
}
