import { AsyncLocalStorage } from 'node:async_hooks'
import { patiently } from './patience'

const rounds = new AsyncLocalStorage<true>()

/**
 * What `run` asks is a round of our own, which nobody sits and waits for: it goes its own way to every backend, so that
 * people cannot keep it out, nor it them.
 */
export function inRounds<T>(run: () => T): T {
  return rounds.run(true, () => patiently(run))
}

export function isInRounds(): boolean {
  return rounds.getStore() ?? false
}
