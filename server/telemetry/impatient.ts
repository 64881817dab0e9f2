import { impatiently } from '#server/patience'
import type { LogSource, MetricSource, TraceSource } from './ports'
import { sourceTrouble, type BackendName } from './upstream/upstream'

/** What is the page itself, or never throws: who wants it waits for it. */
const awaited = new Set(['check', 'skeleton', 'span', 'spansByKey', 'spans'])

/** The same source for whoever writes a page: an answer that takes too long is missing, and comes when the page asks again. */
export function createImpatient<S extends TraceSource | MetricSource | LogSource>(source: S): S {
  // What is read anew each time, such as what a source was found to be capable of, stays so.
  const properties = Object.entries(Object.getOwnPropertyDescriptors(source)).map(([name, property]) => {
    const verb: unknown = property.value
    if (typeof verb !== 'function' || awaited.has(name)) return [name, property]
    return [name, { ...property, value: (...args: unknown[]) => impatiently(() => (verb as (...args: unknown[]) => Promise<unknown>)(...args), () => sourceTrouble(source.name as BackendName, 'slow')) }]
  })
  return Object.defineProperties({}, Object.fromEntries(properties) as PropertyDescriptorMap) as S
}
