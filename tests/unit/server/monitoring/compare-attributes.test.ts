import { describe, expect, it } from 'vitest'
import { compareAttributes } from '#server/monitoring/compare-attributes'
import type { Attributes, Span } from '#shared/trace/span'

const spans = (all: Attributes[], more: Partial<Span> = {}) => all.map(attributes => ({ attributes, resource: {}, ...more }) as Span)

describe('what like spans have in common', () => {
  it('is every attribute that all of them say alike, the telling ones first', () => {
    expect(compareAttributes(spans([{ 'zz': true, 'db.query.text': 'SELECT 1', 'http.route': '/x' }, { 'http.route': '/x', 'db.query.text': 'SELECT 1', 'zz': true }]))).toEqual({
      same: [{ key: 'http.route', value: '/x' }, { key: 'db.query.text', value: 'SELECT 1' }, { key: 'zz', value: 'true' }], resource: [], differs: [], more: 0,
    })
  })

  it('is told apart from what their senders say of themselves', () => {
    const { resource, differs } = compareAttributes([...spans([{}], { resource: { 'service.version': '2', 'host.name': 'a' } }), ...spans([{}], { resource: { 'service.version': '2', 'host.name': 'b' } })])
    expect(resource).toEqual([{ key: 'service.version', value: '2' }])
    expect(differs).toEqual([{ key: 'host.name', distinct: 2, absent: 0, top: [{ value: 'a', spans: 1 }, { value: 'b', spans: 1 }] }])
  })

  it('includes what they say about their failure', () => {
    expect(compareAttributes(spans([{}, {}], { statusMessage: 'refused' })).same).toEqual([{ key: 'otel.status_description', value: 'refused' }])
  })
})

describe('in what they differ', () => {
  const differing = (...values: (Attributes[string] | undefined)[]) => compareAttributes(spans(values.map((value): Attributes => value === undefined ? {} : { k: value }))).differs

  it('is told with the commonest values first', () => {
    expect(differing('a', 'b', 'b', 'c', 'd')).toEqual([{ key: 'k', distinct: 4, absent: 0, top: [{ value: 'b', spans: 2 }, { value: 'a', spans: 1 }, { value: 'c', spans: 1 }] }])
  })

  it.each<[string, (Attributes[string] | undefined)[], object]>([
    ['numbers by their range', [38, 1, 7], { distinct: 3, range: { from: 1, to: 38 } }],
    ['numbers and words not by a range', [38, '1'], { distinct: 2 }],
    ['lists by what is in them', [['a'], ['a'], ['b']], { distinct: 2, top: [{ value: '["a"]', spans: 2 }, { value: '["b"]', spans: 1 }] }],
    ['what only some of them say', ['a', undefined, 'a'], { distinct: 1, absent: 1 }],
  ])('%s', (_, values, expected) => {
    const [found] = differing(...values)
    expect(found).toMatchObject(expected)
    expect('range' in found!).toBe('range' in expected)
  })

  it('stays small, whatever the senders said', () => {
    const wide = Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`k${i}`, 'x'.repeat(5_000)]))
    const { same, more } = compareAttributes(spans([wide, wide]))
    expect([same.length, more, same[0]!.value.length]).toEqual([60, 40, 301])
  })
})
