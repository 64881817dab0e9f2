import type { RepeatAnswer } from '#shared/schemas/trace'
import type { AttributeValue, Attributes, Span } from '#shared/trace/span'
import { showValue, sortKeys } from './span-facts'

const MOST_KEYS = 60
const MOST_VALUES = 3
const LONGEST = 300

type Compared = Pick<RepeatAnswer, 'same' | 'resource' | 'differs' | 'more'>

/** What like spans have in common, and in what they differ: the answer to "twelve times the same query, really?" */
export function compareAttributes(spans: readonly Span[]): Compared {
  const own = compare(spans.map(({ attributes, statusMessage }) => statusMessage ? { ...attributes, 'otel.status_description': statusMessage } : attributes))
  const resource = compare(spans.map(span => span.resource))
  const differs = [...own.differs, ...resource.differs]
  return {
    same: own.same.slice(0, MOST_KEYS),
    resource: resource.same.slice(0, MOST_KEYS),
    differs: differs.slice(0, MOST_KEYS),
    more: [own.same, resource.same, differs].reduce((sum, { length }) => sum + Math.max(0, length - MOST_KEYS), 0),
  }
}

function compare(all: readonly Attributes[]): Pick<Compared, 'same' | 'differs'> {
  const values = new Map<string, Map<string, { value: AttributeValue, spans: number }>>()
  for (const attributes of all) {
    for (const [key, value] of Object.entries(attributes)) {
      let counts = values.get(key)
      if (!counts) values.set(key, counts = new Map())
      const text = showValue(value)
      const known = counts.get(text)
      if (known) known.spans++
      else counts.set(text, { value, spans: 1 })
    }
  }
  const same: Compared['same'] = []
  const differs: Compared['differs'] = []
  for (const key of sortKeys(values.keys())) {
    const counts = [...values.get(key)!.values()]
    const absent = all.length - counts.reduce((sum, { spans }) => sum + spans, 0)
    if (counts.length === 1 && absent === 0) same.push({ key, value: cut(showValue(counts[0]!.value)) })
    else differs.push({ key, distinct: counts.length, absent, top: commonest(counts), ...rangeOf(counts.map(({ value }) => value)) })
  }
  return { same, differs }
}

function commonest(counts: { value: AttributeValue, spans: number }[]) {
  return counts.toSorted((a, b) => b.spans - a.spans).slice(0, MOST_VALUES).map(({ value, spans }) => ({ value: cut(showValue(value)), spans }))
}

function rangeOf(values: AttributeValue[]): { range?: { from: number, to: number } } {
  if (values.length < 2 || !values.every(value => typeof value === 'number')) return {}
  return { range: { from: values.reduce((least, value) => Math.min(least, value), Infinity), to: values.reduce((most, value) => Math.max(most, value), -Infinity) } }
}

const cut = (value: string) => value.length > LONGEST ? `${value.slice(0, LONGEST)}…` : value
