import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { contrastAttributes } from '../../../../server/diagnosis/attributes'
import { judgeConfidence, type Footing } from '../../../../server/diagnosis/confidence'
import { addContribution, type Contribution } from '../../../../server/diagnosis/contrast'
import { voteOnEdges } from '../../../../server/diagnosis/edge-blame'
import { LogHistogram } from '../../../../server/diagnosis/log-histogram'
import { maskMessage, TemplateTree } from '../../../../server/diagnosis/log-templates'
import { findOnset } from '../../../../server/diagnosis/onset'
import { defaults } from '../../../../server/diagnosis/parameters'
import { createRandom } from '../../../../server/diagnosis/random'
import { findCommonOnset } from '../../../../server/diagnosis/symptoms'
import type { Summary } from '../../../../server/diagnosis/summary'
import type { Traces } from '../../../../shared/trace/trace-columns'
import { Vocabulary } from '../../../../server/diagnosis/vocabulary'
import { jitter } from '../../../support/diagnosis'

describe('the onset', () => {
  const at = Array.from({ length: 60 }, (_, i) => i * 10e6)

  it.each([
    ['a jump', 40, (i: number) => i >= 40 ? 2 : 1],
    ['a jump near the end', 57, (i: number) => i >= 57 ? 3 : 1],
    ['a jump that goes up and down', 30, (i: number) => i >= 30 ? i % 2 ? 1.4 : 2.6 : 1],
  ])('%s is found to the step', (_, split, level) => {
    const values = at.map((_, i) => [level(i) * jitter(i), 0])
    expect(findOnset({ at, values })?.onset).toBe(at[split])
  })

  it('noise has none', () => {
    const random = createRandom(3)
    expect(findOnset({ at, values: at.map(() => [random(), random() / 10]) })).toBeUndefined()
  })

  it.each<[string, (i: number) => number, { step?: number, over: [number, number][] }]>([
    ['a disturbance that is over is none of the present one', i => i >= 50 ? 1.8 : i >= 20 && i < 35 ? 8 : 1, { step: 50, over: [[20, 35]] }],
    ['one that became milder began with its worst', i => i >= 45 ? 5 : i >= 30 ? 8 : 1, { step: 30, over: [] }],
    ['one that became worse began with its first step', i => i >= 52 ? 8 : i >= 40 ? 5 : 1, { step: 40, over: [] }],
    ['one that is over leaves nothing', i => i >= 20 && i < 35 ? 8 : 1, { over: [[20, 35]] }],
  ])('%s', (_, level, { step, over }) => {
    const random = createRandom(3)
    const found = findCommonOnset([{ at, values: at.map((_, i) => [level(i) + 0.3 * random(), 0]) }], { at: at.at(-1)!, excluded: [] }, defaults)
    expect(found?.onset).toBe(step === undefined ? undefined : at[step])
    if (found) expect(found.over).toEqual(over.map(([from, to]) => ({ from: at[from], to: at[to] })))
  })

  it('is not looked for in windows of other incidents', () => {
    const values = at.map((_, i) => [(i >= 30 && i < 50 ? 8 : i >= 55 ? 3 : 1) * jitter(i), 0])
    expect(findCommonOnset([{ at, values }], { at: at.at(-1)!, excluded: [{ from: at[30]!, to: at[50]! }] }, defaults)?.onset).toBe(at[55])
  })

  it('is looked for in the window of one that goes on', () => {
    const values = at.map((_, i) => [(i >= 50 ? 3 : 1) * jitter(i), 0])
    expect(findCommonOnset([{ at, values }], { at: at.at(-1)!, excluded: [{ from: at[45]!, to: at.at(-1)! }] }, defaults)?.onset).toBe(at[50])
  })

  it('failures count where durations stay', () => {
    expect(findOnset({ at, values: at.map((_, i) => [jitter(i), i >= 50 ? 2 : 0]) })?.onset).toBe(at[50])
  })

  it('looks for no beginning after it was noticed, however much clearer a later change is', () => {
    const noise = createRandom(5)
    const rising = (later: number) => ({ at, values: at.map((_, i) => [0.3 * noise() + (i >= 54 ? later : 0), 0.3 * noise() + (i >= 45 ? 0.5 : 0)]) })
    const [failing, busier] = [rising(0), rising(5)]
    const input = { at: at.at(-1)!, excluded: [] }
    expect(findCommonOnset([failing, busier], input, defaults)?.onset).toBe(at[54])
    expect(findCommonOnset([failing, busier], { ...input, noticed: at[48]! }, defaults)?.onset).toBe(at[45])
    // What is over again a minute after it was noticed is what is asked about all the same.
    const over = { at, values: at.map((_, i) => [0.3 * noise(), 0.3 * noise() + (i >= 45 && i < 52 ? 1 : 0)]) }
    expect(findCommonOnset([over], { ...input, noticed: at[48]! }, defaults)).toMatchObject({ onset: at[45], over: [] })
    // Noticed before there was anything to compare with: then what shows is all there is.
    expect(findCommonOnset([failing], { ...input, noticed: at[5]! }, defaults)?.onset).toBe(at[45])
  })
})

