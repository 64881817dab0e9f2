import { logLevels, type LogLevelName } from '../log-level'
import { splitCondition } from './condition-text'
import { findTraceId } from './find-trace-id'
import type { Condition } from './tokens'

/** In the order in which they are shown; the text has a box of its own. */
export const logConditions = ['service', 'level', 'trace', 'span', 'attribute'] as const
export const manyLogConditions = ['service', 'attribute']

const names = new Map<string, string>([
  ['service', 'service'], ['서비스', 'service'],
  ['level', 'level'], ['severity', 'level'], ['수준', 'level'],
])

/** `service = pay`, `warn`, `error 이상`, a trace id from anywhere, `any.field = value`. */
export function readLogCondition(typed: string): Condition | undefined {
  const text = typed.trim()
  const level = levelOf(text.replace(/\s*(이상|and worse|\+)$/i, ''))
  if (level) return { key: 'level', value: level }

  const named = splitCondition(text)
  const key = named && names.get(named.name.toLowerCase())
  if (named && key === 'service') return { key, value: named.value }
  if (named && key === 'level') {
    const value = levelOf(named.value)
    return value && { key, value }
  }
  const found = findTraceId(text)
  if (found) return { key: 'trace', value: found.traceId }
  return named && { key: 'attribute', value: `${named.name}=${named.value}` }
}

function levelOf(text: string): LogLevelName | undefined {
  const word = text.toLowerCase() === 'warning' ? 'warn' : text.toLowerCase()
  return logLevels.find(level => level === word)
}
