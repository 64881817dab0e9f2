import type { z } from 'zod'
import type { Sentence, TextKey } from '../text/text'

/** What is wrong with one field, for the API's answer and the form alike. */
export interface FieldIssue {
  where: 'params' | 'query' | 'body'
  /** Dotted path: `filters.0.value`; empty for the whole. */
  field: string
  code: string
  params: Record<string, string | number>
}

export function fieldIssues(where: FieldIssue['where'], error: z.core.$ZodError): FieldIssue[] {
  return error.issues.flatMap((issue) => {
    const { code, params = {} } = issueSentence(issue)
    const fields = issue.code === 'unrecognized_keys' ? issue.keys.map(key => [...issue.path, key]) : [issue.path]
    return fields.map(path => ({ where, field: path.join('.'), code, params: params as FieldIssue['params'] }))
  })
}

/** A schema's own rule names its sentence: `.refine(isRoute, { params: { code: 'error.issue.route' } })`. */
export function issueSentence(issue: z.core.$ZodIssue): Sentence {
  switch (issue.code) {
    case 'invalid_type':
      return issue.input === undefined ? sentence('required') : sentence('type')
    case 'too_small':
      if (issue.origin === 'string') return Number(issue.minimum) === 1 ? sentence('required') : sentence('short', { minimum: Number(issue.minimum) })
      return issue.origin === 'array' || issue.origin === 'set' ? sentence('few', { minimum: Number(issue.minimum) }) : sentence('small', { minimum: Number(issue.minimum) })
    case 'too_big':
      if (issue.origin === 'string') return sentence('long', { maximum: Number(issue.maximum) })
      return issue.origin === 'array' || issue.origin === 'set' ? sentence('many', { maximum: Number(issue.maximum) }) : sentence('big', { maximum: Number(issue.maximum) })
    case 'invalid_format':
      return issue.format === 'email' ? sentence('email') : issue.format === 'url' ? sentence('url') : sentence('format')
    case 'invalid_value':
      return sentence('choice', { values: issue.values.map(String).join(', ') })
    case 'unrecognized_keys':
      return sentence('unknown')
    case 'custom':
      if (typeof issue.params?.code === 'string') {
        const { code, ...params } = issue.params
        return { code: code as TextKey, params }
      }
      return sentence('format')
    default:
      return sentence('format')
  }
}

function sentence(name: string, params?: Sentence['params']): Sentence {
  return { code: `error.issue.${name}` as TextKey, params }
}
