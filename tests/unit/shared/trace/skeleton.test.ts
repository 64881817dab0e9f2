import { describe, expect, it } from 'vitest'
import { ColumnsError } from '../../../../shared/trace/columns'
import { decodeSkeleton, encodeSkeleton } from '../../../../shared/trace/skeleton'
import { FAILED, kindOf } from '../../../../shared/trace/span-table'
import { findWarnings } from '../../../../shared/trace/trace-warnings'
import { draw, idOf, shuffle, span } from '../../../support/spans'

const read = (spans: Parameters<typeof encodeSkeleton>[0]) => decodeSkeleton(encodeSkeleton(spans))

describe('the skeleton', () => {
  it('comes back as it was packed', () => {
    const trace = read([
      span({ id: 'r', from: 0, to: 100, kind: 'server', service: 'gate', httpStatus: 502 }),
      span({ id: 'q', in: 'r', from: 10, to: 30, kind: 'client', system: 'mysql', remote: 'orders', status: 'error', errorType: 'Deadlock' }),
    ])
    expect([...trace.start, ...trace.duration, ...trace.self, ...trace.parent]).toEqual([0, 10_000, 100_000, 20_000, 80_000, 20_000, -1, 0])
    expect([trace.total, trace.tick, trace.base, trace.main]).toEqual([100_000, 1, 1_763_875_267_412_000, 0])
    expect([trace.services, trace.names]).toEqual([['gate', 'shop'], ['r', 'q']])
    expect([0, 1].map(trace.httpStatusOf)).toEqual([502, undefined])
    expect([0, 1].map(trace.pillOf)).toEqual([{}, { system: 'mysql', remote: 'orders' }])
    expect([0, 1].map(trace.errorTypeOf)).toEqual([undefined, 'Deadlock'])
    expect([0, 1].map(i => [kindOf(trace, i), (trace.flags[i]! & FAILED) !== 0])).toEqual([['server', true], ['client', true]])
    expect(trace.keyOf(1)).toBe(idOf('q'))
    expect(trace.spanOf(idOf('q'))).toBe(1)
    expect(trace.spanOf('nobody')).toBe(-1)
  })

  it('finds spans by keys that are more than an id', () => {
    const trace = read([span({ id: 'b', from: 0, to: 9, kind: 'client' }), span({ id: 'b', from: 1, to: 5, kind: 'server', service: 'pay' })])
    expect([trace.keyOf(1), trace.spanOf(`${idOf('b')}-server`), trace.spanOf(idOf('b'))]).toEqual([`${idOf('b')}-server`, 1, 0])
  })

  it('says whose clock was corrected, per span', () => {
    const trace = read([span({ id: 'c', from: 0, to: 100, kind: 'client' }), span({ id: 's', in: 'c', from: -40, to: 20, kind: 'server', service: 'pay' })])
    expect([trace.skewOf(0), trace.skewOf(1)]).toEqual([undefined, { service: 'pay', ahead: -60_000, calls: 1 }])
  })

  it('takes about 30 bytes a span', () => {
    const spans = Array.from({ length: 10_000 }, (_, i) => span({ id: `${i}`, ...(i && { in: `${Math.floor(i / 5)}` }), name: `op ${i % 40}`, from: i, to: i + 5, service: `s${i % 9}` }))
    expect(encodeSkeleton(spans).byteLength / spans.length).toBeLessThan(34)
  })

  it('refuses bytes of another version', () => {
    const bytes = encodeSkeleton([])
    new Uint8Array(bytes)[0] = 99
    expect(() => decodeSkeleton(bytes)).toThrow(ColumnsError)
    expect(() => decodeSkeleton(new ArrayBuffer(3))).toThrow(ColumnsError)
  })

  it('holds names of any script and ids of any shape', () => {
    const trace = read([span({ id: 'r', from: 0, to: 1, name: '주문 확인 🔥', spanId: 'odd' })])
    expect([trace.names[0], trace.keyOf(0), trace.spanOf('odd')]).toEqual(['주문 확인 🔥', 'odd', 0])
  })
})

