import { AsyncLocalStorage } from 'node:async_hooks'
import type { Clock } from './clock'
import type { Millis } from '#shared/units'

const patience = new AsyncLocalStorage<{ until: Millis, clock: Clock }>()

/** Whatever `run` asks may make it wait until then (monotonic) and no longer: somebody sits before an empty screen. */
export function withPatience<T>({ until, clock }: { until: Millis, clock: Clock }, run: () => T): T {
  return patience.run({ until, clock }, run)
}

/** Whether who waits here has waited as long as he would: what was answered may lack what took longer. */
export function isImpatient(): boolean {
  const current = patience.getStore()
  return current !== undefined && current.clock.monotonic() >= current.until
}

/** Nobody waits for what `run` asks, whoever set it off. */
export function patiently<T>(run: () => T): T {
  return patience.exit(run)
}

/**
 * The answer, or what `tooSlow` throws once patience has ended. The question goes on: others may wait for it longer,
 * and whoever asks next finds it answered. `more`: for what is worth waiting longer.
 */
export async function impatiently<T>(ask: () => Promise<T>, tooSlow: () => Error, { more = 0 }: { more?: Millis } = {}): Promise<T> {
  const current = patience.getStore()
  if (!current) return ask()
  const answer = ask()
  answer.catch(() => {})
  const left = current.until + more - current.clock.monotonic()
  return new Promise<T>((resolve, reject) => {
    const cancel = current.clock.at(new Date(current.clock.now().getTime() + Math.max(0, left)), () => reject(tooSlow()))
    answer.then(resolve, reject).finally(cancel)
  })
}
