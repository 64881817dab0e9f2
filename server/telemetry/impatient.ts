import { impatiently } from '#server/patience'
import type { LogSource, MetricSource, TraceSource } from './ports'
import { sourceTrouble, type BackendName } from './upstream/upstream'

/** What is the page itself, or never throws: who wants it waits for it. */
const awaited = new Set(['check', 'skeleton', 'span', 'spansByKey', 'spans'])

/** The same source for whoever writes a page: an answer that takes too long is missing, and comes when the page asks again. */
export function createImpatient<S extends TraceSource | MetricSource | LogSource>(source: S): S {
  const tooSlow = () => sourceTrouble(source.name as BackendName, 'slow')

  function hurried(value: unknown, name: string): unknown {
    if (name === 'promql' && value) return hurry(value)
    if (typeof value !== 'function' || awaited.has(name)) return value
    return (...args: unknown[]) => impatiently(() => (value as (...args: unknown[]) => Promise<unknown>)(...args), tooSlow)
  }

  // What is read anew each time, such as what a source was found to be capable of, stays so.
  function hurry<T extends object>(verbs: T): T {
    const properties = Object.entries(Object.getOwnPropertyDescriptors(verbs)).map(([name, property]) => [name, 'value' in property ? { ...property, value: hurried(property.value, name) } : property])
    return Object.defineProperties({}, Object.fromEntries(properties) as PropertyDescriptorMap) as T
  }
  return hurry(source)
}
