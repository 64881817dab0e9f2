import { splitCondition } from './condition-text'
import { durationText, parseDuration } from './duration-text'
import type { Condition } from './tokens'

/** In the order in which they are shown. */
export const traceConditions = ['service', 'operation', 'endpoint', 'consumer', 'min', 'max', 'failed', 'status', 'attribute'] as const
/** Those of which there can be several. */
export const manyTraceConditions = ['attribute']

const names = new Map<string, string>([
  ['service', 'service'], ['서비스', 'service'],
  ['operation', 'operation'], ['span', 'operation'], ['작업', 'operation'], ['스팬', 'operation'],
  ['endpoint', 'endpoint'], ['엔드포인트', 'endpoint'],
  ['consumer', 'consumer'], ['고객사', 'consumer'],
  ['min', 'min'], ['최소', 'min'], ['max', 'max'], ['최대', 'max'],
  ['status', 'status'], ['상태', 'status'],
])

/** A condition as it was typed: `service = pay`, `> 1 s`, `1초 이상`, `failed`, `4xx`, `GET /orders`, `any.key = value`. */
export function readTraceCondition(typed: string): Condition | undefined {
  const text = typed.trim()
  if (/^(failed|failed only|실패|실패만)$/i.test(text)) return { key: 'failed', value: 'true' }
  if (/^[2-5]xx$/i.test(text)) return { key: 'status', value: text.toLowerCase() }
  if (/^(GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS)\s+\S/i.test(text)) return endpoint(text)

  const bound = /^(?<sign>>=?|<=?|≥|≤)?\s*(?<duration>[\d.]+\s*[a-zµ초분]+)\s*(?<word>이상|이하|or more|or less)?$/iu.exec(text)?.groups
  if (bound && (bound.sign || bound.word)) {
    const upper = bound.sign ? /[<≤]/.test(bound.sign) : /이하|less/i.test(bound.word!)
    return duration(upper ? 'max' : 'min', bound.duration!)
  }

  const named = splitCondition(text)
  if (!named) return undefined
  const key = names.get(named.name.toLowerCase())
  switch (key) {
    case undefined: return { key: 'attribute', value: `${named.name}=${named.value}` }
    case 'min': case 'max': return duration(key, named.value)
    case 'status': return status(named.value)
    case 'endpoint': return endpoint(named.value)
    default: return { key, value: named.value }
  }
}

function duration(key: 'min' | 'max', text: string): Condition | undefined {
  const micros = parseDuration(text)
  return micros === undefined ? undefined : { key, value: durationText(micros) }
}

function status(value: string): Condition | undefined {
  if (/^[2-5]xx$/i.test(value)) return { key: 'status', value: value.toLowerCase() }
  // A code is not a class: it is found as what the span says of itself.
  return /^[1-5]\d\d$/.test(value) ? { key: 'attribute', value: `http.response.status_code=${value}` } : undefined
}

function endpoint(text: string): Condition | undefined {
  const [method, path] = text.trim().split(/\s+/, 2)
  return path ? { key: 'endpoint', value: `${method!.toUpperCase()} ${path}` } : undefined
}
