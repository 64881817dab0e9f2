import { describe, expect, it } from 'vitest'
import { ownIntervals, selfTimes } from '../../../../shared/trace/self-time'
import { buildSpanTree } from '../../../../shared/trace/span-tree'
import { draw, span } from '../../../support/spans'

describe('self time', () => {
  it.each([
    ['a leaf is all its own', `
      root  |=====|
    `, 6],
    ['overlapping children count once', `
      root  |==========|
        a     |===|
        b       |====|
    `, 4],
    ['children are clipped to the parent', `
      root  |=====|
        a      |========|
    `, 3],
    ['children that begin after the parent do not count', `
      root  |=====|
        a           |===|
    `, 6],
    ['a child inside another child takes nothing more', `
      root  |==========|
        a    |=======|
        b      |==|
    `, 3],
  ])('%s', (_, timeline, own) => {
    expect(selfTimes(buildSpanTree(draw(timeline)))[0]).toBe(own * 1_000)
  })

  it('is cut out of the bar where no child runs', () => {
    const tree = buildSpanTree([span({ id: 'r', from: 0, to: 10 }), span({ id: 'a', in: 'r', from: 0, to: 2 }), span({ id: 'b', in: 'r', from: 5, to: 10 })])
    expect(ownIntervals(tree, 0)).toEqual([[2_000, 5_000]])
  })
})
