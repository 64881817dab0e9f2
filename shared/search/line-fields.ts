/** The fields of a log line as they are shown: what went wrong first, then where in the trace, then who said so. */
export interface LineFields {
  error: [key: string, value: string][]
  fields: [key: string, value: string][]
  resource: [key: string, value: string][]
  /** Lines of the stack trace. */
  stack: string[]
}

const ofError = /^(exception\.|error\.|code\.|server\.address$|http\.response\.status_code$)/

export function lineFields({ attributes, resource, scope }: { attributes: Record<string, unknown>, resource: Record<string, unknown>, scope?: string }): LineFields {
  const rows = Object.entries(attributes).filter(([key]) => key !== 'exception.stacktrace').map(([key, value]) => [key, shown(value)] as [string, string])
  const stack = typeof attributes['exception.stacktrace'] === 'string' ? attributes['exception.stacktrace'].split(/\r?\n/).filter(line => line.trim()) : []
  return {
    error: rows.filter(([key]) => ofError.test(key)),
    fields: rows.filter(([key]) => !ofError.test(key)),
    resource: [...Object.entries(resource).map(([key, value]) => [key, shown(value)] as [string, string]), ...(scope ? [['logger', scope] as [string, string]] : [])],
    stack,
  }
}

function shown(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}
