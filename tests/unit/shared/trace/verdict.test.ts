import { describe, expect, it } from 'vitest'
import { en } from '../../../../shared/text/en'
import { ko } from '../../../../shared/text/ko'
import { createText } from '../../../../shared/text/text'
import { decodeSkeleton, encodeSkeleton } from '../../../../shared/trace/skeleton'
import type { SkeletonSpan } from '../../../../shared/trace/skeleton-span'
import { findVerdict } from '../../../../shared/trace/verdict'
import { span } from '../../../support/spans'

const english = createText(en, { language: 'en', zone: 'UTC' })
const korean = createText(ko, { language: 'ko', zone: 'UTC' })

function verdict(spans: SkeletonSpan[], text = english) {
  const { fires, sentence, consequence } = findVerdict(decodeSkeleton(encodeSkeleton(spans)), 2_000_000)
  return [fires, text.sentence(sentence), consequence && text.sentence(consequence)]
}

/** The story of the look: external-api needs 11 s, business-service waits 8 of them. */
const timeout = [
  span({ id: 'gw', from: 0, to: 8_560, kind: 'server', service: 'api-gateway', name: 'POST /api/v1/process', httpStatus: 502, status: 'error' }),
  span({ id: 'call', in: 'gw', from: 40, to: 8_550, kind: 'client', service: 'api-gateway', status: 'error', httpStatus: 502 }),
  span({ id: 'biz', in: 'call', from: 46, to: 8_546, kind: 'server', service: 'business-service', status: 'error', httpStatus: 502 }),
  span({ id: 'ext', in: 'biz', from: 522, to: 8_522, kind: 'client', service: 'business-service', status: 'error', errorType: 'TimeoutError' }),
  span({ id: 'api', in: 'ext', from: 530, to: 11_750, kind: 'server', service: 'external-api', httpStatus: 200 }),
]
const root = (to: number, more: Partial<SkeletonSpan> = {}) => span({ id: 'r', from: 0, to, kind: 'server', service: 'gate', httpStatus: 200, ...more })