describe('repeats', () => {
  const timeline = `
    root    |====================|  server
      a      |=|                    client
      b         |=|
      c           |==|              client
      d               |=|           client
  `
  const named = draw(timeline).map(span => ({ ...span, name: span.kind === 'client' ? 'SELECT' : span.name }))

  it('gathers like siblings however they alternate with others', () => {
    const trace = read(shuffle(named))
    expect(trace.repeats.list).toEqual([{ first: 1, count: 3, together: 7_000, slowest: 3, median: 2_000, sequential: true }])
    expect([...trace.repeats.of]).toEqual([0, 1, 0, 1, 1])
  })

  it('counts overlapping time once and says that they overlap', () => {
    const trace = read(named.map(span => span.name === 'SELECT' ? { ...span, start: named[0]!.start, duration: 5_000 } : span))
    expect(trace.repeats.list[0]).toMatchObject({ together: 5_000, sequential: false })
  })

  it.each([
    ['start a little early, as whole milliseconds do', [[1, 3.4], [3, 5.9], [5, 7]], true],
    ['are as short as they overlap', [[1, 1.3], [1, 1.3], [1, 1.3]], false],
  ])('follow one another or not where they %s', (_, times, sequential) => {
    const trace = read([span({ id: 'root', from: 0, to: 20 }), ...times.map(([from, to], i) => span({ id: `q${i}`, in: 'root', name: 'SELECT', from: from!, to: to! }))])
    expect(trace.repeats.list[0]!.sequential).toBe(sequential)
  })

  it('leaves two of a kind alone, and keeps failed ones apart', () => {
    expect(read(named.map((span, i) => i === 4 ? { ...span, status: 'error' as const } : span)).repeats.list).toEqual([])
  })
})

describe('gaps', () => {
  const root = span({ id: 'r', from: 0, to: 1_000 })

  it('are where a span with children says nothing for 1 % of the request', () => {
    const trace = read([root, span({ id: 'a', in: 'r', from: 0, to: 100 }), span({ id: 'b', in: 'r', from: 240, to: 995 }), span({ id: 'c', in: 'r', from: 996, to: 1_000 })])
    expect(trace.gaps).toEqual([{ span: 0, from: 100_000, to: 240_000 }])
  })

  it('are not in leaves, and not inside calls', () => {
    const trace = read([root, span({ id: 'a', in: 'r', from: 0, to: 1_000, kind: 'client' }), span({ id: 's', in: 'a', from: 400, to: 600, kind: 'server', service: 'pay' })])
    expect(trace.gaps).toEqual([])
  })

  it('end where nobody waits any more', () => {
    const trace = read([
      root, span({ id: 'a', in: 'r', from: 0, to: 1_000, kind: 'client', status: 'error' }),
      span({ id: 's', in: 'a', from: 0, to: 3_000, kind: 'server', service: 'pay' }), span({ id: 'q', in: 's', from: 0, to: 900, service: 'pay' }),
    ])
    expect(trace.gaps).toEqual([{ span: 2, from: 900_000, to: 1_000_000 }])
  })
})

describe('warnings', () => {
  it.each([
    ['nothing to say', [span({ id: 'r', from: 0, to: 1 })], []],
    ['a caller that is not traced', [span({ id: 'r', in: 'x', from: 0, to: 1 })], ['trace.warning.caller_unknown']],
    ['orphans', [span({ id: 'r', from: 0, to: 1 }), span({ id: 'a', in: 'x', from: 0, to: 1 })], ['trace.warning.orphans']],
    ['no root', [span({ id: 'a', in: 'x', from: 0, to: 1 }), span({ id: 'b', in: 'x', from: 0, to: 1 })], ['trace.warning.no_root']],
    ['several roots', [span({ id: 'a', from: 0, to: 1 }), span({ id: 'b', from: 0, to: 1 })], ['trace.warning.roots']],
    ['a circle', [span({ id: 'r', from: 0, to: 9 }), span({ id: 'a', in: 'a', from: 0, to: 1 })], ['trace.warning.circle']],
    ['spans sent twice', [span({ id: 'a', from: 0, to: 1 }), span({ id: 'a', from: 0, to: 1 })], ['trace.warning.duplicates']],
    ['a clock that is behind', [span({ id: 'c', from: 0, to: 99, kind: 'client' }), span({ id: 's', in: 'c', from: -40, to: 20, kind: 'server', service: 'pay' })], ['trace.warning.clock_behind']],
    ['hours', [span({ id: 'c', from: 0, to: 9e6 })], ['trace.warning.coarse']],
  ])('%s', (_, spans, codes) => {
    expect(findWarnings(read(spans)).map(warning => warning.code)).toEqual(codes)
  })
})
