import { parser } from '@prometheus-io/lezer-promql'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { gained, gainedHistogram } from '#server/telemetry/prometheus/gained'
import { duration, fits, is, isAnyCase, isName, isOneOf, labelRef, selector, sumBy } from '#server/telemetry/prometheus/promql'

/** Label matchers of a query as a PromQL grammar reads them; undefined where it is none. */
function matchersIn(query: string): { label: string, operator: string, value: string }[] | undefined {
  const found: { label: string, operator: string, value: string }[] = []
  let broken = false
  parser.parse(query).iterate({ enter(node) {
    if (node.type.isError) broken = true
    if (node.name !== 'UnquotedLabelMatcher' && node.name !== 'QuotedLabelMatcher') return
    const [label, operator, value] = ['LabelName', 'MatchOp', 'StringLiteral'].map((name) => {
      const child = node.node.getChild(name) ?? (name === 'LabelName' ? node.node.getChild('QuotedLabelName') : null)
      return child ? query.slice(child.from, child.to) : ''
    })
    found.push({ label: label!, operator: operator!, value: JSON.parse(value!) as string })
  } })
  return broken ? undefined : found
}

const hostile = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.string({ unit: fc.constantFrom('"', '\\', '\n', '{', '}', '`', '\u2028', '\uD800', ',', '=', '~', '|', '.', '*', '(', ')', '한', '\0') }),
  fc.string({ minLength: 4_000, maxLength: 4_096 }),
)

describe('PromQL with values from outside', () => {
  it('IN-01: holds exactly one matcher with exactly that value', () => {
    fc.assert(fc.property(hostile, (value) => {
      expect(matchersIn(sumBy(['job'], `rate(${selector('calls_total', [is('http_route', value)])}[5m])`))).toEqual([{ label: 'http_route', operator: '=', value: value.toWellFormed() }])
    }), { numRuns: 300 })
  })

  it('IN-01: matches nothing but the value where it stands in a pattern', () => {
    fc.assert(fc.property(hostile, hostile, (value, other) => {
      const [oneOf] = matchersIn(selector('m', [isOneOf('route', [value, 'x'])]))!
      const [anyCase] = matchersIn(selector('m', [isAnyCase('job', value, '(.*/)?')]))!
      expect(new RegExp(`^(?:${oneOf!.value})$`, 's').test(value.toWellFormed())).toBe(true)
      expect(new RegExp(`^(?:${oneOf!.value})$`, 's').test(other.toWellFormed())).toBe(other.toWellFormed() === value.toWellFormed() || other === 'x')
      expect(new RegExp(`^(?:${anyCase!.value.replace('(?i)', '')})$`, 'is').test(`shop/${value.toWellFormed()}`)).toBe(true)
    }), { numRuns: 200 })
  })

  it.each(['a-b', 'a b', 'x{', '1a', 'a"b', ''])('IN-01: takes no name like %j', (name) => {
    expect(isName(name)).toBe(false)
    expect(() => selector(name, [])).toThrow(TypeError)
    expect(() => labelRef(name)).toThrow(TypeError)
  })

  it('quotes names that hold dots', () => {
    expect(selector('http.server.request.duration_seconds_count', [is('http.route', '/')])).toBe('{"http.server.request.duration_seconds_count","http.route"="/"}')
    expect(sumBy(['http.route', 'job'], 'x')).toBe('sum by ("http.route",job) (x)')
  })

  it.each([[60_000, '60s'], [1_500, '1500ms'], [0, '1ms']])('writes %d ms as %s', (ms, text) => expect(duration(ms)).toBe(text))

  it('is understood by the grammar whatever was gained', () => {
    const senders = { target: ['job', 'instance'], known: 'calls_total' }
    for (const range of [60_000, 86_400_000]) {
      for (const query of [gained(selector('calls_total', [fits('span_kind', 'a|b')]), range, senders), gainedHistogram('{"http.server.request.duration"}', range, senders)]) expect(matchersIn(sumBy(['le'], query))).toBeDefined()
    }
  })
})

