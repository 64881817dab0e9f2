import { describe, expect, it } from 'vitest'
import { firstRows, notesBySpan, openingView } from '../../../../shared/trace/opening-view'
import { rowGuides } from '../../../../shared/trace/row-guides'
import { decodeSkeleton, encodeSkeleton } from '../../../../shared/trace/skeleton'
import type { SkeletonSpan } from '../../../../shared/trace/skeleton-span'
import { waterfallRows, wholeView } from '../../../../shared/trace/waterfall-rows'
import { draw, idOf, span } from '../../../support/spans'

const read = (spans: SkeletonSpan[]) => decodeSkeleton(encodeSkeleton(spans))
const rowsOf = (spans: SkeletonSpan[], view = {}) => {
  const trace = read(spans)
  return firstRows(trace, { ...openingView(trace), gaps: false, ...view }, 100).first
}

describe('what a row shows', () => {
  it('names the service only where it changes', () => {
    const rows = rowsOf(draw(`
      root    |==========|  server
        a      |===|
        call       |====|   client
          pay       |==|    server [pay]
            sql      |=|    client
    `))
    expect(rows.map(row => [row.name, row.named])).toEqual([['root', true], ['a', false], ['call', false], ['pay', true], ['sql', false]])
  })

  it('is dark where no child runs, and marked where it is on the path', () => {
    const [root] = rowsOf([span({ id: 'r', from: 0, to: 10 }), span({ id: 'a', in: 'r', from: 2, to: 5 })])
    expect([root!.own, root!.path, root!.share]).toEqual([[0, 2_000, 5_000, 10_000], [0, 2_000, 5_000, 10_000], 1])
  })

  it('ends being waited for where its caller gave up', () => {
    const rows = rowsOf(draw(`
      call     |======|       client x
        pay     |==========|  server [pay] 200
          sql     |=======|   client
    `))
    expect(rows.map(row => [row.state, row.waited])).toEqual([['origin', undefined], [undefined, 7_000], [undefined, 7_000]])
  })

  it('says how many spans a folded one holds', () => {
    const spans = draw(`
      root    |==========|
        a      |===|
          b     |=|
    `)
    const rows = rowsOf(spans, { folded: new Set([1]) })
    expect(rows.map(row => [row.name, row.expandable, row.expanded, row.count])).toEqual([['root', true, true, undefined], ['a', true, false, 1]])
  })

  it('describes a fold by its members', () => {
    const spans = [span({ id: 'r', from: 0, to: 100 }), ...[1, 2, 3].map(n => span({ id: `q${n}`, in: 'r', name: 'SELECT', from: 10 * n, to: 10 * n + n, kind: 'client', system: 'mysql' }))]
    expect(rowsOf(spans)[1]).toMatchObject({ type: 'repeat', name: 'SELECT', count: 3, ticks: 3_000, together: 6_000, from: 10_000, to: 33_000, own: [10_000, 11_000, 20_000, 22_000, 30_000, 33_000], pill: 'mysql', expandable: true, expanded: false })
  })

  it('keeps the proportion of more parts than can be seen', () => {
    const busy = (long: number) => rowsOf([span({ id: 'r', from: 0, to: 2_000 }), ...Array.from({ length: 200 }, (_, i) => span({ id: `q${i}`, in: 'r', name: `n${i}`, from: i * 10, to: i * 10 + long }))])[0]!.own
    const dark = (own: number[]) => own.reduce((sum, at, i) => sum + (i % 2 ? at : -at), 0)
    expect(dark(busy(9))).toBe(0)
    expect(dark(busy(1))).toBeGreaterThan(1_900_000)
    expect(busy(1).length).toBeLessThanOrEqual(96)
  })

  it('tells places among siblings, holes and states', () => {
    const rows = rowsOf([
      span({ id: 'r', from: 0, to: 9, kind: 'server', httpStatus: 500 }), span({ id: 'a', in: 'r', from: 1, to: 2, status: 'error', errorType: 'Boom' }),
      span({ id: 'b', in: 'r', from: 3, to: 4 }), span({ id: 'x', in: 'lost', from: 5, to: 6, httpStatus: 404 }),
    ])
    expect(rows.map(row => [row.position, row.siblings, row.hole, row.state, row.error, row.status])).toEqual([
      [1, 2, undefined, 'below', undefined, 500], [1, 2, undefined, 'origin', 'Boom', undefined], [2, 2, undefined, undefined, undefined, undefined],
      [2, 2, 'missing', undefined, undefined, undefined], [1, 1, 'orphan', undefined, undefined, 404],
    ])
  })

  it('puts lines under their spans', () => {
    const trace = read([span({ id: 'r', from: 0, to: 9 })])
    expect([...notesBySpan(trace, [{ spanId: idOf('r') }, { spanId: 'nobody' }, {}, { spanId: idOf('r') }])]).toEqual([[0, [0, 3]]])
  })

  it('opens large traces with the short spans hidden', () => {
    const many = read(Array.from({ length: 1_200 }, (_, i) => span({ id: `${i}`, ...(i && { in: '0' }), from: 0, to: 1 })))
    expect([openingView(many).hideUnder, openingView(read([span({ id: 'r', from: 0, to: 1 })])).hideUnder]).toEqual([0.01, 0])
  })
})

describe('the guides of the tree', () => {
  const trace = read(draw(`
    root    |=============|  server 500
      a      |==|
        b     |=|
      c          |=======|
        d         |==|       client x
        e             |=|
  `))
  const rows = waterfallRows(trace, { ...wholeView, gaps: false })
  const bits = (column: Uint32Array) => [...column].map(mask => mask.toString(2))

  it('run on in a column while siblings follow', () => {
    expect(bits(rowGuides(trace, rows).below)).toEqual(['1', '11', '1', '10', '10', '0'])
  })

  it('are red from the origin of the error to the root', () => {
    expect(bits(rowGuides(trace, rows).chain)).toEqual(['1', '1', '1', '10', '0', '0'])
  })
})
