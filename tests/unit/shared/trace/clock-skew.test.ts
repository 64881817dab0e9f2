import { describe, expect, it } from 'vitest'
import { correctClocks } from '../../../../shared/trace/clock-skew'
import { linkSpans } from '../../../../shared/trace/span-links'
import { SKEWED } from '../../../../shared/trace/span-table'
import { buildSpanTree } from '../../../../shared/trace/span-tree'
import { span, type Drawn } from '../../../support/spans'

const call = (client: Partial<Drawn>, server: Partial<Drawn>, n = '') => [
  span({ id: `c${n}`, from: 0, to: 100, kind: 'client', service: 'gate', ...client }),
  span({ id: `s${n}`, in: `c${n}`, from: 0, to: 60, kind: 'server', service: 'pay', ...server }),
]
const skews = (spans: ReturnType<typeof call>) => correctClocks(linkSpans(spans)).skews

describe('clock skew', () => {
  it.each([
    ['inside its call: nothing to do', call({}, { from: 10, to: 70 }), []],
    ['before its call: moved to the middle', call({}, { from: -40, to: 20 }), [-60_000]],
    ['after its call', call({}, { from: 200, to: 260 }), [180_000]],
    ['minutes off', call({}, { from: 300_000, to: 300_060 }), [299_980_000]],
    ['less than a millisecond off: noise', call({}, { from: -0.5, to: 50 }), []],
    ['outliving a call that got no answer: no skew, it was given up', call({ status: 'error' }, { from: 10, to: 300 }), []],
    ['given up and begun too early: only the start is bounded', call({ status: 'error' }, { from: -4, to: 300 }), [-4_000]],
    ['begun late in a call given up', call({ status: 'error' }, { from: 90, to: 120 }), []],
    ['on the same machine: one clock', call({ host: 'm1' }, { host: 'm1', from: -40, to: 20 }), []],
  ])('%s', (_, spans, expected) => {
    expect(skews(spans).map(skew => skew.ahead)).toEqual(expected)
  })

  it('lets several calls narrow the difference', () => {
    const spans = [...call({}, { from: -40, to: 20 }), ...call({ from: 200, to: 290 }, { from: 141, to: 229 }, '2')]
    expect(skews(spans)).toEqual([{ service: 'pay', ahead: -60_000, calls: 2 }])
  })

  it('corrects per host, and only the host that is wrong', () => {
    const spans = [...call({}, { from: -40, to: 20, host: 'm1' }), ...call({}, { from: 10, to: 70, host: 'm2' }, '2')]
    expect(skews(spans)).toEqual([{ service: 'pay', host: 'm1', ahead: -60_000, calls: 1 }])
  })

  it('chains clocks along the calls', () => {
    const spans = [
      ...call({}, { from: 1_010, to: 1_090 }),
      span({ id: 'c2', in: 's', from: 1_020, to: 1_080, kind: 'client', service: 'pay' }),
      span({ id: 's2', in: 'c2', from: 5_030, to: 5_070, kind: 'server', service: 'bank' }),
    ]
    expect(skews(spans).map(skew => [skew.service, skew.ahead])).toEqual([['pay', 1_000_000], ['bank', 5_000_000]])
  })

  it('moves every span of the clock and keeps what was taken', () => {
    const tree = buildSpanTree([...call({}, { from: -40, to: 20 }), span({ id: 'q', in: 's', from: -30, to: 0, service: 'pay' })])
    expect([...tree.start]).toEqual([0, 20_000, 30_000])
    expect([...tree.flags].map(flags => (flags & SKEWED) !== 0)).toEqual([false, true, true])
    expect(tree.skews[tree.clock[2]!]!.ahead).toBe(-60_000)
  })
})
