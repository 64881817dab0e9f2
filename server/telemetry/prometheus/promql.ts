/**
 * PromQL as text, with every value from outside made harmless. Names of metrics and labels are taken only where they
 * look like names; those that hold dots, which Prometheus 3 allows, are quoted.
 */

const plainName = /^[a-zA-Z_:][\w:]*$/
const plainLabel = /^[a-zA-Z_]\w*$/
const dottedName = /^[a-zA-Z_:][\w:.]*$/

export function isName(name: string): boolean {
  return dottedName.test(name)
}

/** A string literal: Go's escapes are JSON's, but for half a surrogate pair. */
export function quote(value: string): string {
  return JSON.stringify(value.toWellFormed())
}

export type Matcher = string

/** A label's name where PromQL wants one: in matchers, `by` and `on`. */
export function labelRef(label: string): string {
  if (plainLabel.test(label)) return label
  if (!dottedName.test(label)) throw new TypeError(`not a label: ${label}`)
  return quote(label)
}

export const toMatcher = ({ label, operator, value }: { label: string, operator: '=' | '!=' | '=~' | '!~', value: string }): Matcher => `${labelRef(label)}${operator}${quote(value)}`
export const is = (label: string, value: string): Matcher => `${labelRef(label)}=${quote(value)}`
export const isNot = (label: string, value: string): Matcher => `${labelRef(label)}!=${quote(value)}`

/** Exactly one of these, as anchored RE2. */
export function isOneOf(label: string, values: readonly string[]): Matcher {
  return values.length === 1 ? is(label, values[0]!) : `${labelRef(label)}=~${quote(values.map(escapeRegex).join('|'))}`
}

/** Whatever the case of its letters; `before` is a pattern of our own for what may stand ahead of it. */
export function isAnyCase(label: string, value: string, before = ''): Matcher {
  return `${labelRef(label)}=~${quote(`(?i)${before}${escapeRegex(value)}`)}`
}

/** One that fits a pattern of our own. */
export const fits = (label: string, pattern: string): Matcher => `${labelRef(label)}=~${quote(pattern)}`

export function escapeRegex(value: string): string {
  return value.replace(/[\\.+*?()|[\]{}^$]/g, '\\$&')
}

export function selector(name: string, matchers: readonly Matcher[]): string {
  if (!dottedName.test(name)) throw new TypeError(`not a metric: ${name}`)
  if (!plainName.test(name)) return `{${[quote(name), ...matchers].join(',')}}`
  return matchers.length ? `${name}{${matchers.join(',')}}` : name
}

/** Of all metrics at once. */
export const anyOf = (matchers: readonly Matcher[]) => `{${matchers.join(',')}}`

export function sumBy(labels: readonly string[], expression: string): string {
  return `sum by (${labels.map(labelRef).join(',')}) (${expression})`
}

/** Whole milliseconds; `0ms` is no range. */
export function duration(ms: number): string {
  const whole = Math.max(1, Math.round(ms))
  return whole % 1000 === 0 ? `${whole / 1000}s` : `${whole}ms`
}
