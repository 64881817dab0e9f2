import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { searchSpans } from '../../../../shared/trace/search-spans'
import { decodeSkeleton, encodeSkeleton } from '../../../../shared/trace/skeleton'
import type { SkeletonSpan } from '../../../../shared/trace/skeleton-span'
import { GAP_ROW, HIDDEN_ROW, NOTE_ROW, REPEAT_ROW, reveal, rowOf, SPAN_ROW, waterfallRows, wholeView, type WaterfallView } from '../../../../shared/trace/waterfall-rows'
import { idOf, span, wordOf } from '../../../support/spans'

const spans = [
  span({ id: 'root', from: 0, to: 1_000, kind: 'server' }),
  span({ id: 'check', in: 'root', from: 0, to: 100 }),
  span({ id: 'tiny', in: 'check', from: 10, to: 12 }),
  ...[1, 2, 3, 4].map(n => span({ id: `q${n}`, in: 'root', name: 'SELECT', from: 100 + 50 * n, to: 148 + 50 * n, kind: 'client', system: 'mysql' })),
  span({ id: 'in', in: 'q2', from: 201, to: 202 }),
  span({ id: 'call', in: 'root', from: 400, to: 990, kind: 'client', remote: 'bank', status: 'error', errorType: 'Timeout' }),
  span({ id: 'bank', in: 'call', from: 410, to: 980, kind: 'server', service: 'bank', httpStatus: 503 }),
]
const trace = decodeSkeleton(encodeSkeleton(spans))
const at = (word: string) => trace.spanOf(idOf(word))

function lines(view: Partial<WaterfallView>): string[] {
  const rows = waterfallRows(trace, { ...wholeView, ...view })
  expect(rows.shown + rows.folded + rows.hidden).toBe(trace.count)
  return Array.from({ length: rows.count }, (_, row) => {
    const ref = rows.ref[row]!
    const text = {
      [SPAN_ROW]: () => wordOf(trace.keyOf(ref)),
      [REPEAT_ROW]: () => `${trace.repeats.list[ref]!.count} × ${trace.names[trace.name[trace.repeats.list[ref]!.first]!]}`,
      [GAP_ROW]: () => `gap ${(trace.gaps[ref]!.to - trace.gaps[ref]!.from) / 1_000}`,
      [HIDDEN_ROW]: () => `${rows.hiddenAt.get(row)!.spans} hidden`,
      [NOTE_ROW]: () => `note ${ref}`,
    }[rows.kind[row]!]!()
    return '  '.repeat(rows.indent[row]!) + text
  })
}

