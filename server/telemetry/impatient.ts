import { impatiently } from '#server/patience'
import type { LogSource, MetricSource, TraceSource } from './ports'
import { sourceTrouble, type BackendName } from './upstream/upstream'

/** What is the page itself, or never throws: who wants it waits for it. */
const awaited = new Set(['check', 'skeleton', 'span', 'spansByKey', 'spans'])

/** The same source for whoever writes a page: an answer that takes too long is missing, and comes when the page asks again. */
export function createImpatient<S extends TraceSource | MetricSource | LogSource>(source: S): S {
  return Object.fromEntries(Object.entries(source).map(([name, verb]) => {
    if (typeof verb !== 'function' || awaited.has(name)) return [name, verb]
    return [name, (...args: unknown[]) => impatiently(() => (verb as (...args: unknown[]) => Promise<unknown>)(...args), () => sourceTrouble(source.name as BackendName, 'slow'))]
  })) as unknown as S
}
