import type { Skeleton } from './skeleton'

/**
 * Spans that hold every word of the query in their service, operation, status, system, callee, error or id. Distinct
 * values are compared once, spans only by number, so that a trace of 100,000 is searched between two keystrokes.
 */
export function searchSpans(skeleton: Skeleton, query: string): Uint32Array {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean)
  if (!words.length) return new Uint32Array()
  const hits: number[] = []
  const tests = words.map(word => matcher(skeleton, word))
  for (let span = 0; span < skeleton.count; span++) if (tests.every(test => test(span))) hits.push(span)
  return Uint32Array.from(hits)
}

function matcher(skeleton: Skeleton, word: string): (span: number) => boolean {
  const has = (text: string | undefined) => text !== undefined && text.toLowerCase().includes(word)
  const services = skeleton.services.map(has)
  const names = skeleton.names.map(has)
  const known = new Map<unknown, boolean>()
  const once = <T>(value: T, test: (value: T) => boolean) => {
    let answer = known.get(value)
    if (answer === undefined) known.set(value, answer = test(value))
    return answer
  }
  const byId = /^[0-9a-f]{4,16}$/.test(word)
  return span => services[skeleton.service[span]!]! || names[skeleton.name[span]!]!
    || once(skeleton.pillOf(span), pill => has(pill.system) || has(pill.remote))
    || once(skeleton.httpStatusOf(span), status => status !== undefined && String(status) === word)
    || once(skeleton.errorTypeOf(span), has)
    || (byId && skeleton.keyOf(span).startsWith(word))
}