describe('the rows of a waterfall', () => {
  it.each<[string, Partial<WaterfallView>, string[]]>([
    ['at first', {}, ['root', '  check', '    tiny', '    gap 88', '  gap 50', '  4 × SELECT', '  gap 52', '  call', '    bank']],
    ['repeats opened as a whole', { foldRepeats: false, gaps: false }, ['root', '  check', '    tiny', '  q1', '  q2', '    in', '  q3', '  q4', '  call', '    bank']],
    ['one fold opened', { openRepeats: new Set([0]), gaps: false }, ['root', '  check', '    tiny', '  4 × SELECT', '    q1', '    q2', '      in', '    q3', '    q4', '  call', '    bank']],
    ['a subtree folded', { folded: new Set([at('call'), at('check')]), gaps: false }, ['root', '  check', '  4 × SELECT', '  call']],
    ['to the second level', { level: 2, gaps: false }, ['root', '  check', '  4 × SELECT', '  call']],
    ['to the second level, but one opened', { level: 2, opened: new Set([at('call')]), gaps: false }, ['root', '  check', '  4 × SELECT', '  call', '    bank']],
    ['the root folded', { level: 1 }, ['root']],
    ['only what failed', { only: 'errors', gaps: false }, ['root', '  call', '    bank', '  7 hidden']],
    ['with lines under a span', { level: 1, notes: new Map([[0, [7, 8]]]) }, ['root', '  note 7', '  note 8']],
  ])('%s', (_, view, expected) => {
    expect(lines(view)).toEqual(expected)
  })

  it('hides what is short, unless it failed or the request waited for it', () => {
    const beside = [
      span({ id: 'root', from: 0, to: 1_000, kind: 'server' }), span({ id: 'path', in: 'root', from: 0, to: 990 }),
      span({ id: 'short', in: 'root', from: 3, to: 5 }), span({ id: 'bad', in: 'root', from: 6, to: 8, status: 'error' }), span({ id: 'step', in: 'root', from: 990, to: 1_000 }),
    ]
    const trace = decodeSkeleton(encodeSkeleton(beside))
    const rows = waterfallRows(trace, { ...wholeView, hideUnder: 0.02 })
    const shown = [...rows.kind.subarray(0, rows.count)].map((kind, row) => kind === SPAN_ROW ? wordOf(trace.keyOf(rows.ref[row]!)) : kind)
    expect(shown).toEqual(['root', 'path', 'bad', 'step', HIDDEN_ROW])
    expect(rows.hiddenAt.get(4)).toEqual({ spans: 1, ticks: 2_000 })
    const pinned = waterfallRows(trace, { ...wholeView, hideUnder: 0.02, pinned: new Set([2]) })
    expect(pinned.hidden).toBe(0)
  })

  it('leads to the row of a span, else to the fold or the ancestor that holds it', () => {
    const rows = waterfallRows(trace, { ...wholeView, gaps: false, folded: new Set([at('call')]) })
    expect(rowOf(trace, rows, at('check'))).toBe(1)
    expect(rowOf(trace, rows, at('in'))).toBe(3)
    expect(rowOf(trace, rows, at('bank'))).toBe(4)
  })

  it('opens the view so far that a span has a row', () => {
    const closed: WaterfallView = { ...wholeView, level: 1, hideUnder: 0.5, gaps: false }
    for (const word of ['tiny', 'in', 'bank']) {
      const view = reveal(trace, closed, at(word))
      const rows = waterfallRows(trace, view)
      expect([word, rows.ref[rowOf(trace, rows, at(word))]]).toEqual([word, at(word)])
    }
  })

  it('always accounts for every span', () => {
    const anySpan = fc.record({ parent: fc.nat(), start: fc.nat(1_000), duration: fc.nat(1_000), name: fc.constantFrom('a', 'b'), status: fc.constantFrom('unset' as const, 'error' as const) })
    fc.assert(fc.property(fc.array(anySpan, { minLength: 1, maxLength: 60 }), fc.record({
      level: fc.option(fc.integer({ min: 1, max: 5 }), { nil: undefined }), foldRepeats: fc.boolean(), hideUnder: fc.constantFrom(0, 0.01, 0.3, 2),
      only: fc.constantFrom(undefined, 'errors' as const, 'path' as const), folded: fc.uniqueArray(fc.nat(59)), openRepeats: fc.uniqueArray(fc.nat(5)), pinned: fc.uniqueArray(fc.nat(59)),
    }), (drafts, choice) => {
      const some = decodeSkeleton(encodeSkeleton(drafts.map(({ parent, ...rest }, i): SkeletonSpan => ({
        ...rest, kind: 'internal', service: 's', spanId: idOf(`${i}`), ...(i > 0 && { parentId: idOf(`${parent % i}`) }),
      }))))
      const view = { ...wholeView, ...choice, folded: new Set(choice.folded), openRepeats: new Set(choice.openRepeats), pinned: new Set(choice.pinned) }
      const rows = waterfallRows(some, view)
      expect(rows.shown + rows.folded + rows.hidden).toBe(some.count)
      expect(rows.kind.subarray(0, rows.count).filter(kind => kind === SPAN_ROW).length).toBe(rows.shown)
    }))
  })
})

describe('search in a trace', () => {
  it.each([
    ['select', ['q1', 'q2', 'q3', 'q4']],
    ['SELECT mysql', ['q1', 'q2', 'q3', 'q4']],
    ['bank', ['call', 'bank']],
    ['bank 503', ['bank']],
    ['timeout', ['call']],
    [idOf('tiny'), ['tiny']],
    ['nothing like it', []],
    ['  ', []],
  ])('%s', (query, words) => {
    expect([...searchSpans(trace, query)].map(i => wordOf(trace.keyOf(i)))).toEqual(words)
  })
})
