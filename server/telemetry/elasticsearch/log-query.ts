import type { LogQuery } from '../ports'
import { all, anyOf, atLeast, none, where, type Clause } from './level-clauses'
import type { Field, LogMapping } from './mapping'

const mostWords = 20
/** Ends of a word within a joined one (`order-17…`) that are tried; a word of its own has no such limit. */
const mostEndings = 1_000

/** Fields of each attribute that is asked for, found out before. */
export type AttributeFields = ReadonlyMap<string, Field[]>

/**
 * A question as a filter. What people typed only ever stands where a value is expected, so there is no syntax it could
 * become; a condition on something that no index has matches nothing.
 */
export function toFilter(query: LogQuery, mapping: LogMapping, attributes: AttributeFields): Clause {
  const { fields, time } = mapping
  if (!time) return none
  const filter = [
    within(query.window, time.path),
    ...wordsOf(query.text).map(word => hasWord(word, [...fields.message, ...fields.exception])),
    ...(query.services?.length ? [anyOf(query.services.flatMap(name => fields.service.map(field => sameText(field, name))))] : []),
    ...(query.level ? [atLeast(query.level, mapping)] : []),
    ...(query.traceId === undefined ? [] : [hasId(query.traceId, fields.traceId)]),
    ...(query.spanId === undefined ? [] : [hasId(query.spanId, fields.spanId)]),
    ...(query.attributes ?? []).map(({ key, value }) => anyOf((attributes.get(key) ?? []).flatMap(field => hasValue(field, value).map(clause => where(field, clause))))),
  ]
  return { bool: { filter: filter.filter(clause => clause !== all) } }
}

/** Half open; a nanosecond index refuses times before 1970. */
export function within({ from, to }: LogQuery['window'], path: string): Clause {
  const iso = (date: Date) => new Date(Math.max(0, date.getTime())).toISOString()
  return { range: { [path]: { gte: iso(from), lt: iso(to), format: 'strict_date_optional_time' } } }
}

/** Every word as the beginning of one; what holds neither letter nor digit is no word. */
export function wordsOf(text: string | undefined): string[] {
  return (text ?? '').split(/\s+/).map(word => word.replaceAll('\0', '')).filter(word => /[\p{L}\p{N}\p{Co}]/u.test(word)).slice(0, mostWords)
}

function hasWord(word: string, fields: readonly Field[]): Clause {
  const ways = ({ path, kind }: Field): Clause[] => {
    if (kind !== 'words') return [{ wildcard: { [path]: { value: `*${word.replace(/[*?\\]/g, '\\$&')}*`, case_insensitive: true } } }]
    // One word is looked up by how it begins, however many begin so.
    if (/^[\p{L}\p{N}]+$/u.test(word)) return [{ match_bool_prefix: { [path]: { query: word, operator: 'and' } } }]
    return [{ match_phrase: { [path]: { query: word } } }, { match_phrase_prefix: { [path]: { query: word, max_expansions: mostEndings } } }]
  }
  return anyOf(fields.flatMap(field => ways(field).map(clause => where(field, clause))))
}

/** Services are compared in lower case everywhere. */
function sameText(field: Field, value: string): Clause {
  return where(field, field.kind === 'words' ? { match_phrase: { [field.path]: { query: value } } } : { term: { [field.path]: { value, case_insensitive: true } } })
}

export function hasId(id: string, fields: readonly Field[]): Clause {
  return hasAnyId([id], fields)
}

/** Ids in the ways in which they are written: lower or upper case, and without the zeros in front. */
export function hasAnyId(ids: readonly string[], fields: readonly Field[]): Clause {
  const values = [...new Set(ids.flatMap((id) => {
    const lower = id.toLowerCase()
    const short = lower.replace(/^0{16}(?=[\da-f]{16}$)/, '')
    return [...lower.length === 16 ? [] : [lower, lower.toUpperCase()], short, short.toUpperCase()]
  }))]
  return anyOf(fields.map(field => where(field, { terms: { [field.path]: values } })))
}

/** Whether a line says anything in one of these. */
export function isGiven(fields: readonly Field[]): Clause {
  return anyOf(fields.map(field => where(field, { exists: { field: field.path } })))
}

function hasValue({ path, kind }: Field, value: string): Clause[] {
  if (kind === 'words') return [{ match_phrase: { [path]: { query: value } } }]
  if (kind === 'number') return Number.isFinite(Number(value)) && value.trim() !== '' ? [{ term: { [path]: value.trim() } }] : []
  if (kind === 'flag') return value === 'true' || value === 'false' ? [{ term: { [path]: value } }] : []
  return [{ term: { [path]: value } }]
}
