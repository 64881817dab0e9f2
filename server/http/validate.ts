import { z } from 'zod'
import { AppError } from '#shared/errors'
import { fieldIssues, type FieldIssue } from '#shared/schemas/issue'

/** Objects take no field they do not name, whether their schema said so or not. */
export function strict<S extends z.ZodType>(schema: S): S {
  return (schema instanceof z.ZodObject ? schema.strict() : schema) as S
}

/** All that was sent is judged at once, so that the caller sees everything that is wrong with it. */
export function validate(parts: { where: FieldIssue['where'], schema: z.ZodType | undefined, value: unknown }[]): Record<FieldIssue['where'], unknown> {
  const issues: FieldIssue[] = []
  const parsed = { params: {}, query: {}, body: undefined } as Record<FieldIssue['where'], unknown>
  for (const { where, schema, value } of parts) {
    if (!schema) continue
    const result = schema.safeParse(value, { reportInput: true })
    if (result.success) parsed[where] = result.data
    else issues.push(...fieldIssues(where, result.error))
  }
  if (issues.length) throw new AppError('request.invalid', {}, { details: issues })
  return parsed
}

/** A field that was sent once is a string, more often a list: the schema says which it wants. */
export function readQuery(url: string): Record<string, string | string[]> {
  const start = url.indexOf('?')
  const query: Record<string, string | string[]> = Object.create(null)
  if (start === -1) return query
  for (const [name, value] of new URLSearchParams(url.slice(start + 1))) {
    const earlier = query[name]
    query[name] = earlier === undefined ? value : Array.isArray(earlier) ? [...earlier, value] : [earlier, value]
  }
  return query
}

export function readParams(params: Record<string, string> | undefined): Record<string, string> {
  try {
    return Object.fromEntries(Object.entries(params ?? {}).map(([name, value]) => [name, decodeURIComponent(value)]))
  }
  catch (cause) {
    throw new AppError('request.malformed', {}, { cause })
  }
}