describe('the parts of a change', () => {
  const sums = fc.record({ units: fc.integer({ min: 1, max: 1_000 }), calls: fc.integer({ min: 0, max: 5_000 }), time: fc.integer({ min: 0, max: 10_000_000 }) })
    .map(({ units, calls, time }) => ({ units, calls, time: calls === 0 ? 0 : time }))

  it('sum to it, whatever was called how often and for how long', () => {
    fc.assert(fc.property(sums, sums, (was, is) => {
      const part: Contribution = { total: 0, duration: 0, rate: 0, product: 0 }
      addContribution(part, 1, was, is)
      expect(part.duration + part.rate + part.product).toBeCloseTo(part.total, 3)
      expect(part.total).toBeCloseTo(is.time / is.units - was.time / was.units, 6)
    }))
  })

  it.each<[string, Parameters<typeof addContribution>[2], Parameters<typeof addContribution>[3], Contribution]>([
    ['longer calls', { units: 10, calls: 10, time: 1_000 }, { units: 10, calls: 10, time: 3_000 }, { total: 200, duration: 200, rate: 0, product: 0 }],
    ['more calls', { units: 10, calls: 10, time: 1_000 }, { units: 10, calls: 30, time: 3_000 }, { total: 200, duration: 0, rate: 200, product: 0 }],
    ['calls that never were', { units: 10, calls: 0, time: 0 }, { units: 10, calls: 10, time: 1_000 }, { total: 100, duration: 0, rate: 100, product: 0 }],
  ])('%s', (_, was, is, expected) => {
    const part: Contribution = { total: 0, duration: 0, rate: 0, product: 0 }
    addContribution(part, 1, was, is)
    expect(part).toEqual(expected)
  })
})

describe('whom an edge is blamed on', () => {
  /** Edges as `caller callee before after`, each with a hundred calls of so many milliseconds. */
  function vote(edges: [caller: number, callee: number, before: number, after: number][]) {
    const vocabulary = new Vocabulary()
    const summary = (): Summary => ({ units: 100, endpoints: [], cells: [], calls: [], callCells: [], operations: [], keys: [] })
    const before = summary()
    const after = summary()
    for (const [caller, callee, was, is] of edges) {
      vocabulary.edge(vocabulary.operations.add(caller, 100 + caller), callee, 0)
      before.keys.push({ seen: 100, calls: 100, self: was * 100_000, times: new LogHistogram() })
      after.keys.push({ seen: 100, calls: 100, self: is * 100_000, times: new LogHistogram() })
    }
    return voteOnEdges({ charges: { vocabulary }, before, after, parameters: defaults })
  }

  it.each<[string, [number, number, number, number][], [number, number], 'caller' | 'callee']>([
    ['all callers of one wait: the one', [[1, 9, 10, 90], [2, 9, 10, 95], [3, 9, 10, 92]], [1, 9], 'callee'],
    ['one of several callers waits: its side', [[1, 9, 10, 90], [2, 9, 10, 10], [3, 9, 10, 10]], [1, 9], 'caller'],
    ['one caller waits for everyone: the caller', [[1, 7, 10, 90], [1, 8, 10, 90], [1, 9, 10, 90], [2, 9, 10, 10]], [1, 9], 'caller'],
    ['nobody else to ask: the callee, by the prior', [[1, 9, 10, 90]], [1, 9], 'callee'],
  ])('%s', (_, edges, [caller, callee], guilty) => {
    const blame = vote(edges)(caller, callee)
    expect(blame.caller > 0.5 ? 'caller' : 'callee').toBe(guilty)
  })
})

