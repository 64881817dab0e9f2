import { describe, expect, it } from 'vitest'
import { linkSpans } from '../../../../shared/trace/span-links'
import { CUT, MISSING, ORPHAN } from '../../../../shared/trace/span-table'
import { buildSpanTree } from '../../../../shared/trace/span-tree'
import type { SkeletonSpan } from '../../../../shared/trace/skeleton-span'
import { draw, idOf, shuffle, span, wordOf } from '../../../support/spans'

/** `root(a(b) c)`; a placeholder is written `?id`. */
function shape(spans: SkeletonSpan[]): string {
  const tree = buildSpanTree(spans)
  let text = ''
  for (let i = 0; i < tree.count; i++) {
    const climb = i ? tree.depth[i - 1]! - tree.depth[i]! : 0
    text += i === 0 ? '' : climb < 0 ? '(' : `${')'.repeat(climb)} `
    text += (tree.flags[i]! & MISSING ? '?' : '') + wordOf(tree.keys[i]!) + tree.keys[i]!.slice(16)
  }
  return text + ')'.repeat(tree.count ? tree.depth[tree.count - 1]! : 0)
}

describe('the span tree', () => {
  it('stands depth first, siblings by start, whatever the order of arrival', () => {
    const spans = draw(`
      root     |==========|
        c               |==|
        a       |==|
          b      |=|
    `)
    expect(shape(spans)).toBe('root(a(b) c)')
    for (let seed = 1; seed < 20; seed++) expect(shape(shuffle(spans, seed))).toBe('root(a(b) c)')
  })

  it('knows parents, depths and subtree sizes', () => {
    const tree = buildSpanTree(draw(`
      root     |==========|
        a       |==|
          b      |=|
        c               |==|
    `))
    expect([...tree.parent]).toEqual([-1, 0, 1, 0])
    expect([...tree.depth]).toEqual([0, 1, 2, 1])
    expect([...tree.size]).toEqual([4, 2, 1, 1])
  })

  it('puts children of a parent that is not here under a placeholder around them', () => {
    const spans = [span({ id: 'root', from: 0, to: 10 }), span({ id: 'x', in: 'lost', from: 2, to: 4 }), span({ id: 'y', in: 'lost', from: 5, to: 9 })]
    expect(shape(spans)).toBe('root ?lost(x y)')
    const tree = buildSpanTree(spans)
    expect([tree.start[1], tree.duration[1]]).toEqual([2_000, 7_000])
    expect(tree.flags[2]! & ORPHAN).toBeTruthy()
    expect(tree.main).toBe(0)
  })

  it('needs no placeholder above the only request of a trace whose caller is not traced', () => {
    const tree = buildSpanTree([span({ id: 'gate', in: 'partner', from: 0, to: 9, kind: 'server' }), span({ id: 'a', in: 'gate', from: 1, to: 2 })])
    expect([tree.count, tree.main, tree.flags[0]! & ORPHAN]).toEqual([2, 0, ORPHAN])
  })

  it('takes the longest of what is there for the request when the root has not arrived', () => {
    const tree = buildSpanTree([span({ id: 'a', in: 'root', from: 0, to: 2 }), span({ id: 'b', in: 'root', from: 3, to: 9 })])
    expect(wordOf(tree.keys[tree.main]!)).toBe('b')
  })

  it('begins with the first of several roots', () => {
    const tree = buildSpanTree([span({ id: 'late', from: 5, to: 50 }), span({ id: 'first', from: 0, to: 2 })])
    expect(wordOf(tree.keys[tree.main]!)).toBe('first')
  })

  it.each([
    ['a span that is its own parent', [span({ id: 'a', in: 'a', from: 0, to: 2 })], 'a'],
    ['two that name each other', [span({ id: 'a', in: 'b', from: 0, to: 2 }), span({ id: 'b', in: 'a', from: 1, to: 2 })], 'a(b)'],
    ['a longer circle with a tail', [span({ id: 'c', in: 'b', from: 2, to: 3 }), span({ id: 'a', in: 'c', from: 0, to: 2 }), span({ id: 'b', in: 'a', from: 1, to: 2 }), span({ id: 't', in: 'c', from: 4, to: 5 })], 'a(b(c(t)))'],
  ])('cuts circles at their earliest span: %s', (_, spans, expected) => {
    for (let seed = 1; seed < 10; seed++) {
      expect(shape(shuffle(spans, seed))).toBe(expected)
      expect(buildSpanTree(shuffle(spans, seed)).flags[0]! & CUT).toBeTruthy()
    }
  })

  it('keeps a span once that was sent twice, and says so', () => {
    const once = span({ id: 'a', from: 0, to: 5 })
    const shorter = { ...once, duration: 1 }
    for (const sent of [[once, shorter, once], [shorter, once, once]]) {
      const tree = buildSpanTree(sent)
      expect([tree.count, tree.duplicates, tree.duration[0]]).toEqual([1, 2, 5_000])
    }
  })

  it('hangs a server that shares its id under the client, and what follows under the server', () => {
    const spans = [
      span({ id: 'a', from: 0, to: 20, service: 'gate' }),
      span({ id: 'b', in: 'a', from: 1, to: 19, service: 'gate', kind: 'client' }),
      span({ id: 'b', in: 'a', from: 2, to: 18, service: 'pay', kind: 'server' }),
      span({ id: 'c', in: 'b', from: 3, to: 5, service: 'pay' }),
    ]
    for (let seed = 1; seed < 10; seed++) expect(shape(shuffle(spans, seed))).toBe('a(b(b-server(c)))')
  })

  it('gives every span a key of its own', () => {
    const { keys } = linkSpans([
      span({ id: 'b', from: 0, to: 2, service: 'x', kind: 'server' }), span({ id: 'b', from: 0, to: 2, service: 'y', kind: 'server' }),
      span({ id: 'b', from: 0, to: 2, service: 'z', kind: 'client' }),
    ])
    expect(keys).toEqual([`${idOf('b')}-server-x`, `${idOf('b')}-server-y`, idOf('b')])
  })

  it('takes a duration below zero for zero, and zero for a duration', () => {
    const tree = buildSpanTree([span({ id: 'a', from: 0, to: 0 }), span({ id: 'b', in: 'a', from: 0, to: -5 })])
    expect([...tree.duration]).toEqual([0, 0])
  })

  it('keeps traces longer than 71 minutes, in coarser ticks', () => {
    const tree = buildSpanTree([span({ id: 'a', from: 0, to: 3 * 3_600_000 })])
    expect(tree.tick).toBe(3)
    expect(tree.duration[0]! * tree.tick).toBe(3 * 3_600_000_000)
  })

  it.each([
    ['1,000 deep', 1_000, (i: number) => i - 1],
    ['100,000 deep', 100_000, (i: number) => i - 1],
    ['20,000 wide', 20_001, () => 0],
    ['100,000 in all', 100_000, (i: number) => Math.floor((i - 1) / 5)],
  ])('holds %s', (_, count, parentOf) => {
    const spans = Array.from({ length: count }, (_, i): SkeletonSpan => ({
      spanId: i.toString(16).padStart(16, '0'), ...(i > 0 && { parentId: parentOf(i).toString(16).padStart(16, '0') }),
      name: 'step', kind: 'internal', service: 's', status: 'unset', start: 1_000 + i, duration: 10,
    }))
    const tree = buildSpanTree(spans)
    expect(tree.count).toBe(count)
    expect(tree.size[0]).toBe(count)
  }, 30_000)

  it('is empty for nothing', () => {
    expect(buildSpanTree([])).toMatchObject({ count: 0, main: -1 })
  })
})
