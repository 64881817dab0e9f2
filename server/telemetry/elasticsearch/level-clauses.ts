import { levelWords, logLevels, severityOf } from '#shared/log-level'
import type { LogLevel } from '../ports'
import type { Field, LogMapping } from './mapping'

export type Clause = Record<string, unknown>

export const all: Clause = { match_all: {} }
export const none: Clause = { match_none: {} }
/** Only where the field is what the clause takes it for. */
export const where = ({ indices }: Field, clause: Clause): Clause => (indices ? { bool: { filter: [{ terms: { _index: indices } }, clause] } } : clause)
export const anyOf = (should: Clause[]): Clause => (should.length === 1 ? should[0]! : should.length === 0 ? none : { bool: { should, minimum_should_match: 1 } })
const both = (filter: Clause[], not: Clause[] = []): Clause => ({ bool: { filter, ...(not.length && { must_not: not }) } })

/**
 * The lines of a level and worse, by the rule by which lines are read: OpenTelemetry's number, or the count of Node.js
 * loggers; where there is none the word, by how it begins; and `info` where that says nothing.
 */
export function atLeast(level: LogLevel, { fields }: LogMapping): Clause {
  const rank = logLevels.indexOf(level)
  if (rank === 0) return all
  const counts = [
    ...fields.severity.map(field => ({ field, least: 1, from: severityOf(rank), most: 24 })),
    ...fields.level.filter(({ kind }) => kind === 'number').map(field => ({ field, least: 0, from: rank * 10 + 10, most: undefined })),
  ]
  const numbered = counts.map(({ field, least, most }) => range(field, least, most))
  const words = fields.level.filter(({ kind }) => kind !== 'number')
  const worded = rank <= 2
    ? both([], [...numbered, ...begins(words, logLevels.slice(0, rank))])
    : both([anyOf(begins(words, logLevels.slice(rank)))], numbered)
  return anyOf([...counts.map(({ field, from, most }) => range(field, from, most)), worded])
}

/** Only the lines of this level. */
export function exactly(level: LogLevel, mapping: LogMapping): Clause {
  const worse = logLevels[logLevels.indexOf(level) + 1]
  return both([atLeast(level, mapping)], worse ? [atLeast(worse, mapping)] : [])
}

function range(field: Field, gte: number, lte: number | undefined): Clause {
  return where(field, { range: { [field.path]: { gte, ...(lte !== undefined && { lte }) } } })
}

function begins(fields: readonly Field[], levels: readonly LogLevel[]): Clause[] {
  return levels.flatMap(level => levelWords[level]).flatMap(word => fields.map(field => (
    where(field, { prefix: { [field.path]: field.kind === 'words' ? { value: word } : { value: word, case_insensitive: true } } }))))
}