describe('what the bad ones have in common', () => {
  const texts = ['', 'service.instance.id', 'service.version', 'api.client.id', 'status.text', ...Array.from({ length: 12 }, (_, i) => `v${i}`)]
  /** Pairs: instances 0-3, versions 4-5, clients 6-9, a text that only failures carry 10. */
  const table = {
    texts, pairKey: Uint32Array.of(1, 1, 1, 1, 2, 2, 3, 3, 3, 3, 4), pairValue: Uint32Array.from({ length: 11 }, (_, i) => 5 + i),
  } as Pick<Traces, 'texts' | 'pairKey' | 'pairValue'> as Traces
  const population = (isBad: (i: number) => boolean, usual = 0) => {
    const pairs = Array.from({ length: 400 }, (_, i) => [i % 4, i % 4 === 3 ? 5 : 4, 6 + Math.floor(i / 4) % 4, ...(isBad(i) ? [10] : [])])
    return { pairs, bad: pairs.map((_, i) => isBad(i)), usual }
  }
  const valueOf = (pair: number) => texts[table.pairValue[pair]!]

  it.each<[string, (i: number) => boolean, string | undefined, string | undefined]>([
    ['one client', i => Math.floor(i / 4) % 4 === 1, valueOf(7), undefined],
    ['one instance', i => i % 4 === 1 && i % 3 > 0, valueOf(1), undefined],
    ['one version rather than its only instance', i => i % 4 === 3, valueOf(5), undefined],
    ['two values only together', i => i % 4 === 2 && Math.floor(i / 4) % 4 === 1, valueOf(2), valueOf(7)],
    ['everywhere alike', i => i % 7 === 0, undefined, undefined],
  ])('%s', (_, isBad, value, and) => {
    const { found } = contrastAttributes(population(isBad), table, defaults)
    expect(found && texts[found.value]).toBe(value)
    expect(found?.and && texts[found.and.value]).toBe(and)
  })

  it('a machine rather than the id that its process drew', () => {
    const named = { ...table, texts: texts.with(6, '52875a41-b6b6-4820-b66f-0ac3f903cf24').with(2, 'host.name').with(9, 'business-1').with(10, 'business-2') }
    // Instance 1 is the only one on its host.
    const pairs = Array.from({ length: 400 }, (_, i) => [i % 4, i % 4 === 1 ? 5 : 4])
    const { found } = contrastAttributes({ pairs, bad: pairs.map(([instance]) => instance === 1), usual: 0 }, named, defaults)
    expect(found && named.texts[found.value]).toBe('business-2')
  })

  it('what is bad by habit is taken off first', () => {
    const { found } = contrastAttributes(population(i => i % 4 === 1 || i % 20 === 0, 0.05), table, defaults)
    expect(found && texts[found.value]).toBe(valueOf(1))
  })

  it('says what was looked at in vain', () => {
    expect(contrastAttributes(population(i => i % 7 === 0), table, defaults).even).toContainEqual({ attribute: 1, values: 4 })
  })
})

describe('confidence', () => {
  const sure: Footing = { stability: 1, draws: 50, explained: 0.9, calls: 200, completeness: 1, shortBaseline: false, change: 2, hasOnset: true, isWithinWindow: false, isWeak: false, isHole: false, isOverrun: false, isUnbegun: false }

  it.each<[string, Partial<Footing>, string, string]>([
    ['all is well', {}, 'high', 'stable'],
    ['another winner in one of eight', { stability: 0.88 }, 'medium', 'partly'],
    ['it explains less than half', { explained: 0.4 }, 'medium', 'partly'],
    ['few calls', { calls: 12 }, 'medium', 'thin'],
    ['there is nothing from before', { isWithinWindow: true, hasOnset: false }, 'medium', 'within_window'],
    ['there is nothing from before, and another winner in one of eight', { isWithinWindow: true, hasOnset: false, stability: 0.88 }, 'low', 'within_window'],
    ['hardly any calls', { calls: 4 }, 'low', 'few_calls'],
    ['winners change', { stability: 0.5 }, 'low', 'unstable'],
    ['callers are missing', { completeness: 0.8 }, 'medium', 'incomplete'],
    ['a short baseline', { shortBaseline: true }, 'medium', 'short_baseline'],
    ['a short baseline, but unmistakable', { shortBaseline: true, change: 5 }, 'high', 'stable'],
    ['others were overrun by the same surge', { isOverrun: true, change: 20 }, 'medium', 'overrun'],
    ['a limit on what the callee had not begun', { isUnbegun: true, change: 20 }, 'medium', 'unbegun'],
    ['no beginning', { hasOnset: false }, 'low', 'no_onset'],
    ['below the thresholds', { isWeak: true }, 'low', 'weak'],
    ['a hole in the telemetry', { isHole: true, stability: 0, explained: 0 }, 'high', 'hole'],
    ['a hole that few calls fell into', { isHole: true, calls: 8 }, 'medium', 'hole'],
  ])('%s', (_, change, confidence, reason) => {
    expect(judgeConfidence({ ...sure, ...change })).toMatchObject({ confidence, reason: { code: `diagnosis.confidence.${reason}` } })
  })
})

describe('log templates', () => {
  it.each([
    ['order 4711 took 12.5 ms', 'order <*> took <*> ms'],
    ['user "Kim" from 10.0.0.7:443', 'user <*> from <*>'],
    ['trace 4bf92f3577b34da6a3ce929d0e0e4736 done', 'trace <*> done'],
    ['mail to kim@partner.example failed', 'mail to <*> failed'],
    ['주문 100건 처리', '주문 <*>건 처리'],
  ])('%s', (line, expected) => {
    expect(maskMessage(line)).toBe(expected)
  })

  it('lines that differ in a word are one template, other lines another', () => {
    const tree = new TemplateTree()
    const first = tree.add('shop', 'payment for order 1 accepted by kakao')
    expect(tree.add('shop', 'payment for order 2 accepted by toss')).toBe(first)
    expect(tree.add('shop', 'payment for order 3 was not found')).not.toBe(first)
    expect(tree.add('other', 'payment for order 2 accepted by toss')).not.toBe(first)
    expect(tree.textOf(first)).toBe('payment for order <*> accepted by <*>')
  })
})
