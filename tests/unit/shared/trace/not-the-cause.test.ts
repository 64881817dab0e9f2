import { describe, expect, it } from 'vitest'
import { otherCause } from '#shared/trace/not-the-cause'
import { decodeSkeleton, encodeSkeleton } from '#shared/trace/skeleton'
import type { SkeletonSpan } from '#shared/trace/skeleton-span'
import { idOf, span } from '../../../support/spans'

const query = (id: string, from: number, to: number, more: Partial<Parameters<typeof span>[0]> = {}) => span({ id, in: 'gate', from, to, kind: 'client', service: 'gate', name: 'SELECT', ...more })
const base = [
  span({ id: 'gate', from: 0, to: 1_000, kind: 'server', service: 'gate', status: 'error' }),
  span({ id: 'call', in: 'gate', from: 100, to: 990, kind: 'client', service: 'gate', status: 'error', errorType: 'Timeout', remote: 'bank' }),
]
const asked = (spans: SkeletonSpan[], about: string, ...ids: string[]) => {
  const trace = decodeSkeleton(encodeSkeleton(spans))
  const at = (id: string) => trace.spanOf(idOf(id))
  return otherCause(trace, about ? at(about) : -1, ids.map(at))
}

describe('not the cause', () => {
  it('is a short stretch beside the call that took nearly all', () => {
    const quick = ['a', 'b', 'c'].map((id, i) => query(id, 10 + i * 20, 20 + i * 20))
    expect(asked([...base, ...quick], 'call', 'a', 'b', 'c')).toMatchObject({ from: 100_000, lasts: 890_000 })
  })

  it.each<[string, SkeletonSpan[], string, string[]]>([
    ['took a tenth of the request', [...base, query('a', 0, 100)], 'call', ['a']],
    ['took it by what is below it', [...base, query('a', 0, 100, { kind: 'internal' }), span({ id: 'b', in: 'a', from: 0, to: 100, service: 'gate' })], 'call', ['a']],
    ['failed as well', [...base, query('a', 10, 20, { status: 'error' })], 'call', ['a']],
    ['is the cause', base, 'call', ['call']],
    ['holds the cause', base, 'call', ['gate']],
    ['is below the cause', [...base, span({ id: 'in', in: 'call', from: 110, to: 120, service: 'bank' })], 'call', ['in']],
    ['nothing is named as the cause', [...base, query('a', 10, 20)], '', ['a']],
    ['what is named is less than half', [base[0]!, query('x', 500, 900), query('a', 10, 20)], 'x', ['a']],
  ])('is never said where it %s', (_, spans, about, ids) => {
    expect(asked(spans, about, ...ids)).toBeUndefined()
  })

  it('may lie beside a fold, of which no single call is the cause, but never in it', () => {
    const many = Array.from({ length: 9 }, (_, i) => query(`q${i}`, 100 + i * 100, 195 + i * 100))
    const spans = [base[0]!, query('a', 10, 20, { name: 'GET' }), ...many]
    expect(asked(spans, 'q0', 'a')).toMatchObject({ count: 9, from: 100_000, lasts: 855_000 })
    expect(asked(spans, 'q0', 'q3')).toBeUndefined()
  })
})
