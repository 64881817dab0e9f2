import { describe, inject } from 'vitest'
import type { BackendName } from '../launch/backends.ts'
import { start, stop, type StartOptions } from '../launch/running.ts'

/** Where a backend answers. Only inside `describeWith` of it. */
export function urlOf(name: BackendName): string {
  const url = inject('backends')[name]
  if (!url) throw new Error(`${name} is not among the backends of this run`)
  return url
}

/** Tests that need these backends; left out of a run that names others by address. */
export function describeWith(names: BackendName[], title: string, body: () => void): void {
  describe.skipIf(names.some(name => !inject('backends')[name]))(title, body)
}

/** Tests that stop and start backends, which only those on this machine allow. */
export function describeWithOurs(title: string, body: () => void): void {
  describe.skipIf(!inject('ours'))(title, body)
}

/** Takes a backend away and brings it back with its data. */
export const outage = {
  begin: (name: BackendName) => stop(name),
  end: (name: BackendName, options: Omit<StartOptions, 'keepData'> = {}) => start(name, { keepData: true, ...options }),
}

/** Without what other tests sent it: a fault of theirs would be part of what is usual. */
export async function empty(name: BackendName): Promise<void> {
  await stop(name)
  await start(name)
}