describe('the verdict', () => {
  it.each<[string, SkeletonSpan[], (string | number | undefined)[]]>([
    ['a call given up', timeout, [3, 'business-service gave up on external-api after exactly 8.00 s', 'external-api answered 200, but 3.19 s after the consumer had its 502.']],
    ['a call given up after no round time', timeout.map(s => s.kind === 'client' && s.errorType ? { ...s, duration: 7_863_000 } : s), [3, 'business-service gave up on external-api after 7.86 s', 'external-api answered 200, but 3.19 s after the consumer had its 502.']],
    ['a callee that is not instrumented', timeout.slice(0, 4).map(s => s.errorType ? { ...s, remote: 'bank.example' } : s), [3, 'business-service gave up on bank.example after exactly 8.00 s', 'The consumer had its 502 after 8.56 s.']],
    ['refused at once', [root(20, { httpStatus: 500 }), span({ id: 'c', in: 'r', from: 1, to: 3, kind: 'client', status: 'error', errorType: 'ECONNREFUSED', service: 'gate', remote: 'pay' })], [3, 'The call from gate to pay failed: ECONNREFUSED', 'The consumer had its 500 after 20 ms.']],
    ['a dependency that answers 503', [root(20, { httpStatus: 500 }), span({ id: 'c', in: 'r', from: 1, to: 3, kind: 'client', httpStatus: 503, service: 'gate', remote: 'pay' })], [3, 'pay answered gate with 503', 'The consumer had its 500 after 20 ms.']],
    ['an error of one\'s own', [root(20, { httpStatus: 500 }), span({ id: 'c', in: 'r', from: 1, to: 3, status: 'error', errorType: 'TokenExpired', service: 'gate', name: 'Token Validation' })], [3, 'gate failed in Token Validation: TokenExpired', 'The consumer had its 500 after 20 ms.']],
    ['an error that says nothing', [root(20, { httpStatus: undefined, status: 'error' })], [3, 'gate failed in r', 'The request failed after 20 ms.']],
    ['an answer of 500 and no more', [root(20, { httpStatus: 500 })], [3, 'gate answered r with 500', 'The consumer had its 500 after 20 ms.']],
    ['refused for the caller\'s fault', [root(20, { httpStatus: 401 })], [2, 'gate refused the request with 401', undefined]],
    ['one after another', [root(4_000), ...Array.from({ length: 40 }, (_, i) => span({ id: `q${i}`, in: 'r', name: 'settle.order', from: 10 + i * 90, to: 98 + i * 90 }))], [2, '40 × settle.order one after another: 3.52 s of 4.00 s', 'Answered 200, after 4.00 s.']],
    ['a slow database', [root(4_000), span({ id: 'q', in: 'r', from: 10, to: 3_010, kind: 'client', service: 'gate', system: 'mysql' })], [2, 'gate waited for mysql: 3.00 s of 4.00 s', 'Answered 200, after 4.00 s.']],
    ['so late that it is as bad as failed', [root(9_000), span({ id: 'q', in: 'r', from: 10, to: 8_010, name: 'render', service: 'gate' })], [3, 'gate was busy in render: 8.00 s of 9.00 s', 'Answered 200, after 9.00 s.']],
    ['slow work of its own', [root(4_000), span({ id: 'q', in: 'r', from: 10, to: 3_010, name: 'render', service: 'gate' })], [2, 'gate was busy in render: 3.00 s of 4.00 s', 'Answered 200, after 4.00 s.']],
    ['slow where nothing is instrumented', [root(4_000), span({ id: 'q', in: 'r', from: 10, to: 110, name: 'render', service: 'gate' })], [2, 'gate spent 3.89 s of 4.00 s where no span looks', 'Answered 200, after 4.00 s.']],
    ['slow in many places of one service', [root(4_000), ...[0, 1, 2].map(i => span({ id: `s${i}`, in: 'r', from: i * 1_300, to: i * 1_300 + 1_250, service: 'pay' }))], [2, 'pay took 3.75 s of 4.00 s', 'Answered 200, after 4.00 s.']],
    ['slow everywhere', [root(4_000), ...[0, 1, 2].map(i => span({ id: `s${i}`, in: 'r', from: i * 1_300, to: i * 1_300 + 1_300, service: `s${i}` }))], [2, 'No single step decides: s0 has the largest share, 32.5% of 4.00 s', 'Answered 200, after 4.00 s.']],
    ['healthy', [root(86), span({ id: 'q', in: 'r', from: 10, to: 60, service: 'pay' })], [1, 'Answered 200 after 86 ms', 'Most of it in pay: 50 ms, 58.1%.']],
    ['healthy after a second attempt', [root(86), span({ id: 'a', in: 'r', name: 'try', from: 10, to: 20, status: 'error' }), span({ id: 'b', in: 'r', name: 'try', from: 30, to: 40 })], [1, 'Answered 200 after 86 ms', 'One failed attempt was repeated and went well.']],
    ['an error survived', [root(86), span({ id: 'a', in: 'r', name: 'cache', from: 10, to: 20, status: 'error' })], [1, 'Answered 200 after 86 ms', 'cache in shop failed on the way; the request went well all the same.']],
    ...([[3_110, 'gate worked on for 110 ms after nobody waited any more.'], [3_010, 'Answered 200, after 4.00 s.']] as const).map(([to, consequence]): [string, SkeletonSpan[], (string | number | undefined)[]] => [
      `work that went on until ${to} ms`, [root(4_000), span({ id: 'c', in: 'r', from: 0, to: 3_000, kind: 'client', service: 'gate', remote: 'pay' }), span({ id: 's', in: 'c', from: 0, to, kind: 'server', service: 'gate' })],
      [2, 'gate was busy in s: 3.00 s of 4.00 s', consequence],
    ]),
    ['a message', [span({ id: 'm', from: 0, to: 50, kind: 'consumer', service: 'worker' })], [1, 'Done after 50 ms', 'Most of it in worker: 50 ms, 100%.']],
    ['unfinished', [span({ id: 'a', in: 'x', from: 0, to: 1 }), span({ id: 'b', in: 'x', from: 0, to: 3 })], [0, 'Its first span has not arrived; 3 spans so far', undefined]],
    ['nothing', [], [0, 'Nothing of this trace has arrived', undefined]],
  ])('%s', (_, spans, expected) => {
    expect(verdict(spans)).toEqual(expected)
  })

  it('speaks Korean', () => {
    expect(verdict(timeout, korean)).toEqual([3, 'business-service가 정확히 8.0초 만에 external-api 호출을 포기했습니다', 'external-api는 200으로 응답했지만, 고객사가 502를 받은 지 3.2초 뒤였습니다.'])
  })
})
